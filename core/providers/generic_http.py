"""A provider that is defined by a table of PROVIDERS_FILE alone."""

import json
from collections.abc import Mapping
from typing import Any

import httpx

from core.errors import Misconfigured, Refused, SendError, Unavailable, Uncertain
from core.model import Channel, DeliveryEvent, EventType, Message, Receipt
from core.providers.base import HttpProvider, answer_to, clean, failure_of, probe, wait_of
from core.providers.definitions import Definition, Rule, Wrong, wrong
from core.providers.generic_reports import Reports, arrived, event_of
from core.providers.generic_texts import Values, address_of, header, text_of, tree_of, variables
from core.providers.json_path import look_up, path_of, text_at
from core.providers.parts import Parts
from core.providers.phones import callback
from core.routing.terms import RateLimits, Stated

SAMPLE = 'He said "yes"\n{{ 6*7 }} \\ ${HOME} é'  # what a text may hold: a body that breaks on it would break some day


class GenericHttp(HttpProvider):
    """One table, its texts made ready. Raises `Wrong` where a text can't be."""

    def __init__(self, http: httpx.AsyncClient, name: str, defined: Definition, sender: str, report_to: str) -> None:
        super().__init__(http)
        self.name, self.channel = name, Channel(defined.channel)
        self.defined = defined
        self._sender, self._report_to = sender, report_to
        known = variables()
        self._url = address_of(defined.url, "url", known)
        self._headers = tree_of(defined.headers, "headers", known)
        self._query = tree_of(defined.query, "query", known)
        self._body = tree_of(defined.body, "body", known)
        self._check_url = text_of(defined.check, "check", known)({}) if defined.check else None
        self._prepare_polling(known)
        self.reports_arrival = arrived(defined)
        self.stated = Stated(
            defined.price, defined.prices, frozenset(defined.coverage), RateLimits(**defined.limits.model_dump())
        )

    def _prepare_polling(self, known: Mapping[str, str]) -> None:
        asked = self.defined.status
        self.can_poll = asked is not None
        if asked:
            self._status_url = address_of(asked.url, "status.url", known)
            own = asked.headers
            self._status_headers = self._headers if own is None else tree_of(own, "status.headers", known)

    def try_out(self) -> None:
        """Fill in every text with strange signs. Raises `Wrong`, `Misconfigured` or `httpx.InvalidURL`."""
        sample = Message(self.channel, "+14155550123", SAMPLE, subject=SAMPLE, html=SAMPLE)
        found = {"url": self.build(sample, "key").url}
        if self.defined.status:
            found["status.url"] = self._question("m-1", sample.to).url
        if self._check_url:
            found["check"] = httpx.URL(self._check_url)
        for key, url in found.items():
            if url.scheme not in ("http", "https") or not url.host:
                raise Wrong(key, "is no web address once it is filled in")

    def build(self, message: Message, key: str) -> httpx.Request:
        """The request with every text filled in; raises `Misconfigured` where one can't be."""
        values = {"message": _facts(message, key, self._sender), "callback": self._report_to}
        headers = {name: header(value) for name, value in self._headers(values).items()}
        content, kind = self._packed(values)
        if content is not None and "content-type" not in {name.lower() for name in headers}:
            headers["Content-Type"] = kind
        url = httpx.URL(self._url(values)).copy_merge_params(self._query(values))
        return self.http.build_request(
            self.defined.method, url, headers=headers, content=content, extensions={"key": key}
        )  # fmt: skip

    def _packed(self, values: Values) -> tuple[bytes | None, str]:
        body, kind = self._body(values), self.defined.content
        if body is None:
            return None, ""
        if kind == "form":
            return str(httpx.QueryParams(body)).encode(), "application/x-www-form-urlencoded"
        if kind == "text":
            return body.encode(errors="replace"), "text/plain; charset=utf-8"
        return _json(body), "application/json"

    def receipt(self, response: httpx.Response) -> Receipt:
        """The id where the table says it is; a success whose words are a failure is told as one."""
        if error := self.refusal(response):
            raise error
        if response.status_code not in self.defined.accepted:
            raise Uncertain("uncertain", f"{response.status_code} is not among those accepted")
        return Receipt(self._id(response))

    def _id(self, response: httpx.Response) -> str:
        place = self.defined.id
        if place is None:
            return str(response.request.extensions["key"])
        if place.startswith("header:"):
            return str(response.headers[place.removeprefix("header:")])
        found = look_up(response.json(), path_of(place))
        if found is None or isinstance(found, list | dict):
            raise LookupError("no id")
        return str(found)

    def refusal(self, response: httpx.Response) -> SendError | None:
        """What the table names: refused first, then retryable."""
        document, words = _document(response), f"{response.status_code} {clean(response.text)}"
        for rule in self.defined.refused:
            if _matches(rule, response.status_code, document):
                return Refused(rule.code, words, hard=rule.hard)
        if any(_matches(rule, response.status_code, document) for rule in self.defined.retryable):
            code = "rate_limited" if response.status_code == 429 else "unavailable"
            return Unavailable(code, words, retry_after=wait_of(response.headers))
        if response.is_success:
            return None
        return failure_of(response.status_code, response.headers, response.text)

    async def status(self, message_id: str, to: str) -> DeliveryEvent | None:
        """What became of a message; None without news. Raises a `SendError`."""
        asked = self.defined.status
        if asked is None:
            return None
        document = await answer_to(self.http, self._question(message_id, to))
        words = asked.statuses or (self.defined.webhook.statuses if self.defined.webhook else {})
        state = text_at(document, asked.status)
        event = event_of(self.name, asked, words, document, message_id, f"poll:{message_id}:{state}"[:255])
        return None if event is None or event.type is EventType.SENT else event

    def _question(self, message_id: str, to: str) -> httpx.Request:
        assert self.defined.status is not None
        values = {"id": message_id, "message": {"to": to}, "callback": self._report_to}
        headers = {name: header(value) for name, value in self._status_headers(values).items()}
        return self.http.build_request(self.defined.status.method, self._status_url(values), headers=headers)

    async def check(self) -> None:
        """The address of the table, asked for with the same headers; nothing where it names none."""
        if self._check_url:
            values = {"message": _facts(Message(self.channel, "", ""), "", self._sender), "callback": self._report_to}
            headers = {name: header(value) for name, value in self._headers(values).items()}
            await probe(self.http, self.http.build_request("GET", self._check_url, headers=headers))


