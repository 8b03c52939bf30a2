"""SMTP against a real aiosmtpd server: the contract of every provider, in SMTP's words."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from core.errors import Misconfigured, Refused, SendError, Unavailable, Uncertain
from core.model import Message, Receipt
from core.providers.smtp import Smtp
from tests.conftest import NOW
from tests.providers.contract import KEY, MAIL
from tests.providers.vendor import closed_port

TIMEOUT = 0.5
HANG, DROP = "hang", "drop"


@dataclass
class Mailbox:
    """What the server takes, and what it answers to each command where it is told to."""

    mail: str = ""
    rcpt: str = ""
    data: str = ""
    port: int = 0
    taken: list[tuple[str, EmailMessage]] = field(default_factory=list)
    connections: int = 0

    async def handle_MAIL(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: Any) -> str:  # noqa: N802
        envelope.mail_from = address
        return self.mail or "250 OK"

    async def handle_RCPT(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: Any) -> str:  # noqa: N802
        if self.rcpt:
            return self.rcpt
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.data == HANG:
            await asyncio.sleep(30)
        if self.data == DROP:
            server.transport.abort()
        if not self.data:
            content = envelope.content
            assert isinstance(content, bytes)
            self.taken.append((envelope.rcpt_tos[0], message_from_bytes(content, policy=default)))
        return self.data or "250 OK"

    async def handle_exception(self, error: Exception) -> str:
        return "451 broken"


@asynccontextmanager
async def a_server(mailbox: Mailbox, **options: Any) -> AsyncIterator[Mailbox]:
    """The mailbox on a local port."""
    tls, utf8 = options.pop("wrapped", None), options.pop("enable_smtputf8", True)

    def connected() -> SMTP:
        mailbox.connections += 1
        return SMTP(mailbox, hostname="mx.example.org", enable_SMTPUTF8=utf8, **options)

    server = await asyncio.get_running_loop().create_server(connected, "127.0.0.1", 0, ssl=tls)
    mailbox.port = server.sockets[0].getsockname()[1]
    try:
        yield mailbox
    finally:
        server.close()


@pytest.fixture
async def mailbox() -> AsyncIterator[Mailbox]:
    async with a_server(Mailbox()) as mailbox:
        yield mailbox


@pytest.fixture
async def smtp(mailbox: Mailbox) -> AsyncIterator[Smtp]:
    smtp = a_provider(f"smtp://127.0.0.1:{mailbox.port}")
    yield smtp
    await smtp.close()


def a_provider(url: str, tls: ssl.SSLContext | None = None) -> Smtp:
    return Smtp(url, TIMEOUT, "desk@example.org", lambda: NOW, tls=tls)


async def fails(smtp: Smtp, message: Message = MAIL) -> SendError:
    with pytest.raises(SendError) as raised:
        await smtp.send(message, KEY)
    assert message.to not in raised.value.detail
    return raised.value


async def test_an_accepted_mail_has_our_message_id_for_a_receipt(smtp: Smtp, mailbox: Mailbox):
    """Made from the key: a mail sent twice has the same one, and mail programs show it once."""
    first, second = await smtp.send(MAIL, KEY), await smtp.send(MAIL, KEY)
    assert first == second == Receipt(mailbox.taken[0][1]["Message-ID"].strip("<>"))
    assert (await smtp.send(MAIL, "another")).provider_message_id != first.provider_message_id


async def test_the_mail_is_what_was_rendered(smtp: Smtp, mailbox: Mailbox):
    """Both texts, headers, beyond ASCII, with lines as SMTP wants them."""
    text = "Grüße 🎉\n.\nfrom a line with a dot\n" + "long " * 400
    await smtp.send(replace(MAIL, subject="Entwurf für Ängström 🎉", text=text), KEY)
    ((to, mail),) = mailbox.taken
    assert (to, mail["To"], mail["From"]) == ("ada@example.org", "ada@example.org", "Postrider <desk@example.org>")
    assert mail["Subject"] == "Entwurf für Ängström 🎉"
    assert mail["List-Unsubscribe"] == "<https://desk.example.org/u/x>"
    assert mail["Date"].datetime == NOW
    assert mail.get_content_type() == "multipart/alternative"
    plain, html = mail.iter_parts()
    assert plain.get_content().replace("\r\n", "\n").rstrip("\n") == text.rstrip("\n")
    assert html.get_content().strip() == "<p>Hello</p>"


async def test_a_line_break_in_a_header_adds_no_header(smtp: Smtp, mailbox: Mailbox):
    """A post's idea may stand in a subject."""
    headers = {"List-Unsubscribe": "<mailto:a@b>\r\nBcc: x@example.org"}
    await smtp.send(replace(MAIL, subject="Hello\r\nBcc: x@example.org", headers=headers), KEY)
    ((_, mail),) = mailbox.taken
    assert mail["Bcc"] is None
    assert mail["Subject"] == "Hello Bcc: x@example.org"


