"""Logs: structured, JSON where nobody reads along, and free of what people said, where they live, and secrets."""

import logging
import re
import sys
from pathlib import Path
from traceback import extract_tb
from types import TracebackType
from typing import Any, Literal

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

ROOT = Path(__file__).parent.parent
FRAMES = 12  # of a traceback, the innermost
# httpx writes whole URLs at INFO, the bot token in them; the others tell of every request.
TALKATIVE = ("httpx", "httpcore", "aiogram", "telegram", "apscheduler", "aiosqlite", "aiohttp", "taskiq", "uvicorn",
             "asyncio", "mail", "openai", "alembic")  # fmt: skip
SECRETS = (
    (re.compile(r"\d{5,}:[A-Za-z0-9_-]{8,}"), "[token]"),
    (re.compile(r"(?<=://)[^/\s@]+@"), "[login]@"),
    (re.compile(r"[^\s@<>\"'=(]+@[^\s@<>\"')]+\.\w+"), "[email]"),
    (re.compile(r"\+\d[\d ().-]{6,}\d"), "[phone]"),
    (re.compile(r"\b(?:SG\.|sk-)[A-Za-z0-9_.-]{8,}"), "[key]"),
    (re.compile(r"\b[A-Za-z0-9_-]{43}\b"), "[link]"),
)


def set_up_logging(level: str = "INFO", form: Literal["auto", "json", "console"] = "auto") -> None:
    """Everything that is logged, here and in libraries, goes to stderr in one form."""
    is_json = form == "json" or (form == "auto" and not sys.stderr.isatty())
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        frames_only,
        without_secrets,
    ]
    renderer: Processor = structlog.processors.JSONRenderer() if is_json else structlog.dev.ConsoleRenderer()
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.PositionalArgumentsFormatter(), *shared],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in TALKATIVE:
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))


def frames_only(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    """An exception as its kind and where it came from. Its message may hold what a person wrote."""
    error = event.pop("exc_info", None)
    event.pop("stack_info", None)
    if error is True:
        error = sys.exc_info()
    if isinstance(error, tuple):
        error = error[1]
    if isinstance(error, BaseException):
        event["error"] = _kinds(error)
        event["at"] = _frames(_innermost(error).__traceback__)
    return event


def _innermost(error: BaseException) -> BaseException:
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error


def _kinds(error: BaseException) -> str:
    """`OuterError < InnerError`, along the causes."""
    names: list[str] = []
    found: BaseException | None = _innermost(error)
    while found is not None and len(names) < 5:
        names.append(type(found).__name__)
        found = found.__cause__ or found.__context__
    return " < ".join(names)


def _frames(trace: TracebackType | None) -> list[str]:
    return [f"{_short(frame.filename)}:{frame.lineno} {frame.name}" for frame in extract_tb(trace)[-FRAMES:]]


def _short(filename: str) -> str:
    path = Path(filename)
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) and ".venv" not in path.parts else path.name


def without_secrets(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    """The last net: whatever looks like a token, an address or a number to call is taken out of every value."""
    return {key: value if key in ("timestamp", "logger", "at") else _clean(value) for key, value in event.items()}


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        for pattern, word in SECRETS:
            value = pattern.sub(word, value)
        return value
    if isinstance(value, dict):
        return {key: _clean(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_clean(item) for item in value]
    return value
