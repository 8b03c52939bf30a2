"""What a failed call of an OpenAI-compatible server means. Pure; nothing of the server's words is kept."""

import json
from dataclasses import dataclass
from typing import Any

from core.posts.writing import WriterError, WriterErrorKind

LONGEST_WAIT = 20.0  # seconds; whoever is asked to wait longer is told at once
_USUAL_WAIT = 1.0
_STRUCTURE_WORDS = (
    "response_format",
    "json_schema",
    "structured output",
    "structured_output",
    "guided_json",
    "grammar",
)
_QUOTA_WORDS = ("insufficient_quota", "exceeded your current quota", "billing", "credit balance")
_FILTER_WORDS = ("content_filter", "content_policy", "content management policy", "invalid_prompt")


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a call failed, and after how many seconds it may be tried again; None: it would only fail again."""

    kind: WriterErrorKind
    wait: float | None = None


def failure_of(error: Exception) -> Failure | None:
    """What this exception means; None for one that is no failure of the server but a defect of ours."""
    import openai

    if isinstance(error, WriterError):
        return Failure(error.kind)
    if isinstance(error, TimeoutError | openai.APITimeoutError):
        return Failure(WriterErrorKind.TIMEOUT)
    if isinstance(error, openai.APIStatusError):
        return _by_status(error.status_code, _words_of(error), error.response.headers)
    if isinstance(error, openai.APIConnectionError):
        return Failure(WriterErrorKind.UNAVAILABLE, _USUAL_WAIT)
    if isinstance(error, openai.OpenAIError | json.JSONDecodeError):  # an answer that is no completion
        return Failure(WriterErrorKind.UNAVAILABLE)
    return None


def lacks_structure(error: Exception) -> bool:
    """Whether the server says that it knows no structured output."""
    import openai

    is_complaint = isinstance(error, openai.APIStatusError) and error.status_code in (400, 404, 422, 501)
    return is_complaint and _has(_words_of(error), _STRUCTURE_WORDS)


def _words_of(error: Any) -> str:
    """The server's complaint in lower case, for looking up words only."""
    return f"{error.code} {error.type} {error.body} {error.message}".lower()


def _by_status(status: int, words: str, headers: Any) -> Failure:
    if status in (401, 403):
        return Failure(WriterErrorKind.BAD_KEY)
    if status == 402 or (status == 429 and _has(words, _QUOTA_WORDS)):
        return Failure(WriterErrorKind.QUOTA)
    if status in (408, 409, 429) or status >= 500:
        return Failure(WriterErrorKind.UNAVAILABLE, _wait(headers))
    if _has(words, _FILTER_WORDS):
        return Failure(WriterErrorKind.REFUSED)
    if status == 404 or "model_not_found" in words:
        return Failure(WriterErrorKind.BAD_MODEL)
    return Failure(WriterErrorKind.UNAVAILABLE)


def _has(words: str, some: tuple[str, ...]) -> bool:
    return any(word in words for word in some)


def _wait(headers: Any) -> float | None:
    """The wait that the server names; None where it is too long to keep somebody waiting."""
    try:
        if "retry-after-ms" in headers:
            wait = float(headers["retry-after-ms"]) / 1_000
        else:
            wait = float(headers.get("retry-after", _USUAL_WAIT))
    except ValueError:  # an HTTP date
        wait = _USUAL_WAIT
    return max(wait, 0.0) if wait <= LONGEST_WAIT else None
