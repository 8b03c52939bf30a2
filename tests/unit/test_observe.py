"""Logs hold what happened, and nothing of what people said or of our secrets."""

import json
import logging
from io import StringIO

import pytest
import structlog

from core.observe import frames_only, set_up_logging, without_secrets


@pytest.fixture
def logged():
    """JSON lines as they go out, as a list of objects."""
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    set_up_logging("INFO", "json")
    out = StringIO()
    root.handlers[0].setStream(out)
    yield lambda: [json.loads(line) for line in out.getvalue().splitlines()]
    root.handlers[:] = before
    root.setLevel(level)
    structlog.reset_defaults()


def test_a_line_is_json_with_its_time_and_what_it_belongs_to(logged):
    """The update or delivery stands in every line that is written while it is worked on."""
    with structlog.contextvars.bound_contextvars(update_id=7):
        structlog.get_logger("bot.intake").info("handled", seconds=0.2)
    (line,) = logged()
    assert (line["event"], line["level"], line["update_id"], line["seconds"]) == ("handled", "info", 7, 0.2)
    assert (line["logger"], line["timestamp"][-1]) == ("bot.intake", "Z")


def test_libraries_log_in_the_same_form(logged):
    """One stream, one form; their arguments are filled in."""
    logging.getLogger("some.library").warning("lost %s of %d", "one", 2)
    (line,) = logged()
    assert (line["event"], line["level"], line["logger"]) == ("lost one of 2", "warning", "some.library")


@pytest.mark.parametrize("name", ["httpx", "aiogram.event", "telegram.ext", "apscheduler.executors", "uvicorn.access"])
def test_talkative_libraries_are_held_back(logged, name):
    """httpx writes whole addresses at INFO, the bot token in them."""
    logging.getLogger(name).info("HTTP Request: POST https://api.telegram.org/bot1:secret/sendMessage")
    assert logged() == []


@pytest.mark.parametrize(
    ("text", "left"),
    [
        (
            "https://api.telegram.org/bot7000000001:AAF-abcdefghijk_lmnopq/sendMessage",
            "https://api.telegram.org/bot[token]",
        ),
        ("postgresql+asyncpg://desk:pa55word@db/desk", "postgresql+asyncpg://[login]@db/desk"),
        ("550 no such user ada.l+x@mail.example.org here", "550 no such user [email] here"),
        ("to +1 (415) 555-0123 now", "to [phone] now"),
        ("key SG.abcdefgh1234.xyz", "key [key]"),
        ("/u/" + "aB3_" * 10 + "xyz failed", "/u/[link] failed"),
        ("12 deliveries at 2026-03-02T09:00:00Z", "12 deliveries at 2026-03-02T09:00:00Z"),
    ],
)
def test_what_looks_like_a_secret_is_taken_out(text, left):
    """The last net: nothing should come this far."""
    event = without_secrets(None, "info", {"event": text, "nested": {"list": [text]}})
    assert event["event"].startswith(left)
    assert event["nested"]["list"][0] == event["event"]


def test_a_token_inside_an_address_is_taken_out():
    """Without a boundary before its number."""
    event = without_secrets(None, "info", {"event": "GET /bot7000000001:AAF-abcdefghijk_lmnopq/getMe"})
    assert "AAF" not in event["event"]


def test_an_exception_is_its_kind_and_its_place():
    """Its message may be the person's own words."""
    try:
        try:
            raise ValueError("what the person wrote")
        except ValueError as error:
            raise RuntimeError("a secret") from error
    except RuntimeError as error:
        event = frames_only(None, "error", {"event": "failed", "exc_info": error})
    assert event["error"] == "RuntimeError < ValueError"
    assert event["at"][-1].startswith("tests/unit/test_observe.py:")
    assert "person" not in str(event)
    assert "secret" not in str(event["at"])


def test_an_exception_of_a_library_is_told_the_same_way(logged):
    """Through the standard logging, with exc_info."""
    try:
        raise ValueError("what the person wrote")
    except ValueError:
        logging.getLogger("some.library").exception("failed")
    (line,) = logged()
    assert (line["error"], "person" in json.dumps(line)) == ("ValueError", False)


def test_a_group_is_told_by_its_first_error():
    """TaskGroups wrap what their tasks raise."""
    error = ExceptionGroup("several", [KeyError("x"), ValueError("y")])
    assert frames_only(None, "error", {"event": "failed", "exc_info": error})["error"] == "KeyError"