@pytest.mark.parametrize("to", ["a@example.org\r\nRCPT TO:<b@example.org>", "no address", "", "a@"])
async def test_an_address_that_is_none_is_refused_unsent(smtp: Smtp, mailbox: Mailbox, to: str):
    """It never reaches the server."""
    with pytest.raises(Refused):
        await smtp.send(replace(MAIL, to=to), KEY)
    assert mailbox.taken == []


@pytest.mark.parametrize(
    ("reply", "code", "hard"),
    [
        ("550 5.1.1 no such user ada@example.org", "invalid_address", True),
        ("552 5.2.2 mailbox full", "mailbox_full", False),
        ("550 we do not like you", "bounced", False),
    ],
)
async def test_a_refused_recipient(smtp: Smtp, mailbox: Mailbox, reply: str, code: str, hard: bool):
    """Only 5.1.x is about the address itself."""
    mailbox.rcpt = reply
    error = await fails(smtp)
    assert isinstance(error, Refused)
    assert (error.code, error.hard) == (code, hard)


@pytest.mark.parametrize("command", ["mail", "rcpt", "data"])
async def test_every_4xx_may_be_tried_again(smtp: Smtp, mailbox: Mailbox, command: str):
    """Greylisting, a full queue: nothing was taken."""
    setattr(mailbox, command, "451 4.7.1 try again later")
    error = await fails(smtp)
    assert isinstance(error, Unavailable)
    assert not error.maybe_sent


@pytest.mark.parametrize(("command", "code"), [("mail", "sender_refused"), ("data", "content_refused")])
async def test_a_5xx_about_us_is_our_fault(smtp: Smtp, mailbox: Mailbox, command: str, code: str):
    """Our sender or our content; the recipient is not to blame."""
    setattr(mailbox, command, "554 5.7.1 policy")
    assert (type(error := await fails(smtp)), error.code) == (Misconfigured, code)


async def test_a_refused_connection_is_not_sent():
    """There was nobody to send it to."""
    assert (type(error := await fails(a_provider(f"smtp://127.0.0.1:{closed_port()}"))), error.code) == (
        Unavailable, "connect",
    )  # fmt: skip


@pytest.mark.parametrize(("data", "code"), [(HANG, "timeout"), (DROP, "uncertain")])
async def test_a_lost_answer_to_the_content_is_uncertain(smtp: Smtp, mailbox: Mailbox, data: str, code: str):
    """The server may have it."""
    mailbox.data = data
    assert (type(error := await fails(smtp)), error.code) == (Uncertain, code)


async def test_a_connection_is_used_again_also_after_a_refusal(smtp: Smtp, mailbox: Mailbox):
    """A handshake for each mail would cost more than the mail."""
    await smtp.send(MAIL, KEY)
    mailbox.rcpt = "550 5.1.1 no"
    await fails(smtp)
    mailbox.rcpt = ""
    await smtp.send(MAIL, KEY)
    assert (mailbox.connections, len(mailbox.taken)) == (1, 2)


async def test_a_kept_connection_that_was_closed_is_replaced(mailbox: Mailbox):
    """A server that restarts costs no mail."""
    smtp = a_provider(f"smtp://127.0.0.1:{mailbox.port}")
    await smtp.send(MAIL, KEY)
    (_, kept) = smtp._idle[0]
    assert kept.transport
    kept.transport.abort()  # type: ignore[attr-defined]
    await smtp.send(MAIL, KEY)
    assert mailbox.connections == 2
    await smtp.close()


async def test_many_mails_at_once_share_a_few_connections(smtp: Smtp, mailbox: Mailbox):
    """And none is lost."""
    await asyncio.gather(*(smtp.send(MAIL, f"key {number}") for number in range(40)))
    assert len(mailbox.taken) == 40
    assert mailbox.connections <= 10


async def test_an_address_beyond_ascii(smtp: Smtp, mailbox: Mailbox):
    """Goes as it is written."""
    await smtp.send(replace(MAIL, to="jürgen@example.org"), KEY)
    ((to, mail),) = mailbox.taken
    assert (to, mail["To"]) == ("jürgen@example.org", "jürgen@example.org")


