"""Providers defined by configuration alone: the tables of PROVIDERS_FILE, checked before anything starts."""

import re
import tomllib
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path as File
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from core.errors import SettingsError
from core.model import Channel, EventType
from core.providers.json_path import Path, path_of

CHANNELS = (Channel.EMAIL, Channel.SMS, Channel.WHATSAPP, Channel.PUSH)
NAME = re.compile(r"[a-z][a-z0-9_]{1,49}")
EXAMPLES = {
    "accepted": "accepted = [200, 202]",
    "algorithm": 'algorithm = "sha256"',
    "body": 'body = { to = "{{ message.to }}", text = "{{ message.text }}" }',
    "channel": 'channel = "sms"',
    "check": 'check = "https://api.example.org/v1/balance"',
    "code": 'code = "invalid_address"',
    "content": 'content = "json"',
    "coverage": 'coverage = ["FR", "BE"]',
    "encoding": 'encoding = "hex"',
    "equals": 'equals = ["21211"]',
    "headers": 'headers = { Authorization = "Bearer ${ACME_API_KEY}" }',
    "id": 'id = "$.messages[0].id"',
    "limits": "limits = { minute = 60, day = 10000 }",
    "method": 'method = "POST"',
    "path": 'path = "$.error.code"',
    "price": "price = 0.045",
    "prices": "prices = { FR = 0.05 }",
    "query": 'query = { to = "{{ message.to }}" }',
    "refused": '[[acme.refused]] status = 400, path = "$.error.code", equals = ["21211"], code = "invalid_address"',
    "retryable": "[[acme.retryable]] status = 409",
    "secret": 'secret = "${ACME_WEBHOOK_SECRET}"',
    "signature_header": 'signature_header = "X-Signature"',
    "status": 'status = "$.status"',
    "statuses": 'statuses = { delivered = "delivered", undelivered = "failed" }',
    "timestamp": 'timestamp = "$.timestamp"',
    "url": 'url = "https://api.example.org/v1/messages"',
    "webhook": '[acme.webhook] secret_header = "X-Token", secret = "${ACME_WEBHOOK_SECRET}", id = "$.id" ...',
}


class Wrong(Exception):
    """What is wrong with the key of a table, in words that follow its name."""

    def __init__(self, key: str, why: str) -> None:
        super().__init__(f"{key}: {why}")
        self.key, self.why = key, why


def _web_address(value: str) -> str:
    if not value.startswith(("http://", "https://", "${")):
        raise ValueError("must begin with http:// or https://")
    return value


def _place(value: str) -> str:
    if not value.startswith("header:"):
        path_of(value)
    return value


def _channel(value: Any) -> Any:
    if value not in CHANNELS:
        raise ValueError(f"is none of {', '.join(CHANNELS)}: {value!r}")
    return value


def _body(value: Any) -> Any:
    if not isinstance(value, dict | str):
        raise ValueError("is neither a text nor a table")
    return value


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _listed(value: Any) -> Any:
    return value if isinstance(value, list) else [value]


def _country(value: str) -> str:
    if not re.fullmatch("[A-Z]{2}", value):
        raise ValueError(f"is no country in two capital letters: {value!r}")
    return value


Url = Annotated[str, AfterValidator(_web_address)]
Place = Annotated[str, AfterValidator(_place)]  # a JSON path, or header:Name
JsonPath = Annotated[Path, BeforeValidator(lambda value: path_of(str(value)))]
Texts = Annotated[tuple[str, ...], BeforeValidator(lambda value: [_text(one) for one in _listed(value)])]
Status = Annotated[int, Field(ge=100, le=599)]
Statuses = Annotated[tuple[Status, ...], BeforeValidator(_listed)]
Country = Annotated[str, AfterValidator(_country)]
Price = Annotated[Decimal, BeforeValidator(lambda value: str(value)), Field(ge=0, le=1000)]
Limit = Annotated[int, Field(ge=1)]


class Table(BaseModel):
    """A table of the file: what is not known in it is a mistake."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Rule(Table):
    """Some answers: by their status, by what stands at a JSON path, or by both."""

    status: Statuses = ()
    path: JsonPath | None = None
    equals: Texts = ()

    @model_validator(mode="after")
    def _says_something(self) -> "Rule":
        if not self.status and self.path is None:
            raise ValueError("needs a status or a path")
        if (self.path is None) != (not self.equals):
            raise ValueError("needs path and equals together")
        return self


class Refusal(Rule):
    """Answers that mean: this address can't be reached. `hard`: it never will be."""

    code: str = Field(pattern="^[a-z][a-z_]{0,49}$")
    hard: bool = False


class Mapped(Table):
    """What a gateway's word for a state means."""

    type: EventType
    code: str | None = Field(default=None, pattern="^[a-z][a-z_]{0,49}$")
    hard: bool = False


Words = dict[
    str, Annotated[Mapped, BeforeValidator(lambda value: {"type": value} if isinstance(value, str) else value)]
]


