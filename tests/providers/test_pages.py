"""Every provider has a page, and the table of all of them says what the adapters can do."""

import re
from pathlib import Path

import pytest

from core.model import Channel
from core.ports import Provider, Reporting
from core.providers.registry import PROVIDERS
from tests.providers.test_registry import built, credentials_of

DOCS = Path(__file__).parents[2] / "docs" / "providers"
ROW = re.compile(
    r"^\| \[(?P<name>\w+)\]\((?P=name)\.md\) \| (?P<channels>[^|]+)\|(?P<arrival>[^|]*)\|(?P<twice>[^|]*)\|$"
)
CHANNELS = {"SMS": Channel.SMS, "WhatsApp": Channel.WHATSAPP, "Telegram": Channel.TELEGRAM}
NAMES = sorted({name for table in PROVIDERS.values() for name in table})


def rows() -> dict[str, re.Match[str]]:
    lines = (DOCS / "README.md").read_text().splitlines()
    found = [match for line in lines if (match := ROW.match(line))]
    assert len(found) == sum(line.startswith("| [") for line in lines)
    return {match["name"]: match for match in found}


def channels_of(row: re.Match[str]) -> set[Channel]:
    return {CHANNELS.get(word) or Channel(word) for word in row["channels"].strip().split(", ")}


def what_it_can(provider: Provider) -> set[str]:
    tells = {
        "its own answer": provider.name in ("telegram", "in_app"),
        "webhook": isinstance(provider, Reporting),
        "asking": provider.can_poll,
    }
    return {word for word, is_so in tells.items() if is_so}


def test_every_provider_has_a_row_and_a_page():
    """And there is no page of one that is gone."""
    assert rows().keys() == {*NAMES, "generic_http"}
    assert {page.stem for page in DOCS.glob("*.md")} == {*rows(), "README"}


@pytest.mark.parametrize("name", NAMES)
async def test_a_row_says_what_the_adapter_can_do(name: str, tmp_path: Path):
    """Its channels, who tells of arrival, and whether a lost message can be looked up."""
    row = rows()[name]
    channels = [channel for channel, table in PROVIDERS.items() if name in table]
    assert channels_of(row) == set(channels)
    for channel in channels:
        registry = built(**credentials_of(PROVIDERS[channel][name], tmp_path), also=(channel, name))
        provider = registry.get(channel, name)
        said = set(filter(None, row["arrival"].strip().split(", ")))
        assert said == what_it_can(provider)
        assert bool(said) == provider.reports_arrival
        assert ("looking it up" in row["twice"]) == provider.can_ask
        await registry.close()


@pytest.mark.parametrize("name", NAMES)
def test_a_page_names_every_setting_that_the_provider_needs(name: str):
    """So that nobody has to guess."""
    page = (DOCS / f"{name}.md").read_text()
    for table in PROVIDERS.values():
        for variable in table[name].credentials if name in table else ():
            assert f"`{variable}`" in page, variable
