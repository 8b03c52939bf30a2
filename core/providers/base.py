"""What every adapter stands on: the only HTTP call, what its failures mean, and words without addresses or secrets.

"Not sent" is proven, never assumed: through httpx-aiohttp a disconnect after sending arrives as `httpx.ConnectTimeout`
too, so only the cause below it tells whether a connection was ever made.
"""

import re
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import aiohttp
import httpx

from core.errors import Misconfigured, SendError, Unavailable, Uncertain
from core.model import Channel, DeliveryEvent, Message, Receipt
from core.providers.http import http_client as http_client

MAYBE_SENT = {500, 502, 504}  # the provider, or a proxy before it, may have got further than it says
UNAVAILABLE = {408, 425, 429}  # besides all 5xx
READ = 1_000  # characters of a provider's words: the patterns below take quadratic time, and error pages are long
NEVER_CONNECTED = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, httpx.PoolTimeout)
TIMEOUTS = (httpx.ReadTimeout, httpx.WriteTimeout, TimeoutError)
_SECRETS = (
    (re.compile(r"[^\s<>\"'@]+@[^\s<>\"'@]+"), "<address>"),
    (re.compile(r"bot\d+:[\w-]+"), "<token>"),
    (re.compile(r"\+?\d[\d ()-]{7,}\d"), "<number>"),
    (re.compile(r"\b(SG\.|sk-|key-)[\w.-]+"), "<key>"),
)


class BaseProvider:
    """The defaults of an adapter: nothing can be asked, nothing needs closing."""

    name: str
    channel: Channel
    can_ask = False
    can_poll = False
    reports_arrival = False
    has_window = False

    def reaches(self, to: str) -> bool:
        """Any address of its channel."""
        return True

    async def find(self, to: str, key: str) -> Receipt | None:
        """Nothing is known about messages whose answer was lost."""
        return None

    async def status(self, message_id: str, to: str) -> DeliveryEvent | None:
        """Nothing can be asked about messages that were taken."""
        return None

    async def check(self) -> None:
        """There is nothing that could be checked without sending."""

    async def close(self) -> None:
        """Give back connections."""


class HttpProvider(BaseProvider, ABC):
    """An adapter over HTTP: it builds the request and reads the answer, and names its known refusals."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self.http = http

    @abstractmethod
    def build(self, message: Message, key: str) -> httpx.Request:
        """The request that sends the message with our idempotency key."""

    @abstractmethod
    def receipt(self, response: httpx.Response) -> Receipt:
        """What a 2xx answer says."""

    def refusal(self, response: httpx.Response) -> SendError | None:
        """The error for answers that the provider's documents name; None for all others."""
        return None

    async def send(self, message: Message, key: str) -> Receipt:
        """Hand the message over; raises a `SendError`."""
        response = await exchange(self.http, self.build(message, key))
        if not response.is_success:
            raise self.refusal(response) or failure(response)
        try:
            return self.receipt(response)
        except (LookupError, TypeError, ValueError) as error:
            raise Uncertain("uncertain", f"an answer that can't be read: {type(error).__name__}") from error


async def exchange(http: httpx.AsyncClient, request: httpx.Request) -> httpx.Response:
    """The one HTTP call: an answer, `Unavailable` where no connection was made, `Uncertain` for any other trouble."""
    try:
        return await http.send(request)
    except (httpx.HTTPError, aiohttp.ClientError, OSError) as error:
        raise transport_failure(error) from error


async def answer_to(http: httpx.AsyncClient, request: httpx.Request) -> dict[str, Any]:
    """The JSON object that answers a question; raises a `SendError`, also where there is none to read."""
    response = await exchange(http, request)
    if not response.is_success:
        raise failure(response)
    try:
        found = response.json()
    except ValueError as error:
        raise Unavailable("unavailable", "an answer that can't be read") from error
    return found if isinstance(found, dict) else {}


async def probe(http: httpx.AsyncClient, request: httpx.Request) -> None:
    """A call that sends nothing: raises a `SendError` where the provider does not answer or does not know us. Any other
    refusal is an answer."""
    response = await exchange(http, request)
    if response.status_code in (401, 403) or response.status_code >= 500:
        raise failure(response)


def transport_failure(error: BaseException) -> SendError:
    """What a transport's error means."""
    if never_connected(error):
        return Unavailable("connect", type(error).__name__)
    is_timeout = any(isinstance(one, TIMEOUTS) for one in chain(error))
    return Uncertain("timeout" if is_timeout else "uncertain", type(error).__name__)


def never_connected(error: BaseException) -> bool:
    """Whether it is proven that nothing was sent."""
    return any(isinstance(one, NEVER_CONNECTED) for one in chain(error))


def chain(error: BaseException | None) -> Iterator[BaseException]:
    """An error and what caused it, down to the first."""
    while error is not None:
        yield error
        error = error.__cause__


def failure(response: httpx.Response) -> SendError:
    """The meaning of an answer that is no success and that the adapter does not know."""
    return failure_of(response.status_code, response.headers, response.text)


def failure_of(status: int, headers: Mapping[str, str], body: str) -> SendError:
    """The same from its parts: 429 and 5xx may be tried again, any other is our fault and never the recipient's."""
    words = f"{status} {clean(body)}".strip()
    if status in UNAVAILABLE or status >= 500:
        code = "rate_limited" if status == 429 else "unavailable"
        return Unavailable(code, words, retry_after=wait_of(headers), maybe_sent=status in MAYBE_SENT)
    return Misconfigured("unauthorized" if status in (401, 403) else f"http_{status}", words)


def wait_of(headers: Mapping[str, str], now: datetime | None = None) -> float | None:
    """The seconds of a Retry-After header, as a number or a date; None without one."""
    value = headers.get("retry-after", "").strip()
    if not value:
        return None
    try:
        seconds = float(value)
    except ValueError:
        return _seconds_until(value, now or datetime.now(UTC))
    return max(0.0, seconds) if seconds < float("inf") else None


def _seconds_until(date: str, now: datetime) -> float | None:
    try:
        moment = parsedate_to_datetime(date)
    except ValueError:
        return None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (aware - now).total_seconds())


def clean(text: str, limit: int = 200) -> str:
    """A provider's words on one line, without addresses, numbers and keys: they go into logs and tables. PostgreSQL
    refuses NUL and lone surrogates; one refused word would lose what became of the whole batch."""
    printable = (character if character.isprintable() else " " for character in text[:READ])
    line = " ".join("".join(printable).split())
    for pattern, replacement in _SECRETS:
        line = pattern.sub(replacement, line)
    return line[:limit]
