"""Places in JSON documents."""

from typing import Any

import pytest

from core.providers.json_path import look_up, path_of, text_at

DOCUMENT = {"messages": [{"id": "m-1", "to": {"e.164": "+1"}}], "ok": True, "count": 0, "nothing": None, "text": "abc"}


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("$", DOCUMENT),
        ("$.messages[0].id", "m-1"),
        ("$['messages'][0][\"to\"]['e.164']", "+1"),
        ("$.ok", True),
        ("$.count", 0),
        ("$.nothing", None),
    ],
)
def test_what_stands_at_a_path(path: str, found: Any):
    """Names with a dot in them are quoted."""
    assert look_up(DOCUMENT, path_of(path)) == found


@pytest.mark.parametrize(
    "path", ["$.none", "$.messages[1]", "$.messages.id", "$.ok.x", "$.text[0]", "$.messages[0][0]"]
)
def test_where_nothing_stands(path: str):
    """Also where a name is asked of a list, and a place of a text."""
    with pytest.raises(LookupError):
        look_up(DOCUMENT, path_of(path))


@pytest.mark.parametrize("path", ["", "id", "$id", "$.", "$..id", "$[*]", "$[-1]", "$.a b", "$['a\"]", "$[?(@.a)]"])
def test_what_is_no_path(path: str):
    """No searching, no counting from the end."""
    with pytest.raises(ValueError, match="is not a JSON path"):
        path_of(path)


@pytest.mark.parametrize(
    ("path", "text"), [("$.ok", "true"), ("$.count", "0"), ("$.nothing", ""), ("$.none", ""), ("$.text", "abc")]
)
def test_as_text(path: str, text: str):
    """To be compared with what the operator wrote."""
    assert text_at(DOCUMENT, path_of(path)) == text
    assert text_at(DOCUMENT, None) == ""