class ReportingHttp(GenericHttp):
    """The same with a webhook."""

    def __init__(self, http: httpx.AsyncClient, name: str, defined: Definition, sender: str, report_to: str) -> None:
        super().__init__(http, name, defined, sender, report_to)
        assert defined.webhook is not None
        secret = text_of(defined.webhook.secret, "webhook.secret", variables())({})
        reports = Reports(name, defined.webhook, secret)
        self.verify, self.parse = reports.verify, reports.parse


def _facts(message: Message, key: str, sender: str) -> dict[str, str]:
    return {
        "to": message.to,
        "text": message.text,
        "subject": message.subject,
        "html": message.html or "",
        "sender": message.sender or sender,
        "url": message.url,
        "key": key,
    }


def _json(body: Any) -> bytes:
    """A body that is a template must make JSON by itself (`{{ message.text | tojson }}`)."""
    try:
        document = json.loads(body) if isinstance(body, str) else body
    except ValueError as error:
        raise Misconfigured("misconfigured", "body: is not JSON once it is filled in; use | tojson") from error
    return json.dumps(document, ensure_ascii=False).encode(errors="replace")


def _document(response: httpx.Response) -> Any:
    try:
        return response.json()
    except ValueError:
        return None


def _matches(rule: Rule, status: int, document: Any) -> bool:
    if rule.status and status not in rule.status:
        return False
    return rule.path is None or text_at(document, rule.path) in rule.equals


def build_defined(parts: Parts, name: str, defined: Definition) -> GenericHttp:
    """The provider of a table, tried out with a message of many strange signs. Raises `SettingsError` with one line."""
    path, settings = parts.settings.providers_file, parts.settings
    made = ReportingHttp if defined.webhook else GenericHttp
    sender, report_to = settings.sender_email, callback(settings.public_url, name) or ""
    try:
        provider = made(parts.http, name, defined, sender, report_to)
        provider.try_out()
    except Wrong as error:
        raise wrong(path, name, error) from None
    except Misconfigured as error:
        key, _, why = error.detail.partition(": ")
        raise wrong(path, name, Wrong(key, why)) from None
    except httpx.InvalidURL as error:
        raise wrong(path, name, Wrong("url", str(error))) from None
    return provider
