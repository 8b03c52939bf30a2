"""The table of every provider, and the ones that the settings ask for.

An adapter is a module with `build(parts)`; it is imported when it is built, so that a process pays only for what it
uses.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from importlib import import_module
from typing import TYPE_CHECKING

import httpx
from pydantic import SecretStr

from core.delivery.budget import Budget
from core.errors import SettingsError
from core.model import Channel
from core.ports import Clock, Provider, Reporting
from core.providers.base import http_client
from core.providers.external import build_external
from core.providers.parts import Parts, example_of, needed
from core.routing.terms import Candidate, Stated
from core.settings import Settings, priorities

if TYPE_CHECKING:
    from core.providers.definitions import Definitions

LAST = 99  # the priority of a provider that only serves who names it


@dataclass(frozen=True, slots=True)
class Entry:
    """A module under core/providers, and the settings it can't do without, as `.env` names them."""

    module: str
    credentials: tuple[str, ...] = ()


SANDBOX = Entry("sandbox")
TWILIO = ("TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN")
GOOGLE = ("GOOGLEWORKSPACE_CLIENT_ID", "GOOGLEWORKSPACE_CLIENT_SECRET", "GOOGLEWORKSPACE_REFRESH_TOKEN")
PROVIDERS: dict[Channel, dict[str, Entry]] = {
    Channel.TELEGRAM: {"telegram": Entry("telegram"), "sandbox": SANDBOX},
    Channel.EMAIL: {
        "smtp": Entry("smtp", ("SMTP_URL",)),
        "mailgun": Entry("mailgun", ("MAILGUN_API_KEY", "MAILGUN_DOMAIN")),
        "sendgrid": Entry("sendgrid", ("SENDGRID_API_KEY",)),
        "postmark": Entry("postmark", ("POSTMARK_SERVER_TOKEN",)),
        "amazonses": Entry("amazonses", ("AMAZONSES_ACCESS_KEY_ID", "AMAZONSES_SECRET_ACCESS_KEY", "AMAZONSES_REGION")),
        "googleworkspace": Entry("googleworkspace", GOOGLE),
        "sandbox": SANDBOX,
    },
    Channel.SMS: {
        "twilio": Entry("twilio", (*TWILIO, "TWILIO_FROM")),
        "messagebird": Entry("messagebird", ("MESSAGEBIRD_ACCESS_KEY", "MESSAGEBIRD_ORIGINATOR")),
        "amazonsns": Entry("amazonsns", ("AMAZONSNS_ACCESS_KEY_ID", "AMAZONSNS_SECRET_ACCESS_KEY", "AMAZONSNS_REGION")),
        "plivo": Entry("plivo", ("PLIVO_AUTH_ID", "PLIVO_AUTH_TOKEN", "PLIVO_FROM")),
        "vonage": Entry("vonage", ("VONAGE_API_KEY", "VONAGE_API_SECRET", "VONAGE_FROM")),
        "sandbox": SANDBOX,
    },
    Channel.WHATSAPP: {
        "twilio": Entry("twilio", (*TWILIO, "TWILIO_WHATSAPP_FROM")),
        "sandbox": SANDBOX,
    },
    Channel.PUSH: {
        "fcm": Entry("fcm", ("FCM_PROJECT_ID", "FCM_CREDENTIALS_FILE")),
        "webpush": Entry("webpush", ("WEBPUSH_VAPID_PRIVATE_KEY", "WEBPUSH_SUBJECT")),
        "sandbox": SANDBOX,
    },
    Channel.WEBHOOK: {"webhook": Entry("webhook", ("WEBHOOK_SECRET",)), "sandbox": SANDBOX},
    Channel.IN_APP: {"in_app": Entry("in_app")},
}
ALIASES = {"nexmo": "vonage", "amazonssns": "amazonsns"}


@dataclass(frozen=True, slots=True)
class Registry:
    """The providers that are set up, by channel and name, with their priorities."""

    providers: Mapping[Channel, Mapping[str, Provider]]
    priorities: Mapping[Channel, Mapping[str, int]]
    http: httpx.AsyncClient | None = None

    def candidates(self, channel: Channel) -> Sequence[Candidate]:
        """The providers of a channel."""
        ranks = self.priorities.get(channel, {})
        named = self.providers.get(channel, {}).items()
        return [Candidate(name, ranks.get(name, 1), getattr(one, "stated", Stated())) for name, one in named]

    def get(self, channel: Channel, name: str) -> Provider:
        """A provider that `candidates` named."""
        return self.providers[channel][name]

    def credentials(self, channel: Channel, name: str) -> Sequence[str]:
        """The settings that one of ours can't do without."""
        entry = PROVIDERS.get(channel, {}).get(name)
        return entry.credentials if entry else ()

    def reporting(self, name: str) -> Reporting | None:
        """The webhook half of a provider; None where it is not set up or has none."""
        for of_channel in self.providers.values():
            provider = of_channel.get(ALIASES.get(name, name))
            if isinstance(provider, Reporting):
                return provider
        return None

    async def close(self) -> None:
        """Give back every connection."""
        await asyncio.gather(*(one.close() for mine in self.providers.values() for one in mine.values()))
        if self.http is not None:
            await self.http.aclose()