async def test_an_address_beyond_ascii_needs_a_server_that_takes_it():
    """SMTPUTF8; the domain alone goes as IDNA everywhere."""
    async with a_server(Mailbox(), enable_smtputf8=False) as old:
        smtp = a_provider(f"smtp://127.0.0.1:{old.port}")
        assert isinstance(await fails(smtp, replace(MAIL, to="jürgen@example.org")), Refused)
        await smtp.send(replace(MAIL, to="ada@bücher.example"), KEY)
        assert old.taken[0][0] == "ada@xn--bcher-kva.example"
        await smtp.close()


async def test_a_domain_is_never_taken_for_another(smtp: Smtp, mailbox: Mailbox):
    """The rules of 2003 made strasse.de of it, and a code for one mailbox would have opened another."""
    await smtp.send(replace(MAIL, to="ada@straße.de"), KEY)
    assert mailbox.taken[0][0] == "ada@xn--strae-oqa.de"


class Passwords:
    """One user and a password with characters that a URL must quote."""

    def __call__(self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
        good = isinstance(data, LoginPassword) and (data.login, data.password) == (b"desk", b"p@ss/word")
        return AuthResult(success=good, handled=False)


@pytest.mark.parametrize(("password", "fault"), [("p%40ss%2Fword", None), ("wrong", "unauthorized")])
async def test_logs_in_with_the_urls_user(password: str, fault: str | None):
    """A wrong password is our fault."""
    async with a_server(Mailbox(), authenticator=Passwords(), auth_require_tls=False) as mailbox:
        smtp = a_provider(f"smtp://desk:{password}@127.0.0.1:{mailbox.port}")
        if fault is None:
            await smtp.send(MAIL, KEY)
            assert len(mailbox.taken) == 1
        else:
            assert (type(error := await fails(smtp)), error.code) == (Misconfigured, fault)
        await smtp.close()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A self-signed certificate for localhost, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    built = (
        x509.CertificateBuilder()
        .subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1)
        .not_valid_before(datetime(2020, 1, 1, tzinfo=UTC)).not_valid_after(datetime(2120, 1, 1, tzinfo=UTC))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    path = tmp_path_factory.mktemp("tls") / "localhost.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(built.public_bytes(serialization.Encoding.PEM) + private)
    return path


@pytest.mark.parametrize("scheme", ["smtp+starttls", "smtps"])
@pytest.mark.parametrize("trusted", [True, False])
async def test_tls_is_spoken_and_the_certificate_checked(certificate: Path, scheme: str, trusted: bool):
    """A server that nobody vouches for gets neither the password nor the mail."""
    ours = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    ours.load_cert_chain(certificate)
    theirs = ssl.create_default_context(cafile=str(certificate) if trusted else None)
    options: dict[str, Any] = (
        {"wrapped": ours} if scheme == "smtps" else {"tls_context": ours, "require_starttls": True}
    )
    async with a_server(Mailbox(), **options) as mailbox:
        smtp = a_provider(f"{scheme}://localhost:{mailbox.port}", theirs)
        if trusted:
            await smtp.send(MAIL, KEY)
            assert len(mailbox.taken) == 1
        else:
            assert (type(error := await fails(smtp)), error.code) == (Misconfigured, "tls")
        await smtp.close()


async def test_starttls_is_never_left_out():
    """A server that does not offer it gets nothing in the clear."""
    async with a_server(Mailbox()) as mailbox:
        assert isinstance(await fails(a_provider(f"smtp+starttls://127.0.0.1:{mailbox.port}")), Misconfigured)
        assert mailbox.taken == []


async def test_a_check_sends_nothing_and_keeps_its_connection(smtp: Smtp, mailbox: Mailbox):
    """The next mail goes through it."""
    await smtp.check()
    await smtp.send(MAIL, KEY)
    assert (mailbox.connections, len(mailbox.taken)) == (1, 1)


async def test_a_check_tells_a_server_that_is_away():
    """Before a mail has to find out."""
    with pytest.raises(Unavailable):
        await a_provider(f"smtp://127.0.0.1:{closed_port()}").check()


async def test_a_check_tells_a_wrong_password():
    """Our fault, and not seen by connecting alone."""
    async with a_server(Mailbox(), authenticator=Passwords(), auth_require_tls=False) as mailbox:
        with pytest.raises(Misconfigured):
            await a_provider(f"smtp://desk:wrong@127.0.0.1:{mailbox.port}").check()
