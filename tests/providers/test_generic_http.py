"""Providers that are defined by a file alone: the contract, the file's mistakes, and what nobody may get out of it."""

import hmac
import json
from base64 import b64encode
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from core.delivery.budget import Budget
from core.errors import BadSignature, Misconfigured, Refused, SettingsError, Unavailable, Uncertain
from core.model import Channel, DeliveryEvent, EventType, Message, ProviderRow, Receipt, WebhookRequest
from core.ports import Reporting
from core.providers.base import http_client
from core.providers.definitions import definitions_in
from core.providers.generic_http import SAMPLE, GenericHttp, build_defined
from core.providers.parts import Parts
from core.providers.registry import build_registry
from core.routing.terms import RateLimits, Stated, terms_of
from core.settings import Settings
from tests.conftest import NOW
from tests.providers.contract import KEY, TIMEOUT, ProviderContract
from tests.providers.vendor import Answer, Vendor, a_vendor

ACME = """
[acme]
channel = "sms"
url = "${ACME_BASE_URL}/v1/messages"
headers = { Authorization = "Bearer ${ACME_API_KEY}" }
id = "$.messages[0].id"
accepted = [200, 202]
check = "${ACME_BASE_URL}/v1/balance"
price = 0.045
prices = { FR = 0.05 }
limits = { minute = 60, day = 10000 }
coverage = ["FR", "GB"]

[acme.body]
to = "{{ message.to | replace('+', '') }}"
text = "{{ message.text }}"
reference = "{{ message.key }}"
callback = "{{ callback }}"
options = { flash = false, parts = 3, tags = ["{{ message.subject or 'none' }}"] }

[[acme.refused]]
status = 422
path = "$.error.code"
equals = ["bad_number", 21211]
code = "invalid_address"
hard = true

[[acme.refused]]
status = [200]
path = "$.messages[0].status"
equals = "blocked"
code = "blocked"

[[acme.retryable]]
status = 409

[[acme.retryable]]
path = "$.busy"
equals = true

[acme.status]
url = "${ACME_BASE_URL}/v1/messages/{{ id }}"
status = "$.state"
timestamp = "$.at"
code = "$.why"

[acme.webhook]
signature_header = "X-Acme-Signature"
secret = "${ACME_WEBHOOK_SECRET}"
prefix = "sha256="
events = "$.events"
id = "$.message_id"
event_id = "$.event"
key = "$.reference"
status = "$.state"
timestamp = "$.at"
code = "$.why"

[acme.webhook.statuses]
queued = "sent"
delivered = "delivered"
lost = "failed"
unknown_number = { type = "bounced", hard = true, code = "invalid_address" }
"""
ENVIRONMENT = {
    "ACME_API_KEY": "key-{{ 7*7 }}",
    "ACME_WEBHOOK_SECRET": "the secret",
    "ACME_BASE_URL": "http://127.0.0.1:1",
}
SMS = Message(Channel.SMS, "+14155550123", 'She said "no"\n{{ 6*7 }} ${ACME_API_KEY} é')


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
async def vendor() -> AsyncIterator[Vendor]:
    async with a_vendor() as vendor:
        yield vendor


def made(text: str, folder: Path, public_url: str | None = "https://desk.example.org") -> GenericHttp:
    """The only provider of a file."""
    path = folder / "providers.toml"
    path.write_text(text)
    settings = Settings(_env_file=None, providers_file=str(path), public_url=public_url)
    ((name, defined),) = definitions_in(str(path)).items()
    parts = Parts(settings, http_client(TIMEOUT), Budget(25), lambda: NOW, Channel(defined.channel))
    return build_defined(parts, name, defined)