def build_registry(
    settings: Settings,
    budget: Budget,
    *,
    clock: Clock = lambda: datetime.now(UTC),
    http: httpx.AsyncClient | None = None,
    demo_token: str | None = None,
    also: tuple[Channel, str] | None = None,
) -> Registry:
    """The providers that the settings ask for, and one more where somebody names it (`also`); raises `SettingsError`
    for an unknown name or a missing credential. `demo_token` is the pretend Telegram's.

    A channel whose list is unset uses every provider whose credentials are set, in the order of the table, then those
    of PROVIDERS_FILE.
    """
    client = http or http_client(settings.provider_timeout)
    defined = _defined(settings)
    parts = Parts(settings, client, budget, clock, Channel.IN_APP, demo_token)
    ranks: dict[Channel, dict[str, int]] = {
        Channel.TELEGRAM: {"telegram": 1} if demo_token or settings.telegram.bot_token else {},
        Channel.IN_APP: {"in_app": 1},
        **{channel: wanted(channel, settings, defined) for channel in CHOSEN},
    }
    if also:
        ranks.setdefault(also[0], {}).setdefault(known_as(also[1]), LAST)
    built = {
        channel: {name: _build(name, replace(parts, channel=channel), defined) for name in mine}
        for channel, mine in ranks.items()
    }
    return Registry(built, ranks, client)


CHOSEN = (Channel.EMAIL, Channel.SMS, Channel.WHATSAPP, Channel.PUSH, Channel.WEBHOOK)


def known_as(name: str) -> str:
    """A provider's name of today."""
    return ALIASES.get(name, name)


def wanted(channel: Channel, settings: Settings, defined: "Definitions") -> dict[str, int]:
    """The names and priorities of a channel's providers."""
    chosen = priorities(getattr(settings, f"{channel}_providers", []))  # of webhooks there is one provider
    if chosen:
        return {known_as(name): priority for name, priority in chosen.items()}
    table = PROVIDERS[channel].items()
    set_up = [
        name
        for name, entry in table
        if entry.credentials and all(_setting(settings, variable) for variable in entry.credentials)
    ]
    set_up += _set_up({name: one for name, one in defined.items() if one.channel is channel})
    return {name: place for place, name in enumerate(set_up, start=1)}


def _set_up(defined: "Definitions") -> list[str]:
    """The tables whose variables are all set."""
    if not defined:
        return []
    from core.providers.generic_texts import is_set_up

    return [name for name, one in defined.items() if is_set_up(one)]


def _build(name: str, parts: Parts, defined: "Definitions") -> Provider:
    """From our own table, else the operator's file, else another package."""
    entry = PROVIDERS.get(parts.channel, {}).get(name)
    if entry is not None:
        return _build_own(entry, name, parts)
    definition = defined.get(name)
    if definition is not None and definition.channel is parts.channel:
        from core.providers.generic_http import build_defined

        return build_defined(parts, name, definition)
    provider = build_external(name, parts)
    if provider is None:
        raise _unknown(name, parts.channel, defined)
    return provider


def _build_own(entry: Entry, name: str, parts: Parts) -> Provider:
    for variable in entry.credentials:
        needed(variable, _setting(parts.settings, variable), name)
    provider: Provider = import_module(f"core.providers.{entry.module}").build(parts)
    return provider


def _unknown(name: str, channel: Channel, defined: "Definitions") -> SettingsError:
    also = (other for other, definition in defined.items() if definition.channel is channel)
    variable, known = f"{channel.upper()}_PROVIDERS", ", ".join((*PROVIDERS.get(channel, {}), *also))
    return SettingsError(f"{variable}: knows no provider {name!r}, only {known}{example_of(variable)}")


def _defined(settings: Settings) -> "Definitions":
    """The tables of PROVIDERS_FILE. None of them may take a name of ours: reports are told apart by it."""
    if not settings.providers_file:
        return {}
    from core.providers.definitions import definitions_in

    found = definitions_in(settings.providers_file)
    ours = {name for table in PROVIDERS.values() for name in table} | set(ALIASES)
    for name in sorted(found.keys() & ours):
        raise SettingsError(f"PROVIDERS_FILE: {settings.providers_file} [{name}]: the name is taken (example: [acme])")
    return found


def _setting(settings: Settings, variable: str) -> SecretStr | str | None:
    """The value of `MAILGUN_API_KEY`: the field api_key of the block mailgun."""
    block, _, field = variable.lower().partition("_")
    values = getattr(settings, block)
    value: SecretStr | str | None = getattr(values, field, None) or getattr(values, f"{field}_", None)
    return value