class Reading(Table):
    """How a report is read: paths into it, and what its words mean."""

    status: JsonPath
    timestamp: JsonPath | None = None  # ISO 8601 or seconds since 1970
    code: JsonPath | None = None
    detail: JsonPath | None = None


class WebhookTable(Reading):
    """How a gateway reports to us, and how it proves that it is the gateway: a secret in a header or in the address, or
    an HMAC over the raw body."""

    secret: str
    secret_header: str | None = None
    secret_query: str | None = None
    signature_header: str | None = None
    algorithm: Literal["sha256", "sha512", "sha1"] = "sha256"
    encoding: Literal["hex", "base64"] = "hex"
    prefix: str = ""  # before the signature: sha256=
    events: JsonPath = ()
    id: JsonPath
    event_id: JsonPath | None = None
    key: JsonPath | None = None
    statuses: Words

    @model_validator(mode="after")
    def _is_proven_in_one_way(self) -> "WebhookTable":
        if len([one for one in (self.secret_header, self.secret_query, self.signature_header) if one]) != 1:
            raise ValueError("needs one of secret_header, secret_query and signature_header")
        return self


class StatusTable(Reading):
    """How a gateway is asked what became of a message. `{{ id }}` in the address is the message's id."""

    url: Url
    method: Literal["GET", "POST"] = "GET"
    headers: dict[str, str] | None = None  # None: those of sending
    statuses: Words = {}  # none: those of the webhook


class Limits(Table):
    """How many calls a provider gets."""

    minute: Limit | None = None
    hour: Limit | None = None
    day: Limit | None = None


class Definition(Table):
    """A provider. Texts are Jinja over `message` (to, text, subject, html, sender, url, key) and `callback`, where
    reports are to go; `${NAME}` is a variable of the environment."""

    channel: Annotated[Channel, BeforeValidator(_channel)]
    url: Url
    method: Literal["POST", "GET", "PUT", "PATCH"] = "POST"
    headers: dict[str, str] = {}
    query: dict[str, str] = {}
    content: Literal["json", "form", "text"] = "json"
    body: Annotated[dict[str, Any] | str | None, BeforeValidator(_body)] = None
    id: Place | None = None
    accepted: Annotated[tuple[Annotated[int, Field(ge=200, le=299)], ...], BeforeValidator(_listed)] = (200, 201, 202)
    refused: tuple[Refusal, ...] = ()
    retryable: tuple[Rule, ...] = ()
    check: Url | None = None
    price: Price | None = None
    prices: dict[Country, Price] = {}
    limits: Limits = Limits()
    coverage: tuple[Country, ...] = ()
    webhook: WebhookTable | None = None
    status: StatusTable | None = None

    @model_validator(mode="after")
    def _can_be_sent(self) -> "Definition":
        if self.body is None and not self.query:
            raise ValueError("needs a body or a query")
        if self.content == "form" and not isinstance(self.body, dict | None):
            raise ValueError("a form needs its body as a table")
        if self.content == "text" and not isinstance(self.body, str | None):
            raise ValueError("content text needs its body as a text")
        if self.status and not (self.status.statuses or (self.webhook and self.webhook.statuses)):
            raise ValueError("status needs its statuses, or a webhook's")
        return self


Definitions = Mapping[str, Definition]


def definitions_in(path: str | None) -> Definitions:
    """The providers of a file by name; none without a file. Raises `SettingsError` with one line that names the file,
    the table, the key and an example."""
    if not path:
        return {}
    try:
        tables = tomllib.loads(File(path).read_text("utf-8"))
    except OSError as error:
        raise SettingsError(f"PROVIDERS_FILE: {path} can't be read: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"PROVIDERS_FILE: {path} is not TOML: {error}") from None
    return {name: _definition(path, name, table) for name, table in tables.items()}


def _definition(path: str, name: str, table: Any) -> Definition:
    if not NAME.fullmatch(name):
        raise SettingsError(f"PROVIDERS_FILE: {path} [{name}]: a name has letters, digits and _ (example: [acme])")
    if not isinstance(table, dict):
        raise SettingsError(f"PROVIDERS_FILE: {path} {name}: stands outside of a table (example: [acme])")
    try:
        return Definition.model_validate(table)
    except ValidationError as error:
        raise wrong(path, name, _first(error)) from None


def wrong(path: str | None, name: str, found: Wrong) -> SettingsError:
    """The one line about a table."""
    last = re.sub(r"\[\d+\]$", "", found.key.rpartition(".")[2])
    example = EXAMPLES.get(last) or EXAMPLES.get(found.key.partition(".")[0]) or EXAMPLES["url"]
    about = f" {found.key}" if found.key else ""
    return SettingsError(f"PROVIDERS_FILE: {path} [{name}]{about}: {found.why} (example: {example})")


def _first(error: ValidationError) -> Wrong:
    problem = error.errors()[0]
    key = ""
    for part in problem["loc"]:
        key += f"[{part}]" if isinstance(part, int) else f".{part}" if key else str(part)
    why = problem["msg"].removeprefix("Value error, ")
    return Wrong(key, why[:1].lower() + why[1:])
