"""Three mail vendors in the test's own process, each with its temper (`tests.e2e.tempers`). They speak as SendGrid,
Mailgun and Postmark do, tell the truth when they are asked, and remember every call by our key.

A message counts as taken from the moment the vendor has it, whatever becomes of the answer.
"""

import asyncio
import contextlib
import json
import socket
import time
from base64 import b64encode
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random
from typing import Any
from uuid import uuid4

import aiohttp
from aiohttp import web

from core.providers.mime import KEY
from tests.e2e.tempers import TAKEN, TIMEOUT, Fate, Temper, flapping, is_out_of_reach

NAMES = ("sendgrid", "mailgun", "postmark")  # in the order of their priorities
LOGIN = ("postmark", "a password for reports")


@dataclass
class Call:
    """One request; its key is empty where it is about no attempt. `is_question`: it asked what is known. Times are
    monotonic seconds."""

    vendor: str
    key: str
    is_question: bool
    began: float
    fate: Fate
    ended: float = float("inf")


@dataclass
class Vendor:
    """`temper` decides what becomes of each call; `taken` are the ids of messages by our key, and when they came."""

    name: str
    temper: Temper
    url: str = ""
    taken: dict[str, dict[str, datetime]] = field(default_factory=lambda: defaultdict(dict))


Reply = Callable[[], web.Response]


