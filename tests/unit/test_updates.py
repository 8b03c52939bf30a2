"""Updates as they are kept: whatever a server sends, one of them never stops the others."""

import json
from typing import Any

import pytest

from core.updates import incoming, storable


@pytest.mark.parametrize(
    ("content", "key"),
    [
        ({"message": {"chat": {"id": -(2**63)}, "from": {"id": 5}}}, -(2**63)),
        ({"message": {"chat": {"id": 2**63}, "from": {"id": 5}}}, 5),
        ({"message": {"chat": {"id": None}, "from": {"id": "x"}}}, 77),
        ({"message": {"chat": [], "message": "text"}}, 77),
    ],
)
def test_a_chat_that_no_column_holds_is_none(content: dict[str, Any], key: int):
    """Such an update stands alone, instead of stopping the polling."""
    assert incoming({"update_id": 77, **content}).chat_key == key


def test_what_a_database_refuses_is_taken_out():
    """NUL, half a surrogate pair, and numbers that JSON doesn't know."""
    kept = storable({"te\0xt": ["a\0b", "\ud83d", float("nan"), float("inf"), 1.5, None]})
    assert kept == {"text": ["ab", "?", None, None, 1.5, None]}
    assert json.loads(json.dumps(kept, allow_nan=False)) == kept
