"""The table of every provider, and the ones that the settings ask for.

An adapter is imported when it is built: a process pays only for what it uses.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import httpx
from pydantic import SecretStr

from core.delivery.budget import Budget
from core.delivery.selection import Candidate
from core.errors import SettingsError
from core.model import Channel
from core.ports import Clock, Provider, Reporting
from core.providers.base import http_client
from core.settings import EXAMPLES, Settings, priorities


@dataclass(frozen=True, slots=True)
class Parts:
    """What factories build from."""

    settings: Settings
    http: httpx.AsyncClient
    budget: Budget
    clock: Clock
    demo_token: str | None = None


LAST = 99  # the priority of a provider that only serves who names it
Factory = Callable[[Parts], Provider]


@dataclass(frozen=True, slots=True)
class Registry:
    """The providers that are set up, by channel and name, with their priorities."""

    providers: Mapping[Channel, Mapping[str, Provider]]
    priorities: Mapping[Channel, Mapping[str, int]]
    http: httpx.AsyncClient | None = None

    def candidates(self, channel: Channel) -> Sequence[Candidate]:
        """The providers of a channel."""
        ranks = self.priorities.get(channel, {})
        return [Candidate(name, ranks.get(name, 1)) for name in self.providers.get(channel, {})]

    def get(self, channel: Channel, name: str) -> Provider:
        """A provider that `candidates` named."""
        return self.providers[channel][name]

    def reporting(self, name: str) -> Reporting | None:
        """The webhook half of a provider; None where it is not set up or has none."""
        for of_channel in self.providers.values():
            provider = of_channel.get(name)
            if isinstance(provider, Reporting):
                return provider
        return None

    async def close(self) -> None:
        """Give back every connection."""
        await asyncio.gather(*(one.close() for mine in self.providers.values() for one in mine.values()))
        if self.http is not None:
            await self.http.aclose()


def _smtp(parts: Parts) -> Provider:
    from core.providers.smtp import Smtp

    smtp = parts.settings.smtp
    url = _needed("SMTP_URL", _secret(smtp.url), "smtp")
    return Smtp(url, smtp.timeout, parts.settings.sender_email, parts.clock)


def _sendgrid(parts: Parts) -> Provider:
    from core.providers.sendgrid import SendGrid

    ours = parts.settings.sendgrid
    key = _needed("SENDGRID_API_KEY", _secret(ours.api_key), "sendgrid")
    return SendGrid(parts.http, key, ours.base_url.rstrip("/"), parts.settings.sender_email, ours.webhook_public_key)


def _sandbox(channel: Channel) -> Factory:
    def build(parts: Parts) -> Provider:
        from core.providers.sandbox import Sandbox

        ours = parts.settings.sandbox
        key, base_url = ours.api_key.get_secret_value(), ours.base_url.rstrip("/")
        return Sandbox(parts.http, channel, base_url, key, parts.settings.sender_email)

    return build


def _telegram(parts: Parts) -> Provider:
    from core.providers.telegram import Telegram

    ours = parts.settings.telegram
    token = parts.demo_token or _secret(ours.bot_token)
    known = _needed("TELEGRAM_BOT_TOKEN", token, "telegram")
    return Telegram(known, ours.api_base, parts.budget, parts.settings.provider_timeout)


def _in_app(parts: Parts) -> Provider:
    from core.providers.in_app import InApp

    return InApp()


PROVIDERS: dict[Channel, dict[str, Factory]] = {
    Channel.TELEGRAM: {"telegram": _telegram, "sandbox": _sandbox(Channel.TELEGRAM)},
    Channel.EMAIL: {"smtp": _smtp, "sendgrid": _sendgrid, "sandbox": _sandbox(Channel.EMAIL)},
    Channel.SMS: {"sandbox": _sandbox(Channel.SMS)},
    Channel.WHATSAPP: {"sandbox": _sandbox(Channel.WHATSAPP)},
    Channel.IN_APP: {"in_app": _in_app},
}


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

    Without EMAIL_PROVIDERS, mail goes by SMTP_URL where that is set and by SendGrid where its key is.
    """
    client = http or http_client(settings.provider_timeout)
    parts = Parts(settings, client, budget, clock, demo_token)
    ranks: dict[Channel, dict[str, int]] = {
        Channel.TELEGRAM: {"telegram": 1} if demo_token or settings.telegram.bot_token else {},
        Channel.EMAIL: wanted_for_email(settings),
        Channel.IN_APP: {"in_app": 1},
    }
    if also:
        ranks.setdefault(also[0], {}).setdefault(also[1], LAST)
    built = {channel: {name: _build(channel, name, parts) for name in mine} for channel, mine in ranks.items()}
    return Registry(built, ranks, client)


def wanted_for_email(settings: Settings) -> dict[str, int]:
    """The names and priorities of the e-mail providers."""
    if settings.email_providers:
        return priorities(settings.email_providers)
    set_up = {"smtp": settings.smtp.url, "sendgrid": settings.sendgrid.api_key}
    return {name: place for place, (name, value) in enumerate(set_up.items(), start=1) if value}


def _build(channel: Channel, name: str, parts: Parts) -> Provider:
    factory = PROVIDERS[channel].get(name)
    if factory is None:
        variable, known = f"{channel.upper()}_PROVIDERS", ", ".join(PROVIDERS[channel])
        raise SettingsError(f"{variable}: knows no provider {name!r}, only {known}{_example(variable)}")
    return factory(parts)


def _secret(value: SecretStr | None) -> str | None:
    return value.get_secret_value() if value else None


def _needed(variable: str, value: str | None, provider: str) -> str:
    if not value:
        raise SettingsError(f"{variable}: is needed by the provider {provider}{_example(variable)}")
    return value


def _example(variable: str) -> str:
    example = EXAMPLES.get(variable)
    return f" (example: {variable}={example})" if example else ""
