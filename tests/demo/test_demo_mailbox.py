"""Mail over a real socket: what is stored, what fails by address, and what the page shows of it."""

from collections.abc import AsyncIterator
from email.message import EmailMessage
from typing import Any

import aiosmtplib
import httpx
import pytest

from demo import Demo
from demo.mailbox import Mailbox, shown_html
from tests.demo.conftest import World


def mail(to: str = "alex@example.org", **headers: str) -> EmailMessage:
    message = EmailMessage()
    message["Subject"], message["From"], message["To"] = "Café ☕", "Desk <desk@postrider.test>", to
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content("Plain café")
    message.add_alternative('<p>Rich café</p><img src="cid:logo">', subtype="html")
    message.add_attachment(b"id,name\n1,x\n", maintype="text", subtype="csv", filename="export.csv")
    return message


async def send(demo: Demo, message: EmailMessage, **options: Any) -> None:
    port = int(demo.smtp_url.rsplit(":", 1)[1])
    await aiosmtplib.send(message, hostname="127.0.0.1", port=port, start_tls=False, **options)


@pytest.fixture
async def http(demo: Demo) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=demo.url, trust_env=False) as client:
        yield client


async def test_a_mail_is_stored_as_it_was_sent(demo: Demo, http: httpx.AsyncClient):
    """Any login is accepted, and addresses are found in any case."""
    await send(demo, mail(), username="anybody", password="anything")
    (found,) = (await http.get("/demo/api/mails", params={"to": "ALEX@example.org"})).json()
    assert (found["subject"], found["text"].strip(), found["to"]) == ("Café ☕", "Plain café", ["alex@example.org"])
    assert "Rich café" in found["html"]
    assert found["attachments"] == [{"name": "export.csv", "type": "text/csv", "size": 12}]
    assert ["From", "Desk <desk@postrider.test>"] in found["headers"]
    assert (await http.get("/demo/api/mails", params={"to": "other@example.org"})).json() == []


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("refuse@sandbox.test", 550),
        ("fail-503@sandbox.test", 451),
        ("fail-429@sandbox.test", 451),
        ("fail-552@sandbox.test", 552),
    ],
)
async def test_addresses_that_are_refused(demo: Demo, http: httpx.AsyncClient, address: str, code: int):
    with pytest.raises(aiosmtplib.SMTPRecipientsRefused) as refused:
        await send(demo, mail(address))
    assert refused.value.recipients[0].code == code
    assert (await http.get("/demo/api/mails")).json() == []


async def test_the_words_mean_nothing_at_other_domains(demo: Demo, http: httpx.AsyncClient):
    await send(demo, mail("refuse@example.org"))
    assert len((await http.get("/demo/api/mails")).json()) == 1


async def test_a_bounce_is_accepted_and_listed(demo: Demo, http: httpx.AsyncClient):
    await send(demo, mail("bounce@sandbox.test"))
    (bounced,) = (await http.get("/demo/api/bounces")).json()
    assert (bounced["to"], bounced["status"]) == (["bounce@sandbox.test"], "bounced")


async def test_a_timeout_hears_nothing_though_the_mail_is_there(demo: Demo, http: httpx.AsyncClient):
    with pytest.raises(aiosmtplib.SMTPException):
        await send(demo, mail("timeout@sandbox.test"), timeout=0.4)
    assert len((await http.get("/demo/api/mails")).json()) == 1


async def test_html_is_served_for_a_sandbox_in_both_themes(demo: Demo, http: httpx.AsyncClient):
    """No script can run, nothing is fetched from elsewhere, and the theme's rules apply."""
    message = EmailMessage()
    message["Subject"], message["From"], message["To"] = "x", "a@b.test", "c@d.test"
    message.set_content("<style>@media (prefers-color-scheme: dark) {p{color:red}}</style><p>x</p>", subtype="html")
    await send(demo, message)
    light, dark = [await http.get("/demo/mail/1/html", params={"scheme": name}) for name in ("light", "dark")]
    assert "@media (max-width: 0px)" in light.text
    assert "@media (min-width: 0px)" in dark.text
    policy = light.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert policy.startswith("sandbox ")
    assert "script" not in policy


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\xff\xfe\x00",
        b"Subject: =?bad?x?\nContent-Type: text/html; charset=nope\n\n<b>x</b>",
        b'From: "\nTo: <<>>\nContent-Type: multipart/mixed\n\nx',
        b"Date: x" * 2000,
    ],
)
def test_any_bytes_can_be_received(raw: bytes):
    """A mailbox takes hostile and broken messages too."""
    box = Mailbox()
    stored = box.receive("a@b.test", ["c@d.test"], raw)
    assert stored.details()["to"] == ["c@d.test"]
    assert shown_html(stored, "dark")


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, {"url": "", "mailto": "", "one_click": False}),
        ({"List_Unsubscribe": "<mailto:u@x.test>"}, {"url": "", "mailto": "mailto:u@x.test", "one_click": False}),
        ({"List_Unsubscribe": "<https://x.test/u>", "List_Unsubscribe_Post": "List-Unsubscribe=One-Click"},
         {"url": "https://x.test/u", "mailto": "", "one_click": True}),
        ({"List_Unsubscribe": "<javascript:alert(1)>"}, {"url": "", "mailto": "", "one_click": False}),
    ],
)  # fmt: skip
def test_what_the_unsubscribe_button_may_do(headers: dict[str, str], expected: dict[str, Any]):
    stored = Mailbox().receive("a@b.test", ["c@d.test"], mail(**headers).as_bytes())
    assert stored.details()["unsubscribe"] == expected


async def test_one_click_posts_to_the_sender(demo: Demo, http: httpx.AsyncClient):
    """The demo itself plays the sender: its own sandbox answers, so what counts is that the POST arrived."""
    target = f"{demo.url}/sandbox/email/messages"
    await send(demo, mail(List_Unsubscribe=f"<{target}>", List_Unsubscribe_Post="List-Unsubscribe=One-Click"))
    answer = (await http.post("/demo/api/mails/1/unsubscribe")).json()
    assert (answer["done"], answer["status"], answer["url"]) == (False, 422, target)


async def test_attachments_never_run_in_the_page(world: World):
    """HTML is a download; only pictures and sound are shown in place."""
    message = EmailMessage()
    message["From"], message["To"] = "a@b.test", "c@d.test"
    message.set_content("x")
    message.add_attachment(b"<script>", maintype="text", subtype="html", filename="x.html")
    stored = world.state.mailbox.receive("a@b.test", ["c@d.test"], message.as_bytes())
    answer = await world.http.get(f"/demo/mail/{stored.id}/parts/0")
    assert answer.headers["content-disposition"] == "attachment"
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["x-content-type-options"] == "nosniff"
