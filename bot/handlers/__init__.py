"""One file per topic, each with its `router`. The order matters only where two would take the same update."""

from importlib import import_module
from importlib.util import find_spec

from aiogram import Router

# A dialogue's question comes before the ideas, which take any text; commands leave a dialogue on their own.
TOPICS = (
    "admin",
    "start",
    "access",
    "settings",
    "email",
    "timezone",
    "reminders",
    "privacy",
    "voice",
    "posts",
    "log",
    "drafts",
    "versions",
    "dates",
    "ideas",
)


def routers() -> tuple[Router, ...]:
    """A router per topic, in order."""
    names = [f"{__name__}.{topic}" for topic in TOPICS]
    return tuple(import_module(name).router for name in names if find_spec(name))
