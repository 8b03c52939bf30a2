"""What the gateway tells the product, as any provider's webhook would: what became of messages, and what phones answer.

Signed over the raw body with the key that lets the product in (`X-Sandbox-Signature`: HMAC-SHA256 in hex).
"""

import asyncio
import contextlib
import hashlib
import heapq
import hmac
import itertools
import json
from dataclasses import dataclass, field
from typing import Any

import httpx

SIGNATURE = "X-Sandbox-Signature"
PAUSES = (0.5, 1.0, 2.0, 5.0, 15.0, 60.0)  # seconds; then a report is given up, as real providers do
KEPT = 5_000
AT_ONCE = 100
TIMEOUT = 10.0
IDLE = 60.0


@dataclass(order=True, slots=True)
class Report:
    """One thing to tell under `kind` (events or inbound), not before `due` (Unix time)."""

    due: float
    number: int
    kind: str = field(compare=False)
    content: dict[str, Any] = field(compare=False)
    failures: int = field(default=0, compare=False)


@dataclass(slots=True)
class Reports:
    """Reports on their way to the address `to`; with none nobody listens, and nothing is kept."""

    to: str = ""
    key: str = "sandbox"
    pending: list[Report] = field(default_factory=list)
    _numbers: "itertools.count[int]" = field(default_factory=itertools.count)
    _changed: asyncio.Event = field(default_factory=asyncio.Event)

    def add(self, due: float, kind: str, content: dict[str, Any]) -> None:
        """Tell something at a time."""
        if self.to and len(self.pending) < KEPT:
            self._push(Report(due, next(self._numbers), kind, content))

    def take(self, now: float) -> list[Report]:
        """Those that are due, oldest first."""
        taken: list[Report] = []
        while self.pending and self.pending[0].due <= now and len(taken) < AT_ONCE:
            taken.append(heapq.heappop(self.pending))
        return taken

    def put_back(self, taken: list[Report], now: float) -> None:
        """They did not arrive: later again, until it is enough."""
        for one in taken:
            if one.failures < len(PAUSES):
                one.due, one.failures = now + PAUSES[one.failures], one.failures + 1
                self._push(one)

    async def wait(self, now: float) -> None:
        """Until the next is due, or something changes."""
        seconds = self.pending[0].due - now if self.pending else IDLE
        event = self._changed
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(min(max(seconds, 0.01), IDLE)):
                await event.wait()

    def _push(self, report: Report) -> None:
        heapq.heappush(self.pending, report)
        self._changed.set()
        self._changed = asyncio.Event()


def body_of(taken: list[Report]) -> bytes:
    """What is posted: `{"events": [...], "inbound": [...]}`."""
    kinds = ("events", "inbound")
    return json.dumps({kind: [one.content for one in taken if one.kind == kind] for kind in kinds}).encode()


def signature(body: bytes, key: str) -> str:
    """The proof that it comes from here."""
    return hmac.new(key.encode(), body, hashlib.sha256).hexdigest()


async def post(http: httpx.AsyncClient, reports: Reports, taken: list[Report]) -> bool:
    """Tell them; whether they need not be told again. A refusal is final, as an answer is."""
    body = body_of(taken)
    headers = {"Content-Type": "application/json", SIGNATURE: signature(body, reports.key)}
    try:
        answer = await http.post(reports.to, content=body, headers=headers)
    except httpx.HTTPError:
        return False
    return answer.status_code < 500
