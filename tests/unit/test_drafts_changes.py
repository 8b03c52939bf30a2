"""What sets two versions apart, in a few words."""

from core.posts.changes import describe

OLD = "We cut the release time.\n\nIt took three weeks of hard work by everybody.\n\nWhat would you cut?"


def test_a_shorter_text_with_another_first_line() -> None:
    """The length in per cent, and that the hook is new."""
    assert describe(OLD, "Nobody needs a release day.\n\nWhat would you cut?") == "−48 % length, new hook"


def test_a_longer_text_with_another_end() -> None:
    """Growth has its sign too."""
    new = OLD.replace("What would you cut?", "Tell me which step of yours hurts the most, and why it is still there.")
    assert describe(OLD, new) == "+55 % length, new ending"


def test_small_changes_inside() -> None:
    """Neither longer nor with a new hook: how much of it stayed."""
    assert describe(OLD, OLD.replace("hard work", "calm work")) == "94 % of the words kept"


def test_nothing_changed() -> None:
    """It says so."""
    assert describe(OLD, OLD) == "the same text"


def test_a_long_line_takes_no_time() -> None:
    """The bot answers everybody else meanwhile."""
    assert describe("a " * 1_500, "a " * 1_499 + "b") == "99 % of the words kept"
