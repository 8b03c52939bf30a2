"""Making a post of what a model answered: JSON, fenced JSON, or bare text with what models put around it. Pure."""

import json
import re
from typing import Any

from core.writers.offline_text import clean

_THOUGHTS = re.compile(r"<think(?:ing)?>.*?</think(?:ing)?>", re.DOTALL | re.IGNORECASE)
_THOUGHTS_END = re.compile(r"^.*</think(?:ing)?>", re.DOTALL | re.IGNORECASE)  # servers may swallow the opening tag
_THOUGHTS_CUT = re.compile(r"<think(?:ing)?>.*", re.DOTALL | re.IGNORECASE)
_FENCED = re.compile(r"```[a-z]*[ \t]*\n(.*?)\n?```", re.DOTALL | re.IGNORECASE)
_POLITE = r"(?:sure|certainly|of course|absolutely|okay|ok|claro|por supuesto|bien sûr|d'accord|avec plaisir)"
_STARTS = r"(?:here(?:'s|’s| is| are| you go)|below is|aquí (?:tienes|está|va)|este es|voici|your|the|revised|linkedin)"
_NAMES = r"(?:post|version|draft|rewrite|publicación|versión|borrador|texto|publication|texte|brouillon|you go)"
# A post may well begin "Here is what I learned:"; a preamble names the post.
_PREAMBLE = re.compile(
    rf"^(?:{_POLITE}\b[^\n]{{0,40}}[.!,:]\s*)?{_STARTS}\b[^\n]{{0,80}}(?<=\W){_NAMES}\b[^\n]{{0,60}}:\s*\n+"
    rf"|^{_POLITE}\b[^\n]{{0,40}}[!.:]\s*\n+",
    re.IGNORECASE,
)
_HEADING = re.compile(r"^#{1,6} +", re.MULTILINE)
_BOLD = re.compile(r"(\*\*|__)(?=\S)(.+?)(?<=\S)\1")
_RULE = re.compile(r"^(?:-{3,}|\*{3,})$", re.MULTILINE)
_PARTIAL = re.compile(r'"post"\s*:\s*("(?:[^"\\]|\\.)*)', re.DOTALL)
_QUOTES = {'"': '"', "“": "”", "«": "»", "'": "'"}


def json_post(content: str) -> str | None:
    """The post in an answer that is JSON, bare or fenced, also one that was cut off; None where it is not JSON."""
    text = _unfenced(_without_thoughts(content))
    if not text.startswith("{"):
        return None
    try:
        found = _string_in(json.loads(text, strict=False))
    except ValueError:
        found = _partial(text)
    return None if found is None else clean(_plain(found))


def text_post(content: str) -> str:
    """The post in an answer that is bare text."""
    text = _unfenced(_PREAMBLE.sub("", _without_thoughts(content), count=1).strip())
    return clean(_unquoted(_plain(text).strip()))


def _without_thoughts(content: str) -> str:
    text = _THOUGHTS_END.sub("", _THOUGHTS.sub("", content))
    return _THOUGHTS_CUT.sub("", text).strip()


def _unfenced(text: str) -> str:
    found = _FENCED.search(text)
    return found[1].strip() if found else text.strip()


def _string_in(value: Any) -> str | None:
    """The field "post"; a model that named it otherwise is forgiven if it is the only text."""
    if not isinstance(value, dict):
        return None
    if isinstance(value.get("post"), str):
        return str(value["post"])
    texts = [entry for entry in value.values() if isinstance(entry, str)]
    return texts[0] if len(texts) == 1 else None


def _partial(text: str) -> str | None:
    """A post whose JSON ends early, because the answer was cut at the server's limit."""
    found = _PARTIAL.search(text)
    if not found:
        return None
    try:
        return str(json.loads(found[1].rstrip("\\") + '"', strict=False))
    except ValueError:
        return None


def _plain(text: str) -> str:
    """Without Markdown."""
    return _RULE.sub("", _BOLD.sub(r"\2", _HEADING.sub("", text)))


def _unquoted(text: str) -> str:
    """Without quotation marks around the whole; those of a quotation at its beginning stay."""
    closing = _QUOTES.get(text[:1], "")
    inside = text[1:-1]
    if len(text) < 3 or not closing or not text.endswith(closing) or closing in inside or text[0] in inside:
        return text
    return inside.strip()
