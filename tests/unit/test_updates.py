"""Updates as they are kept: whatever a server sends, one of them never stops the others."""

import json
from typing import Any

import pytest

from core.updates import incoming, storable


@pytest.mark.parametrize(
    ("content", "key"),
    [
        ({"message": {"chat": {"id": -100}, "from": {"id": 5}}}, -100),
        ({"callback_query": {"from": {"id": 5}, "message": {"chat": {"id": 6}}}}, 6),
        ({"callback_query": {"from": {"id": 5}}}, 5),
        ({"poll": {"id": "9"}}, 77),
        ({"message": {"chat": {"id": 2**63}}}, 77),
        ({"message": {"chat": {"id": None}, "from": {"id": "x"}}}, 77),
        ({"message": {"chat": [], "message": "text"}}, 77),
    ],
)
def test_updates_are_in_order_by_chat_person_or_not_at_all(content: dict[str, Any], key: int):
    """A chat that no column holds is none."""
    assert incoming({"update_id": 77, **content}).chat_key == key


@pytest.mark.parametrize("payload", [None, [], {}, {"update_id": "1"}, {"update_id": True}, {"update_id": -1}])
def test_what_is_no_update_is_refused(payload: Any):
    """Without an id it can't be acknowledged either."""
    with pytest.raises(ValueError, match="update_id"):
        incoming(payload)


def test_what_a_database_refuses_is_taken_out():
    """NUL, half a surrogate pair, and numbers that JSON doesn't know."""
    kept = storable({"te\0xt": ["a\0b", "\ud83d", float("nan"), float("inf"), 1.5, None]})
    assert kept == {"text": ["ab", "?", None, None, 1.5, None]}
    assert json.loads(json.dumps(kept, allow_nan=False)) == kept
