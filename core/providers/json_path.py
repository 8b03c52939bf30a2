"""Where something stands in a JSON document: `$.messages[0].id`, `$['to']`, `$`. Names and places only."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

STEP = re.compile(r"""\.(?P<name>[\w-]+)|\[(?P<place>\d{1,6})\]|\[(?P<quote>['"])(?P<quoted>[^'"]+)(?P=quote)\]""")
Path = tuple[str | int, ...]


def path_of(text: str) -> Path:
    """The steps from the root; raises `ValueError`."""
    steps: list[str | int] = []
    at = 1
    while text.startswith("$") and at < len(text):
        step = STEP.match(text, at)
        if step is None:
            break
        steps.append(int(step["place"]) if step["place"] else step["name"] or step["quoted"])
        at = step.end()
    if not text.startswith("$") or at < len(text):
        raise ValueError(f"is not a JSON path: {text!r}")
    return tuple(steps)


def look_up(document: Any, path: Path) -> Any:
    """What stands there; raises `LookupError` where nothing does."""
    found = document
    for step in path:
        is_list = isinstance(found, Sequence) and not isinstance(found, str | bytes)
        if not (is_list if isinstance(step, int) else isinstance(found, Mapping)):
            raise LookupError(f"no {step!r}")
        found = found[step]
    return found


def text_at(document: Any, path: Path | None) -> str:
    """What stands there as text; empty where nothing does. True and false as JSON writes them."""
    try:
        found = None if path is None else look_up(document, path)
    except LookupError:
        return ""
    if isinstance(found, bool):
        return str(found).lower()
    return "" if found is None else str(found)
