"""The docs say what is so: settings, commands, the command line, links; and they name no machine of ours."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer
from pydantic import BaseModel, SecretStr

import app
from bot.commands import COMMANDS
from core.settings import Settings

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
NOT_OURS = {"var", "__pycache__"}
HIDDEN = re.compile(r"\.(?!ci$)")  # .git, .venv, caches
ROW = re.compile(
    r"^\| `(?P<name>[A-Z_]+)` \| (?:`(?P<default>[^`]*)`)? ?\| (?P<meaning>.+) \| `(?P<example>[^`]+)` \|$"
)
LINK = re.compile(r"\]\(([^)\s]+)\)")
# Put together from halves, so that this file does not name them.
MACHINES = re.compile("|".join(["/wo" + "rk/", "/ro" + "ot/", "/ho" + "me/", "pythonhos" + "ted", "pypi" + r"\.",
                                "--index" + "-url", "find-" + "links"]))  # fmt: skip


def settings_of_the_program() -> dict[str, str]:
    """Each variable with its default as one would write it; empty where there is none."""
    return dict(_flat(Settings))


def _flat(block: type[BaseModel], prefix: str = "") -> Iterator[tuple[str, str]]:
    for name, field in block.model_fields.items():
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            yield from _flat(kind, f"{name}_")
        else:
            yield f"{prefix}{field.alias or name}".upper(), _written(field.default)


def _written(value: object) -> str:
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    if isinstance(value, list):
        return ",".join(map(str, value))
    return "" if value is None else str(value)


def table_of_settings() -> dict[str, re.Match[str]]:
    """The rows of docs/settings.md by name."""
    lines = (ROOT / "docs" / "settings.md").read_text().splitlines()
    rows = [match for line in lines if (match := ROW.match(line))]
    assert len(rows) == sum(line.startswith("| `") for line in lines)  # each has a name, a meaning and an example
    return {row["name"]: row for row in rows}


def files_of_the_repository() -> Iterator[Path]:
    """Every file that is ours."""
    for folder, folders, names in os.walk(ROOT):
        folders[:] = [name for name in folders if name not in NOT_OURS and not HIDDEN.match(name)]
        yield from (Path(folder, name) for name in names if not name.endswith(".pyc"))


def test_every_setting_stands_in_the_table_with_its_default():
    """What a table says of a default is what happens."""
    told = {name: row["default"] or "" for name, row in table_of_settings().items()}
    assert told == settings_of_the_program()


def test_the_example_file_names_the_same_settings():
    """Whoever copies it finds each of them."""
    lines = (ROOT / ".env.example").read_text().splitlines()
    named = {match[1] for line in lines if (match := re.match(r"#?([A-Z][A-Z_]+)=", line))}
    assert named == set(table_of_settings())


@pytest.mark.parametrize("name", settings_of_the_program())
def test_an_example_is_a_value_that_works(name: str, monkeypatch: pytest.MonkeyPatch):
    """Somebody will copy it."""
    for one in settings_of_the_program():
        monkeypatch.delenv(one, raising=False)
    monkeypatch.setenv("SECRET_KEY", "k" * 32)  # one example is of PostgreSQL
    monkeypatch.setenv(name, table_of_settings()[name]["example"])
    Settings(_env_file=None)


def test_the_readme_names_every_command_and_no_other():
    """The table of what one can say, and the sentence about admins."""
    section = README.partition("## What you can say to it")[2].partition("\n## ")[0]
    assert set(re.findall(r"`/([a-z]+)", section)) == {command.name for command in COMMANDS}


def test_the_readme_names_every_command_of_the_command_line_and_its_options():
    """And none that is gone."""
    section = README.partition("## On the command line")[2].partition("\n## ")[0]
    known = typer.main.get_command(app.cli).commands  # type: ignore[attr-defined]
    assert set(re.findall(r"app\.py ([a-z]+)", section)) == set(known)
    options = {text for command in known.values() for parameter in command.params for text in parameter.opts}
    assert set(re.findall(r"--[a-z-]+", section)) <= options


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path):
    """To a file that exists, and to a heading of it."""
    for target in LINK.findall(page.read_text()):
        if target.startswith(("https://", "http://")):
            continue
        name, _, anchor = target.partition("#")
        found = (page.parent / name).resolve() if name else page
        assert found.exists(), target
        assert not anchor or anchor in anchors(found), target


def anchors(page: Path) -> set[str]:
    """The headings as links name them."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_no_file_names_a_machine_of_ours_or_where_packages_come_from():
    """The product runs anywhere."""
    named = []
    for path in files_of_the_repository():
        try:
            text = path.read_text()
        except UnicodeDecodeError:  # a picture
            continue
        named += [f"{path.relative_to(ROOT)}: {match[0]}" for match in MACHINES.finditer(text)]
    assert named == []


def test_the_picture_is_small_enough_to_load_at_once():
    """And it is there."""
    assert 10_000 < (ROOT / "docs" / "images" / "demo.png").stat().st_size < 400_000
