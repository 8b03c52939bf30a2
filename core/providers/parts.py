"""What an adapter is built from, and how a missing credential is told."""

from dataclasses import dataclass

import httpx
from pydantic import SecretStr

from core.delivery.budget import Budget
from core.errors import SettingsError
from core.model import Channel
from core.ports import Clock
from core.settings import EXAMPLES, Settings


@dataclass(frozen=True, slots=True)
class Parts:
    """`channel` is the one that the adapter shall serve; `demo_token` is the pretend Telegram's."""

    settings: Settings
    http: httpx.AsyncClient
    budget: Budget
    clock: Clock
    channel: Channel
    demo_token: str | None = None


def secret(value: SecretStr | str | None) -> str | None:
    """What a secret setting holds."""
    return value.get_secret_value() if isinstance(value, SecretStr) else value


def needed(variable: str, value: SecretStr | str | None, provider: str) -> str:
    """A setting that a provider can't do without; raises `SettingsError` with one line."""
    text = secret(value)
    if not text:
        raise SettingsError(f"{variable}: is needed by the provider {provider}{example_of(variable)}")
    return text


def example_of(variable: str) -> str:
    """` (example: NAME=value)`, where we have one."""
    example = EXAMPLES.get(variable)
    return f" (example: {variable}={example})" if example else ""
