"""The desk: every use case that handlers ask for by name, built once."""

import inspect
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import import_module
from importlib.util import find_spec
from typing import Any

# Handlers ask for these by parameter name. Later ones may take earlier ones.
USE_CASES = {
    "accounts": "core.accounts:Accounts",
    "gate": "core.gate:Gate",
    "drafts": "core.drafts:Drafts",
    "approvals": "core.approvals:Approvals",
    "keeping": "core.keeping:Keeping",
    "library": "core.library:Library",
    "voice": "core.voice:Voice",
    "deliveries": "core.deliveries:Deliveries",
    "reminders": "core.reminders:Reminders",
    "preferences": "core.preferences:PreferenceBook",
    "verification": "core.verification:Verification",
    "privacy": "core.privacy:Privacy",
    "timezones": "core.timezones:Timezones",
    "operations": "core.operations:Operations",
}


@dataclass(frozen=True, slots=True)
class Desk:
    """What the dispatcher puts at the handlers' disposal: each entry under its name."""

    parts: Mapping[str, Any] = field(default_factory=dict)


def build_desk(**given: Any) -> Desk:
    """Builds every use case from what is given and from the use cases before it, by parameter name."""
    parts = dict(given)
    for name, place in USE_CASES.items():
        module, _, class_name = place.partition(":")
        if find_spec(module) is None:
            continue
        made = getattr(import_module(module), class_name, None)
        if made is not None:
            parts[name] = _made(made, parts)
    return Desk(parts)


def _made(use_case: Any, parts: Mapping[str, Any]) -> Any:
    wanted = inspect.signature(use_case).parameters
    return use_case(**{name: parts[name] for name, p in wanted.items() if name in parts or p.default is p.empty})
