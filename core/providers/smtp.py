"""Any mail server, over SMTP (RFC 5321) with aiosmtplib. A few connections are kept and used again."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from email.message import EmailMessage
from time import monotonic
from urllib.parse import SplitResult, unquote, urlsplit

import aiosmtplib

from core.errors import Misconfigured, Refused, SendError, Unavailable, Uncertain
from core.model import Channel, Message, Receipt
from core.ports import Clock
from core.providers import mime
from core.providers.base import BaseProvider, clean
from core.providers.parts import Parts, needed

CONNECTIONS = 10  # at once: a mail server minds more
IDLE = 30.0  # seconds a connection is kept for the next mail
PORTS = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}
SMTPUTF8 = "SMTPUTF8"


class Smtp(BaseProvider):
    """Sends e-mail to one server. `url` has the scheme smtp, smtp+starttls or smtps; `timeout` is for each step."""

    name, channel = "smtp", Channel.EMAIL

    def __init__(
        self, url: str, timeout: float, sender: str, clock: Clock, *, tls: ssl.SSLContext | None = None
    ) -> None:
        self._url = urlsplit(url)
        self._timeout = timeout
        self._sender = sender
        self._clock = clock
        self._tls = tls
        self._idle: list[tuple[float, aiosmtplib.SMTP]] = []
        self._places = asyncio.Semaphore(CONNECTIONS)

    async def send(self, message: Message, key: str) -> Receipt:
        """Hand the mail over; raises a `SendError`. Our Message-ID is the receipt: the server's 250 has no other."""
        mail = mime.built(message, self._sender, key, self._clock())
        async with self._place():
            await self._transfer(await self._connection(), mail)
        return Receipt(str(mail["Message-ID"]).strip("<>"))

    async def check(self) -> None:
        """Connect and log in, or hear that a kept connection still answers; raises a `SendError`."""
        async with self._place():
            self._idle.append((monotonic(), await self._connection()))

    async def close(self) -> None:
        """Close the connections that are kept."""
        idle, self._idle = self._idle, []
        for _, connection in idle:
            connection.close()

    @asynccontextmanager
    async def _place(self) -> AsyncIterator[None]:
        """One of the few connections that are allowed at once."""
        try:
            async with asyncio.timeout(self._timeout):
                await self._places.acquire()
        except TimeoutError as error:
            raise Unavailable("unavailable", "all connections are busy") from error
        try:
            yield
        finally:
            self._places.release()

    async def _connection(self) -> aiosmtplib.SMTP:
        """A kept connection that still answers, else a new one. Nothing is sent yet, so every trouble is retried."""
        while self._idle:
            since, kept = self._idle.pop()
            if monotonic() - since < IDLE and await self._is_alive(kept):
                return kept
            kept.close()
        return await self._connect()

    async def _is_alive(self, connection: aiosmtplib.SMTP) -> bool:
        if not connection.is_connected:
            return False
        try:
            return (await connection.noop()).code == aiosmtplib.SMTPStatus.completed
        except (aiosmtplib.SMTPException, OSError):
            return False

    async def _connect(self) -> aiosmtplib.SMTP:
        connection = _client(self._url, self._timeout, self._tls)
        try:
            await connection.connect()
        except aiosmtplib.SMTPAuthenticationError as error:
            raise _temporary_or(error, Misconfigured("unauthorized", _words(error))) from error
        except (aiosmtplib.SMTPConnectError, aiosmtplib.SMTPServerDisconnected, OSError) as error:
            if isinstance(error, ssl.SSLError) or isinstance(error.__cause__, ssl.SSLError):
                raise Misconfigured("tls", type(error).__name__) from error
            raise Unavailable("connect", type(error).__name__) from error
        except (aiosmtplib.SMTPException, ValueError) as error:
            raise Misconfigured("misconfigured", clean(str(error))) from error
        return connection

    async def _transfer(self, connection: aiosmtplib.SMTP, mail: EmailMessage) -> None:
        try:
            await _envelope(connection, mail)
            await _content(connection, mail)
        except SendError as error:
            await self._keep_after(connection, error)
            raise
        except BaseException:
            connection.close()
            raise
        self._idle.append((monotonic(), connection))

    async def _keep_after(self, connection: aiosmtplib.SMTP, error: SendError) -> None:
        """After a refusal the conversation may go on from the start."""
        with suppress(aiosmtplib.SMTPException, OSError):
            if connection.is_connected and not isinstance(error, Uncertain):
                await connection.rset()
                self._idle.append((monotonic(), connection))
                return
        connection.close()


