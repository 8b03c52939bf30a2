"""The server around it: other sites are kept out, the page is served whole, chats outlive a restart."""

import asyncio
import json
from pathlib import Path

import httpx
import pytest

from demo import AUTHOR_ID, DEMO_TOKEN, Demo
from demo.mailbox import Mailbox
from demo.phones import PhoneMessage
from demo.server import LOOPBACK, create_app
from demo.snapshot import dump, load_state, save_state
from demo.state import State
from tests.demo.conftest import World


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Origin": "http://demo.test"}, 200),
        ({"Origin": "http://evil.test"}, 403),
        ({"Origin": "null"}, 403),
    ],
)
async def test_another_site_cannot_act(world: World, headers: dict[str, str], status: int):
    """A page elsewhere in the same browser could otherwise post to this machine."""
    answer = await world.http.post(f"/demo/api/users/{AUTHOR_ID}/messages", json={"text": "x"}, headers=headers)
    assert answer.status_code == status


@pytest.mark.parametrize(("host", "status"), [("localhost:1", 200), ("[::1]:1", 200), ("evil.test", 421)])
async def test_a_foreign_host_name_is_refused(host: str, status: int):
    transport = httpx.ASGITransport(app=create_app(State(), LOOPBACK))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as http:
        assert (await http.get("/", headers={"Host": host})).status_code == status


async def test_the_page_needs_nothing_from_elsewhere(world: World):
    """Every file it names is here, and its policy allows only this server."""
    page = await world.http.get("/")
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert "unsafe" not in page.headers["content-security-policy"]
    named = [part.split('"')[0] for part in page.text.split('"/page/')[1:]]
    assert len(named) >= 4
    for name in named:
        assert (await world.http.get(f"/page/{name}")).status_code == 200


async def test_chats_outlive_a_restart(world: World, tmp_path: Path):
    """People, messages, pending updates, files, mails and phones come back as they were."""
    path = f"/demo/api/users/{AUTHOR_ID}/document"
    await world.http.post(path, files={"file": ("a.txt", b"bytes", "text/plain")})
    world.state.mailbox.receive("a@b.test", ["c@d.test"], b"Subject: kept\n\nhello")
    world.state.phones.add(PhoneMessage("1", "sms", "+1", "in", "hi"))
    await save_state(world.state, tmp_path / "demo.json")
    again = load_state(tmp_path / "demo.json")
    assert again is not None
    assert dump(again) == dump(world.state)
    assert again.mailbox.mails[1].subject == "kept"
    assert (tmp_path / "demo.json").stat().st_mode & 0o077 == 0


async def test_new_files_after_a_restart_get_new_paths(world: World, tmp_path: Path):
    first = world.state.files.add("photos", "a.png", "image/png", b"1")
    await save_state(world.state, tmp_path / "demo.json")
    again = load_state(tmp_path / "demo.json")
    assert again is not None
    assert again.files.add("photos", "b.png", "image/png", b"2").path != first.path


@pytest.mark.parametrize("content", ["", "{", "[]", '{"version": 1}'])
def test_an_unreadable_state_is_set_aside(tmp_path: Path, content: str):
    file = tmp_path / "demo.json"
    file.write_text(content)
    assert load_state(file) is None
    assert (tmp_path / "demo.json.unreadable").read_text() == content


async def test_a_demo_keeps_its_state_and_frees_its_ports(tmp_path: Path):
    """Started twice on the same ports, one after the other."""
    async with Demo(state_file=tmp_path / "demo.json") as first:
        async with httpx.AsyncClient(base_url=first.url, trust_env=False) as http:
            await http.post(f"/demo/api/users/{AUTHOR_ID}/start", json={})
        ports = int(first.url.rsplit(":", 1)[1]), int(first.smtp_url.rsplit(":", 1)[1])
    async with (
        Demo("127.0.0.1", *ports, state_file=tmp_path / "demo.json") as second,
        httpx.AsyncClient(base_url=second.url, trust_env=False) as http,
    ):
        sent = await http.post(f"/bot{DEMO_TOKEN}/sendMessage", json={"chat_id": AUTHOR_ID, "text": "still here"})
        assert sent.json()["result"]["message_id"] == 2


async def test_a_taken_port_is_an_error_and_leaves_nothing_open(demo: Demo):
    port = int(demo.url.rsplit(":", 1)[1])
    with pytest.raises(OSError, match="in use"):
        await Demo(port=port).start()
    smtp_port = int(demo.smtp_url.rsplit(":", 1)[1])
    with pytest.raises(OSError, match="in use"):
        await Demo(smtp_port=smtp_port).start()


async def test_events_tell_the_page_at_once(demo: Demo):
    async with (
        httpx.AsyncClient(base_url=demo.url, trust_env=False) as http,
        http.stream("GET", "/demo/api/events") as stream,
    ):
        lines = stream.aiter_lines()
        assert "hello" in await anext(lines)
        await http.post(f"/demo/api/users/{AUTHOR_ID}/messages", json={"text": "seen at once"})
        seen = []
        async with asyncio.timeout(3):
            while not any("seen at once" in line for line in seen):
                seen.append(await anext(lines))


def test_the_mailbox_is_bounded():
    box = Mailbox()
    for number in range(1_100):
        box.receive("a@b.test", [f"{number}@d.test"], b"x")
    assert len(box.mails) == 1_000
    assert not box.to("0@d.test")


async def test_events_are_numbered_on_from_the_snapshot(demo: Demo):
    """So that a page neither loses nor repeats what happens while it loads."""
    async with (
        httpx.AsyncClient(base_url=demo.url, trust_env=False) as http,
        http.stream("GET", "/demo/api/events") as stream,
    ):
        lines = stream.aiter_lines()
        await anext(lines)
        await http.post(f"/demo/api/users/{AUTHOR_ID}/messages", json={"text": "before"})
        held = (await http.get("/demo/api/snapshot")).json()["number"]
        await http.post(f"/demo/api/users/{AUTHOR_ID}/messages", json={"text": "after"})
        numbers: dict[str, int] = {}
        async with asyncio.timeout(3):
            while "after" not in numbers:
                event = json.loads((await anext(lines)).removeprefix("data: ") or "{}")
                numbers[event.get("message", {}).get("text", "")] = event.get("number", 0)
    assert numbers["before"] <= held < numbers["after"]
