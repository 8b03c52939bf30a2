"""A mail server on the event loop: takes any mail, fails where the address asks for it."""

import asyncio

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

from demo.mailbox import Mail
from demo.outcomes import outcome, smtp_reply
from demo.state import State

SIZE_LIMIT = 30_000_000
HANG_SECONDS = 600.0


class Handler:
    """aiosmtpd's hooks."""

    def __init__(self, state: State, hang_seconds: float = HANG_SECONDS) -> None:
        self._state = state
        self._hang = hang_seconds

    async def handle_RCPT(  # noqa: N802
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Refuses here what `refuse@` and `fail-NNN@` ask for."""
        if refusal := smtp_reply(outcome(address)):
            return refusal
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 OK"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Stores the mail; `timeout@` never hears that it was."""
        content = envelope.original_content or b""
        mail = store_mail(self._state, envelope.mail_from or "", envelope.rcpt_tos, content)
        if any(outcome(address).kind == "timeout" for address in envelope.rcpt_tos):
            await asyncio.sleep(self._hang)
        return f"250 2.0.0 Ok: queued as {mail.id}"


def store_mail(state: State, sender: str, recipients: list[str], raw: bytes, via: str = "smtp") -> Mail:
    """Puts a mail into the mailbox and tells the page."""
    mail = state.mailbox.receive(sender, recipients, raw, via)
    if any(outcome(address).kind == "bounce" for address in recipients):
        mail.status = "bounced"
    state.events.send("mail", mail=mail.summary())
    return mail


def any_login(*_: object) -> AuthResult:
    """Accepts every user name and password: there is nothing to protect."""
    return AuthResult(success=True)


async def start_smtp(state: State, host: str, port: int) -> asyncio.Server:
    """Listens for SMTP; `port` 0 picks a free one."""
    loop = asyncio.get_running_loop()
    handler = Handler(state)

    def protocol() -> SMTP:
        return SMTP(
            handler,
            data_size_limit=SIZE_LIMIT,
            enable_SMTPUTF8=True,
            hostname="demo.postrider",
            ident="Postrider demo",
            auth_require_tls=False,
            authenticator=any_login,
            loop=loop,
        )

    return await loop.create_server(protocol, host, port)
