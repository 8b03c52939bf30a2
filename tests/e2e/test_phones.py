"""The demo's phones, end to end: what is sent to them is reported, and what they answer is obeyed."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.e2e.conftest import Desk, clean_environment, eventually
from tests.providers.vendor import closed_port

pytestmark = pytest.mark.e2e
NUMBER = "+14155550100"


@pytest.fixture
async def demo_desk(tmp_path: Path) -> AsyncIterator[Desk]:
    """No token: the demo, on ports that are known."""
    ports = {name: str(closed_port()) for name in ("DEMO_PORT", "DEMO_SMTP_PORT", "WEB_PORT")}
    desk = Desk(tmp_path, clean_environment() | ports | {"SANDBOX_API_KEY": "a key of one's own"})
    yield desk
    await desk.stop()


async def test_a_phone_that_answers_stop_gets_no_more_sms(demo_desk: Desk):
    """Its WhatsApp is another matter."""
    await demo_desk.start()
    phones = f"http://127.0.0.1:{demo_desk.env['DEMO_PORT']}/demo/api/phones"
    web = f"http://127.0.0.1:{demo_desk.env['WEB_PORT']}"
    async with httpx.AsyncClient(trust_env=False) as http:

        async def is_up() -> bool:
            try:
                return (await http.get(f"{web}/readyz")).status_code == 200
            except httpx.HTTPError:
                return False

        await eventually(is_up, "the web server")
        first = await sent(demo_desk, "sms")
        await eventually(lambda: has_become(demo_desk, first["id"], "delivered"), "a report that it arrived")
        await http.post(f"{phones}/{NUMBER}/replies", json={"text": "Stop.", "channel": "sms"})

        async def is_refused() -> bool:
            return bool((await sent(demo_desk, "sms"))["status"] == "suppressed")

        await eventually(is_refused, "the number left alone")
        whatsapp = await sent(demo_desk, "whatsapp")
        assert whatsapp["status"] in ("sent", "delivered")
        await http.post(f"{phones}/{NUMBER}/read")
        await eventually(lambda: has_become(demo_desk, whatsapp["id"], "read"), "a report that it was read")


async def sent(desk: Desk, channel: str) -> dict[str, Any]:
    _code, report = await desk.call("send", "--channel", channel, "--to", NUMBER, "--text", "Are you coming?")
    assert isinstance(report, dict), report
    return report


async def has_become(desk: Desk, delivery_id: int, status: str) -> bool:
    _code, shown = await desk.call("show", str(delivery_id))
    return bool(shown["status"] == status)