class TestAcme(ProviderContract):
    """The contract, in the words of a gateway that nobody has programmed."""

    message = SMS
    accepts = Answer(202, b'{"messages": [{"id": "m-1", "status": "queued"}]}')
    receipt = Receipt("m-1")
    refuses = Answer(422, b'{"error": {"code": 21211, "to": "+14155550123"}}')
    refusal = ("invalid_address", True)
    unauthorized = Answer(401, b"{}")
    throttles = Answer(429, b"", {"Retry-After": "7"})
    unreadable = Answer(200, b'{"messages": []}')

    @pytest.fixture(autouse=True)
    def _folder(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder, self.monkeypatch = tmp_path, monkeypatch

    def make(self, url: str) -> GenericHttp:
        self.monkeypatch.setenv("ACME_BASE_URL", url)
        return made(ACME, self.folder)

    async def test_sends_what_the_table_says(self, provider: GenericHttp, vendor: Vendor):
        """With every text filled in, and numbers and truth as they are."""
        vendor.will(self.accepts)
        await provider.send(self.message, KEY)
        (asked,) = vendor.asked
        assert (asked.method, asked.path) == ("POST", "/v1/messages")
        assert asked.headers["Content-Type"] == "application/json"
        assert asked.json == {
            "to": "14155550123",
            "text": self.message.text,
            "reference": KEY,
            "callback": "https://desk.example.org/webhooks/acme",
            "options": {"flash": False, "parts": 3, "tags": ["none"]},
        }

    async def test_a_secret_is_put_in_as_it_is_and_a_message_can_not_name_one(
        self, provider: GenericHttp, vendor: Vendor
    ):
        """Neither is read as a template."""
        vendor.will(self.accepts)
        await provider.send(self.message, KEY)
        assert vendor.asked[0].headers["Authorization"] == "Bearer key-{{ 7*7 }}"
        assert b"7*7" not in vendor.asked[0].body
        assert vendor.asked[0].json["text"].endswith("{{ 6*7 }} ${ACME_API_KEY} é")

    @pytest.mark.parametrize(
        ("answer", "kind", "code"),
        [
            (Answer(200, b'{"messages": [{"id": "m-1", "status": "blocked"}]}'), Refused, "blocked"),
            (Answer(422, b'{"error": {"code": "too_long"}}'), Misconfigured, "http_422"),
            (Answer(422, b"not JSON"), Misconfigured, "http_422"),
            (Answer(409), Unavailable, "unavailable"),
            (Answer(400, b'{"busy": true}'), Unavailable, "unavailable"),
            (Answer(200, b'{"busy": true}'), Unavailable, "unavailable"),
            (Answer(201, b'{"messages": [{"id": "m-1"}]}'), Uncertain, "uncertain"),
            (Answer(202, b'{"messages": [{"id": null}]}'), Uncertain, "uncertain"),
        ],
    )
    async def test_what_answers_mean(
        self, provider: GenericHttp, vendor: Vendor, answer: Answer, kind: type[Exception], code: str
    ):
        """Also where a failure comes as a success; nothing is guessed."""
        vendor.will(answer)
        error = await self.fails(provider)
        assert (type(error), error.code) == (kind, code)

    @pytest.mark.parametrize(
        ("state", "type_"),
        [
            ("delivered", EventType.DELIVERED), ("lost", EventType.FAILED), ("queued", None), ("else", None),
            ("unknown_number", EventType.BOUNCED),
        ],
    )  # fmt: skip
    async def test_asks_what_became_of_a_message(
        self, provider: GenericHttp, vendor: Vendor, state: str, type_: EventType | None
    ):
        """At its own address, in which the id stays in its place; the same state is the same report."""
        vendor.will(Answer(200, json.dumps({"state": state, "at": "2026-03-02T09:00:00Z", "why": "E1"}).encode()))
        found = [await provider.status("m/1?x", "+14155550123") for _ in range(2)]
        assert vendor.asked[0].path == "/v1/messages/m%2F1%3Fx"
        assert vendor.asked[0].headers["Authorization"].startswith("Bearer ")
        assert found[0] == found[1]
        if type_ is None:
            assert found[0] is None
        else:
            event = found[0]
            assert event is not None
            assert (event.type, event.event_id, event.at, event.detail) == (type_, f"poll:m/1?x:{state}", NOW, "E1")

    async def test_a_question_that_fails_is_a_failure(self, provider: GenericHttp, vendor: Vendor):
        """Not silence."""
        vendor.will(Answer(503))
        with pytest.raises(Unavailable):
            await provider.status("m-1", "+14155550123")

    async def test_is_checked_at_the_address_of_the_table(self, provider: GenericHttp, vendor: Vendor):
        """With the same headers."""
        vendor.will(Answer(200), Answer(401))
        await provider.check()
        assert (vendor.asked[0].method, vendor.asked[0].path) == ("GET", "/v1/balance")
        assert vendor.asked[0].headers["Authorization"].startswith("Bearer ")
        with pytest.raises(Misconfigured):
            await provider.check()

    def test_says_what_it_can(self):
        """As far as the table goes."""
        provider = self.make("http://127.0.0.1")
        assert (provider.can_poll, provider.can_ask, provider.reports_arrival) == (True, False, True)
        assert isinstance(provider, Reporting)


# Other shapes ---------------------------------------------------------------------------------------------------


async def test_a_form(vendor: Vendor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Every value escaped; the id in a header."""
    provider = made(
        f"""[gateway]
        channel = "sms"
        url = "{vendor.url}/send"
        content = "form"
        id = "header:X-Message-Id"
        [gateway.body]
        to = "{{{{ message.to }}}}"
        text = "{{{{ message.text }}}}"
        """,
        tmp_path,
    )
    vendor.will(Answer(200, b"OK", {"X-Message-Id": "h-1"}))
    assert (await provider.send(SMS, KEY)).provider_message_id == "h-1"
    (asked,) = vendor.asked
    assert asked.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert dict(parse_qsl(asked.body.decode())) == {"to": SMS.to, "text": SMS.text}
    assert not isinstance(provider, Reporting)
    assert (provider.can_poll, provider.reports_arrival) == (False, False)


async def test_a_query(vendor: Vendor, tmp_path: Path):
    """Of the old gateways that take a GET; without an id of theirs ours stands in."""
    provider = made(
        f"""[gateway]
        channel = "sms"
        method = "GET"
        url = "{vendor.url}/send/{{{{ message.to }}}}?user=me"
        query = {{ text = "{{{{ message.text }}}}", token = "${{ACME_API_KEY}}" }}
        """,
        tmp_path,
    )
    vendor.will(Answer(200, b"OK"))
    assert await provider.send(SMS, KEY) == Receipt(KEY)
    (asked,) = vendor.asked
    assert (asked.method, asked.body) == ("GET", b"")
    address = urlsplit(asked.path)
    assert address.path == "/send/%2B14155550123"
    assert dict(parse_qsl(address.query)) == {"user": "me", "text": SMS.text, "token": "key-{{ 7*7 }}"}


async def test_a_text_and_headers(vendor: Vendor, tmp_path: Path):
    """A header stays one header, whatever a message says."""
    provider = made(
        f"""[gateway]
        channel = "push"
        url = "{vendor.url}/topic"
        content = "text"
        headers = {{ Title = "{{{{ message.subject }}}}", Content-Type = "text/markdown" }}
        body = "{{{{ message.text }}}}"
        """,
        tmp_path,
    )
    vendor.will(Answer(200))
    await provider.send(Message(Channel.PUSH, "topic", "Grüße", subject="Hello\r\nX-Evil: yes é"), KEY)
    (asked,) = vendor.asked
    assert asked.headers["title"] == "Hello X-Evil: yes ?"
    assert "x-evil" not in {name.lower() for name in asked.headers}
    assert asked.headers["Content-Type"] == "text/markdown"
    assert asked.body.decode() == "Grüße"


async def test_a_template_of_the_whole_body(vendor: Vendor, tmp_path: Path):
    """Which must make JSON of any message."""
    provider = made(
        f"""[gateway]
        channel = "sms"
        url = "{vendor.url}/send"
        body = '''{{"to": [{{{{ message.to | tojson }}}}], "text": {{{{ message.text | tojson }}}}}}'''
        """,
        tmp_path,
    )
    vendor.will(Answer(200))
    await provider.send(SMS, KEY)
    assert vendor.asked[0].json == {"to": [SMS.to], "text": SMS.text}


# Reports --------------------------------------------------------------------------------------------------------


def report(body: bytes = b"", headers: dict[str, str] | None = None, **query: str) -> WebhookRequest:
    url = "https://desk.example.org/webhooks/acme"
    return WebhookRequest("POST", url, headers or {}, body, tuple(query.items()))


def told(provider: GenericHttp, body: Any) -> tuple[DeliveryEvent, ...]:
    assert isinstance(provider, Reporting)
    return provider.parse(report(json.dumps(body).encode())).events


def test_reports_are_read_as_the_table_says(tmp_path: Path):
    """Each known word its own event; others are left out."""
    at = "2026-03-02T09:00:00Z"
    one = {"message_id": "m-1", "event": "e-1", "state": "unknown_number", "at": at, "why": "E7", "reference": KEY}
    events = told(
        made(ACME, tmp_path), {"events": [one, {"message_id": "m-2", "state": "strange"}, {"state": "lost"}, 7]}
    )
    assert events == (
        DeliveryEvent("acme", "e-1", "m-1", EventType.BOUNCED, NOW, "invalid_address", "E7", hard=True, key=KEY),
    )


def test_a_report_without_an_id_has_one_made_of_what_it_says(tmp_path: Path):
    """The same again is the same; another is another."""
    provider = made(ACME, tmp_path)
    one, other = {"message_id": "m-1", "state": "delivered"}, {"message_id": "m-2", "state": "delivered"}
    events = told(provider, {"events": [one, dict(reversed(one.items())), other]})
    assert len(events) == 3
    assert len({event.event_id for event in events}) == 2


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"7", b'{"events": 7}', b'{"events": {"message_id": {}}}', b"\xff\x00", b"null"]
)
def test_strange_reports_say_nothing(tmp_path: Path, body: bytes):
    """Signed though they are."""
    provider = made(ACME, tmp_path)
    assert isinstance(provider, Reporting)
    assert provider.parse(report(body)).events == ()


@pytest.mark.parametrize(
    ("at", "moment"),
    [
        ("2026-03-02T10:00:00+01:00", NOW), ("2026-03-02T09:00:00", NOW), (NOW.timestamp(), NOW),
        (NOW.timestamp() * 1000, NOW), (str(NOW.timestamp()), NOW),
    ],
)  # fmt: skip
def test_moments_in_every_common_form(tmp_path: Path, at: Any, moment: datetime):
    """ISO 8601, seconds, milliseconds."""
    (event,) = told(made(ACME, tmp_path), {"events": [{"message_id": "m-1", "state": "delivered", "at": at}]})
    assert event.at == moment


@pytest.mark.parametrize("at", ["soon", "", None, 1e300, "nan"])
def test_a_moment_that_is_none_is_now(tmp_path: Path, at: Any):
    """A report is believed all the same."""
    (event,) = told(made(ACME, tmp_path), {"events": [{"message_id": "m-1", "state": "delivered", "at": at}]})
    assert abs((event.at - datetime.now(UTC)).total_seconds()) < 60


FORM = """
[gateway]
channel = "sms"
url = "https://gateway.example.org/send"
body = { to = "{{ message.to }}" }
[gateway.webhook]
%s
secret = "${ACME_WEBHOOK_SECRET}"
id = "$.id"
status = "$.status"
statuses = { DELIVRD = "delivered" }
"""


@pytest.mark.parametrize("is_posted", [True, False])
def test_reports_as_a_form_or_a_query(tmp_path: Path, is_posted: bool):
    """As gateways of old tell them."""
    provider = made(FORM % 'secret_query = "token"', tmp_path)
    assert isinstance(provider, Reporting)
    asked = report(b"id=m-1&status=DELIVRD") if is_posted else report(id="m-1", status="DELIVRD", token="x")
    (event,) = provider.parse(asked).events
    assert (event.provider_message_id, event.type) == ("m-1", EventType.DELIVERED)


BODY = b'{"events": []}'


@pytest.mark.parametrize(
    ("how", "good", "bad"),
    [
        ('secret_header = "X-Token"', {"headers": {"x-token": "the secret"}}, {"headers": {"x-token": "the secre"}}),
        ('secret_query = "token"', {"token": "the secret"}, {"token": "another"}),
        (
            'signature_header = "X-Signature"',
            {"headers": {"x-signature": hmac.new(b"the secret", BODY, "sha256").hexdigest()}},
            {"headers": {"x-signature": hmac.new(b"the secret", BODY + b" ", "sha256").hexdigest()}},
        ),
        (
            'signature_header = "X-Signature"\nalgorithm = "sha1"\nencoding = "base64"\nprefix = "v1="',
            {"headers": {"x-signature": "v1=" + b64encode(hmac.digest(b"the secret", BODY, "sha1")).decode()}},
            {"headers": {"x-signature": b64encode(hmac.digest(b"the secret", BODY, "sha1")).decode()}},
        ),
    ],
)  # fmt: skip
async def test_reports_prove_themselves(tmp_path: Path, how: str, good: dict[str, Any], bad: dict[str, Any]):
    """By a secret or by a signature over the raw bytes; without either they are nobody's."""
    provider = made(FORM % how, tmp_path)
    assert isinstance(provider, Reporting)
    await provider.verify(report(BODY, **good))
    for forged in (bad, {}, {"headers": {"x-signature": "ä", "x-token": "ä"}, "token": "ä"}):
        with pytest.raises(BadSignature):
            await provider.verify(report(BODY, **forged))


# The file's mistakes ----------------------------------------------------------------------------------------------

TABLE = '[acme]\nchannel = "sms"\nurl = "https://a.example.org"\nbody = { to = "{{ message.to }}" }\n'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[acme", "is not TOML: Expected"),
        ('acme = "sms"', "acme: stands outside of a table"),
        ("[Acme]", "[Acme]: a name has letters, digits and _"),
        ("[acme]", "[acme] channel: field required (example: channel = "),
        (TABLE.replace('"sms"', '"fax"'), "[acme] channel: is none of email, sms, whatsapp, push: 'fax' (example: "),
        (TABLE.replace("https:", "ftp:"), "[acme] url: must begin with http:// or https:// (example: url = "),
        (TABLE.replace("body", "query2"), "[acme] query2: extra inputs are not permitted"),
        (TABLE.replace("body", "#"), "[acme]: needs a body or a query"),
        (TABLE.replace('{ to = "{{ message.to }}" }', "7"), "[acme] body: is neither a text nor a table"),
        (TABLE + 'content = "xml"', "[acme] content: input should be 'json', 'form' or 'text' (example: content = "),
        (TABLE + 'content = "text"', "[acme]: content text needs its body as a text"),
        (TABLE + 'id = "messages.id"', "[acme] id: is not a JSON path: 'messages.id' (example: id = "),
        (TABLE + "accepted = [404]", "[acme] accepted[0]: input should be less than or equal to 299"),
        (TABLE + "price = -1", "[acme] price: input should be greater than or equal to 0 (example: price = 0.045)"),
        (TABLE + 'coverage = ["France"]', "[acme] coverage[0]: is no country in two capital letters: 'France'"),
        (TABLE + "limits = { minute = 0 }", "[acme] limits.minute: input should be greater than or equal to 1"),
        (TABLE + "[[acme.refused]]\nstatus = 400", "[acme] refused[0].code: field required (example: code = "),
        (TABLE + '[[acme.refused]]\ncode = "blocked"', "[acme] refused[0]: needs a status or a path"),
        (TABLE + '[[acme.retryable]]\npath = "$.a"', "[acme] retryable[0]: needs path and equals together"),
        (TABLE + '[acme.webhook]\nsecret = "x"\nid = "$.id"\nstatus = "$.s"\nstatuses = { a = "delivered" }',
         "[acme] webhook: needs one of secret_header, secret_query and signature_header (example: [acme.webhook]"),
        (TABLE + '[acme.webhook]\nsecret_header = "x"\nsecret = "x"\nid = "$.i"\nstatus = "$.s"\nstatuses = { a = "" }',
         "[acme] webhook.statuses.a.type: input should be 'sent', 'delivered'"),
        (TABLE + '[acme.status]\nurl = "https://a"\nstatus = "$.s"', "[acme]: status needs its statuses"),
        (TABLE.replace("message.to", "${NO_SUCH_VARIABLE}"), "[acme] body.to: ${NO_SUCH_VARIABLE} is not set in"),
        (TABLE.replace("}}", "%}"), "[acme] body.to: is no template: "),
        (TABLE.replace("message.to", "message.phone"), "body.to: can't be filled in: 'dict object' has no"),
        (TABLE.replace("message.to", "message.to.__class__"), "body.to: can't be filled in: access to"),
        (TABLE.replace('{ to = "{{ message.to }}" }', "'{\"text\": \"{{ message.text }}\"}'"),
         "[acme] body: is not JSON once it is filled in; use | tojson (example: body = "),
        (TABLE.replace("https://a.example.org", "${ACME_API_KEY}"), "[acme] url: is no web address once it is f"),
        (TABLE + 'check = "${ACME_API_KEY}"', "[acme] check: is no web address once it is filled in"),
        (TABLE + '[acme.status]\nurl = "https://a/{{ nothing }}"\nstatus = "$.s"\nstatuses = { a = "sent" }',
         "[acme] status.url: can't be filled in: 'nothing' is undefined"),
        (TABLE.replace("https://a.example.org", "https://a.example.org:port"), "[acme] url: Invalid port: 'port'"),
    ],
)  # fmt: skip
def test_a_mistake_is_one_clear_line(tmp_path: Path, text: str, said: str):
    """With file, table, key and an example, before anything starts."""
    with pytest.raises(SettingsError) as raised:
        made(text, tmp_path)
    line = str(raised.value)
    assert line.startswith(f"PROVIDERS_FILE: {tmp_path}/providers.toml ")
    assert said in line
    assert "\n" not in line


def test_a_file_that_is_not_there_is_one_clear_line(tmp_path: Path):
    """And no file at all is no mistake."""
    with pytest.raises(SettingsError, match=r"PROVIDERS_FILE: .*none.toml can't be read: No such file"):
        definitions_in(str(tmp_path / "none.toml"))
    assert definitions_in(None) == {}


async def test_what_a_table_says_of_price_and_reach_counts_until_an_admin_says_otherwise(tmp_path: Path):
    """What is said at run time goes before the file; what nobody has said there is the file's."""
    registry = registry_of(ACME, tmp_path, sms_providers=["acme:1", "sandbox:2"])
    acme, sandbox = registry.candidates(Channel.SMS)
    assert sandbox.stated == Stated()
    fresh = terms_of(acme, Channel.SMS, None, currency="EUR", share=None)
    said = ProviderRow(
        "acme", Channel.SMS, cost_per_message=Decimal("0.01"), prices={"GB": "0.06"}, geographic_coverage=["DE"],
        rate_limit_per_hour=5,
    )  # fmt: skip
    silent = ProviderRow("acme", Channel.SMS)
    assert terms_of(acme, Channel.SMS, silent, currency="EUR", share=None) == fresh
    assert [str(fresh.price_in(country)) for country in ("FR", "GB", None)] == ["0.05", "0.045", "0.045"]
    assert (fresh.covers("GB"), fresh.covers("DE"), fresh.limits) == (True, False, RateLimits(60, None, 10_000))
    changed = terms_of(acme, Channel.SMS, said, currency="EUR", share=None)
    assert [str(changed.price_in(country)) for country in ("FR", "GB", None)] == ["0.05", "0.06", "0.01"]
    assert (changed.covers("GB"), changed.covers("DE"), changed.limits) == (False, True, RateLimits(60, 5, 10_000))
    await registry.close()


def test_the_sample_holds_what_breaks_bodies():
    """Quotes, a new line, a backslash, braces."""
    assert all(sign in SAMPLE for sign in '"\n\\{$é')


# Among the others -------------------------------------------------------------------------------------------------


def registry_of(text: str, folder: Path, **values: Any) -> Any:
    path = folder / "providers.toml"
    path.write_text(text)
    return build_registry(Settings(_env_file=None, providers_file=str(path), **values), Budget(25))


async def test_is_named_like_any_other(tmp_path: Path):
    """With a priority, for its own channel, and its reports find it."""
    registry = registry_of(ACME, tmp_path, sms_providers=["acme:1", "sandbox:2"])
    assert {one.name: one.priority for one in registry.candidates(Channel.SMS)} == {"acme": 1, "sandbox": 2}
    assert registry.reporting("acme") is registry.get(Channel.SMS, "acme")
    await registry.close()


async def test_where_nobody_names_any_it_comes_after_ours(tmp_path: Path):
    """Its table stands there to be used."""
    plivo = {"auth_id": "MAXXX", "auth_token": "x", "from": "+14155550100"}
    registry = registry_of(ACME, tmp_path, plivo=plivo)
    assert {one.name: one.priority for one in registry.candidates(Channel.SMS)} == {"plivo": 1, "acme": 2}
    assert list(registry.candidates(Channel.EMAIL)) == []
    assert registry.reporting("acme") is registry.get(Channel.SMS, "acme")
    await registry.close()


async def test_where_nobody_names_any_it_is_left_out_without_its_secrets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """As any provider whose credentials are not set."""
    monkeypatch.delenv("ACME_WEBHOOK_SECRET")
    registry = registry_of(ACME, tmp_path)
    assert list(registry.candidates(Channel.SMS)) == []
    await registry.close()


@pytest.mark.parametrize(
    ("text", "values", "said"),
    [
        (ACME, {"email_providers": ["acme:1"]}, "EMAIL_PROVIDERS: knows no provider 'acme', only "),
        (ACME, {"sms_providers": ["acne:1"]}, "SMS_PROVIDERS: knows no provider 'acne', only "),
        (ACME.replace("acme", "sandbox"), {}, "[sandbox]: the name is taken"),
        (ACME.replace("acme", "nexmo"), {}, "[nexmo]: the name is taken"),
        ("[acme]", {}, "[acme] channel: field required"),
    ],
)
async def test_a_wrong_name_is_told(tmp_path: Path, text: str, values: dict[str, Any], said: str):
    """And a wrong file also where nobody names what stands in it."""
    with pytest.raises(SettingsError) as raised:
        registry_of(text, tmp_path, **values)
    assert said in str(raised.value)
    if "acne" in said:
        assert "acme" in str(raised.value)