@dataclass
class Vendors:
    """All of them, behind one application. `reports_to` is where Postmark tells what has arrived. From `calm_at` on
    (monotonic seconds) they work as they should."""

    chance: Random
    tempers: dict[str, Temper]
    reports_to: str
    calls: list[Call] = field(default_factory=list)
    all: dict[str, Vendor] = field(default_factory=dict)
    opened: float = field(default_factory=time.monotonic)
    calm_at: float = float("inf")
    _reports: asyncio.Queue[tuple[str, str]] = field(default_factory=asyncio.Queue)

    def __post_init__(self) -> None:
        self.all = {name: Vendor(name, temper) for name, temper in self.tempers.items()}

    def application(self) -> web.Application:
        """Every vendor's API: their paths differ."""
        app = web.Application()
        app.add_routes(
            [
                web.post("/v3/mail/send", self._sendgrid),
                web.get("/v3/scopes", self._checks("sendgrid")),
                web.post("/v3/{domain}/messages", self._mailgun),
                web.get("/v3/{domain}/events", self._mailgun_events),
                web.post("/email", self._postmark),
                web.get("/messages/outbound", self._postmark_search),
                web.get("/messages/outbound/{id}/details", self._postmark_details),
                web.get("/server", self._checks("postmark")),
            ]
        )
        return app

    def calm_down(self, after: float) -> None:
        """Trouble ends in so many seconds."""
        self.calm_at = time.monotonic() + after

    def taken(self, key: str) -> list[tuple[str, str]]:
        """Vendor and message id of every time a message was taken."""
        return [(one.name, message_id) for one in self.all.values() for message_id in one.taken.get(key, ())]

    # What each of them says --------------------------------------------------------------------------------

    async def _sendgrid(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        return await self._take(
            request, "sendgrid", body["custom_args"][KEY],
            lambda message_id: web.Response(status=202, headers={"X-Message-Id": message_id}),
        )  # fmt: skip

    async def _mailgun(self, request: web.Request) -> web.StreamResponse:
        form = await request.post()
        if "to" not in form:  # a check
            return await self._meet(
                request, "mailgun", lambda: web.Response(status=400, text="to parameter is missing")
            )
        return await self._take(
            request, "mailgun", str(form[f"v:{KEY}"]),
            lambda message_id: web.json_response({"id": f"<{message_id}>", "message": "Queued. Thank you."}),
        )  # fmt: skip

    async def _mailgun_events(self, request: web.Request) -> web.StreamResponse:
        wanted = request.query["message-id"]

        def reply() -> web.Response:
            message = {"headers": {"message-id": wanted}}
            told = {"event": "delivered", "id": f"event-{wanted}", "message": message}
            known = self._known("mailgun", wanted)
            items = [told | {"timestamp": at.timestamp(), "user-variables": {KEY: key}} for key, at in known]
            return web.json_response({"items": items})

        return await self._meet(request, "mailgun", reply)

    async def _postmark(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        return await self._take(
            request, "postmark", body["Metadata"][KEY],
            lambda message_id: web.json_response({"MessageID": message_id, "ErrorCode": 0, "Message": "OK"}),
        )  # fmt: skip

    async def _postmark_search(self, request: web.Request) -> web.StreamResponse:
        key = request.query[f"metadata_{KEY}"]

        def reply() -> web.Response:
            found = [{"MessageID": one, "Metadata": {KEY: key}} for one in self.all["postmark"].taken.get(key, ())]
            return web.json_response({"TotalCount": len(found), "Messages": found})

        return await self._meet(request, "postmark", reply, key)

    async def _postmark_details(self, request: web.Request) -> web.StreamResponse:
        wanted = request.match_info["id"]

        def reply() -> web.Response:
            for key, at in self._known("postmark", wanted):
                arrived = {"Type": "Delivered", "ReceivedAt": at.isoformat(), "Details": {}}
                return web.json_response({"MessageID": wanted, "Metadata": {KEY: key}, "MessageEvents": [arrived]})
            return web.Response(status=404)

        return await self._meet(request, "postmark", reply)

    def _known(self, name: str, message_id: str) -> list[tuple[str, datetime]]:
        """Our key and the moment of a message that was taken."""
        return [(key, ids[message_id]) for key, ids in self.all[name].taken.items() if message_id in ids]

    def _checks(self, name: str) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def check(request: web.Request) -> web.StreamResponse:
            return await self._meet(request, name, lambda: web.json_response({}))

        return check

    # What becomes of a call --------------------------------------------------------------------------------

    async def _take(
        self, request: web.Request, name: str, key: str, accepted: Callable[[str], web.Response]
    ) -> web.StreamResponse:
        """A message. Of a dropped one the vendor would not know the key; we read it to count the call."""
        call = self._begin(name, key, is_question=False)
        message_id = str(uuid4())
        if call.fate.is_taken:
            self.all[name].taken[key][message_id] = datetime.now(UTC)
            if name == "postmark":
                self._reports.put_nowait((key, message_id))
        return await self._end(request, call, lambda: accepted(message_id))

    async def _meet(self, request: web.Request, name: str, reply: Reply, key: str = "") -> web.StreamResponse:
        """A question. With a key it belongs to an attempt at a delivery; checks and polls don't."""
        return await self._end(request, self._begin(name, key, is_question=True), reply)

    def _begin(self, name: str, key: str, *, is_question: bool) -> Call:
        now = time.monotonic()
        fate = self.all[name].temper(self.chance, now - self.opened) if now < self.calm_at else TAKEN
        call = Call(name, key, is_question, now, fate)
        self.calls.append(call)
        return call

    async def _end(self, request: web.Request, call: Call, reply: Reply) -> web.StreamResponse:
        fate = call.fate
        await asyncio.sleep(fate.after)
        call.ended = time.monotonic()
        if fate.status is None:
            if request.transport:
                request.transport.abort()
            return web.Response()
        answer = reply() if fate.status == 200 else _trouble(fate)
        if self.all[call.vendor].temper is flapping:
            answer.force_close()  # what is out of reach must not be reached through an old connection
        return answer

    async def report(self) -> None:
        """Postmark's reports, each within a second; tried again while nobody listens. Runs until cancelled."""
        async with aiohttp.ClientSession() as http, asyncio.TaskGroup() as group:
            while True:
                key, message_id = await self._reports.get()
                group.create_task(self._report(http, key, message_id))

    async def _report(self, http: aiohttp.ClientSession, key: str, message_id: str) -> None:
        await asyncio.sleep(self.chance.uniform(0, 1))
        at = self.all["postmark"].taken[key][message_id].isoformat()
        told = {"RecordType": "Delivery", "MessageID": message_id, "Metadata": {KEY: key}, "DeliveredAt": at}
        headers = {"Authorization": "Basic " + b64encode(":".join(LOGIN).encode()).decode()}
        while True:
            with contextlib.suppress(aiohttp.ClientError, OSError, TimeoutError):
                timeout = aiohttp.ClientTimeout(total=10)
                async with http.post(self.reports_to, json=told, headers=headers, timeout=timeout) as answer:
                    if answer.status == 200:
                        return
            await asyncio.sleep(0.5)


def _trouble(fate: Fate) -> web.Response:
    assert fate.status is not None
    headers = {} if fate.wait is None else {"Retry-After": str(fate.wait)}
    if fate.status == 429:
        headers["X-RateLimit-Reset"] = str(int(time.time()) + 1 + (fate.wait or 0))
    return web.Response(status=fate.status, text=json.dumps({"Message": "not now"}), headers=headers)


@asynccontextmanager
async def running(vendors: Vendors) -> AsyncIterator[Vendors]:
    """The vendors on ports of their own; a flapping one opens and shuts its door."""
    runner = web.AppRunner(vendors.application(), access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    with contextlib.ExitStack() as held:
        for vendor in vendors.all.values():
            held.enter_context(place := socket.socket())
            _hold(place)
            vendor.url = f"http://127.0.0.1:{place.getsockname()[1]}"
        tasks = [asyncio.create_task(_door(runner, vendors, vendor)) for vendor in vendors.all.values()]
        tasks.append(asyncio.create_task(vendors.report()))
        try:
            yield vendors
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await runner.cleanup()


def _hold(place: socket.socket) -> None:
    """A port that is ours while nobody listens on it: connections are refused, and nobody else gets it."""
    place.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    place.bind(("127.0.0.1", 0))


async def _door(runner: web.AppRunner, vendors: Vendors, vendor: Vendor) -> None:
    port = int(vendor.url.rpartition(":")[2])
    site: web.TCPSite | None = None
    while True:
        now = time.monotonic()
        is_shut = vendor.temper is flapping and now < vendors.calm_at and is_out_of_reach(now - vendors.opened)
        if site is None and not is_shut:
            site = web.TCPSite(runner, "127.0.0.1", port, reuse_port=True)
            await site.start()
        elif site is not None and is_shut:
            await site.stop()
            site = None
        await asyncio.sleep(0.05)


def settings_of(vendors: Vendors) -> dict[str, Any]:
    """The environment of a program that sends through them."""
    return {
        "EMAIL_PROVIDERS": ",".join(f"{name}:{place}" for place, name in enumerate(NAMES, start=1)),
        "SENDGRID_API_KEY": "SG.chaos",
        "SENDGRID_BASE_URL": vendors.all["sendgrid"].url,
        "MAILGUN_API_KEY": "key-chaos",
        "MAILGUN_DOMAIN": "mg.example.org",
        "MAILGUN_BASE_URL": vendors.all["mailgun"].url,
        "POSTMARK_SERVER_TOKEN": "chaos",
        "POSTMARK_BASE_URL": vendors.all["postmark"].url,
        "POSTMARK_WEBHOOK_USER": LOGIN[0],
        "POSTMARK_WEBHOOK_PASSWORD": LOGIN[1],
        "PROVIDER_TIMEOUT": str(int(TIMEOUT)),
    }