def _client(url: SplitResult, timeout: float, tls: ssl.SSLContext | None) -> aiosmtplib.SMTP:
    return aiosmtplib.SMTP(
        hostname=url.hostname,
        port=url.port or PORTS[url.scheme],
        username=unquote(url.username) if url.username else None,
        password=unquote(url.password) if url.password else None,
        use_tls=url.scheme == "smtps",
        start_tls=url.scheme == "smtp+starttls",
        tls_context=tls,
        timeout=timeout,
    )


async def _envelope(connection: aiosmtplib.SMTP, mail: EmailMessage) -> None:
    """MAIL and RCPT: whatever fails here, nothing was sent."""
    recipient, sender = mail["To"].addresses[0].addr_spec, mail["From"].addresses[0].addr_spec
    try:
        options = await _options(connection, recipient)
        await connection.mail(sender, options=options, encoding="utf-8" if options else "ascii")
        await connection.rcpt(recipient, encoding="utf-8" if options else "ascii")
    except aiosmtplib.SMTPRecipientRefused as error:
        raise _temporary_or(error, _refused(error)) from error
    except aiosmtplib.SMTPResponseException as error:
        raise _temporary_or(error, Misconfigured("sender_refused", _words(error))) from error
    except (aiosmtplib.SMTPException, OSError, UnicodeError) as error:
        raise Unavailable("connect", type(error).__name__) from error


async def _options(connection: aiosmtplib.SMTP, recipient: str) -> list[str]:
    if recipient.isascii():
        return []
    if connection.last_ehlo_response is None:
        await connection.ehlo()
    if not connection.supports_extension(SMTPUTF8):
        raise Refused("invalid_address", "the server does not take addresses beyond ASCII")
    return [SMTPUTF8]


async def _content(connection: aiosmtplib.SMTP, mail: EmailMessage) -> None:
    """DATA: the server may have the mail although its answer was lost."""
    try:
        await connection.data(mime.as_bytes(mail))
    except aiosmtplib.SMTPResponseException as error:
        raise _temporary_or(error, Misconfigured("content_refused", _words(error))) from error
    except (aiosmtplib.SMTPException, OSError) as error:
        is_timeout = isinstance(error, TimeoutError)
        raise Uncertain("timeout" if is_timeout else "uncertain", type(error).__name__) from error


def _refused(error: aiosmtplib.SMTPRecipientRefused) -> Refused:
    """By the enhanced status (RFC 3463): 5.1.x is about the address itself, and will not heal."""
    hard = error.message.startswith("5.1.")
    soft = "mailbox_full" if error.message.startswith("5.2.2") else "bounced"
    return Refused("invalid_address" if hard else soft, _words(error), hard=hard)


def _temporary_or(error: aiosmtplib.SMTPResponseException, permanent: SendError) -> SendError:
    """4xx may be tried again; 5xx is for good (RFC 5321, 4.2.1)."""
    return Unavailable("unavailable", _words(error)) if 400 <= error.code < 500 else permanent


def _words(error: aiosmtplib.SMTPResponseException) -> str:
    return f"{error.code} {clean(error.message)}"


def build(parts: Parts) -> Smtp:
    """As the settings say."""
    url = needed("SMTP_URL", parts.settings.smtp.url, "smtp")
    return Smtp(url, parts.settings.smtp.timeout, parts.settings.sender_email, parts.clock)
