"""docs/templates.md says what is so."""

import re
from pathlib import Path

from core.rendering.overrides import FILTERS
from core.rendering.variables import EVERYWHERE, KEYS, OF_KIND, channels_of

PAGE = (Path(__file__).parents[1] / "docs" / "templates.md").read_text()
ROW = re.compile(r"^\| `(\w+)` \| ([a-z, ]+) \| ?(.*?) ?\|$", re.MULTILINE)


def test_the_table_names_every_kind_with_its_channels_and_values():
    """In the order of the program."""
    rows = [(key, channels.split(", "), re.findall(r"`(\w+)`", values)) for key, channels, values in ROW.findall(PAGE)]
    assert rows == [(key, [str(channel) for channel in channels_of(key)], list(OF_KIND[key])) for key in KEYS]


def test_values_and_filters_that_are_everywhere_are_named():
    """None is missing."""
    line = next(line for line in PAGE.splitlines() if line.startswith("Everywhere:"))
    assert re.findall(r"`(\w+)`", line) == list(EVERYWHERE)
    assert all(f"`{name}`" in PAGE for name in FILTERS)
