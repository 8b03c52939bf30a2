"""Who may import whom (design, section 2): a rule that no test holds is broken within a year."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
OURS = {"app", "bot", "core", "demo", "scheduler", "storage", "web"}
MAY_IMPORT = {
    "core": set(),
    "storage": {"core"},
    "scheduler": {"core"},
    "bot": {"core"},
    "web": {"core"},
    "demo": set(),
}
NOT_IN_CORE = {
    "aiogram",
    "alembic",
    "apscheduler",
    "fastapi",
    "sqlalchemy",
    "starlette",
    "taskiq",
    "telegram",
    "uvicorn",
}
TELEGRAM_ADAPTER = ROOT / "core" / "providers" / "telegram.py"
HEAVY = {"aiogram", "telegram", "openai", "matplotlib", "fastapi", "demo", "alembic"}  # only for who needs them


def imports(path: Path) -> Iterator[str]:
    """The full name of every module that a file imports, anywhere in it."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: write imports out in full"
            yield node.module or ""


def files(package: str) -> list[Path]:
    return sorted((ROOT / package).rglob("*.py"))


@pytest.mark.parametrize("package", MAY_IMPORT)
def test_a_package_imports_only_what_lies_below_it(package):
    """app.py alone sees all."""
    found = files(package)
    assert found
    for path in found:
        ours = {name.split(".")[0] for name in imports(path)} & OURS
        assert ours <= MAY_IMPORT[package] | {package}, f"{path.relative_to(ROOT)} imports {ours}"


def test_core_knows_no_infrastructure():
    """Its decisions are tested without a database, a clock or a chat."""
    for path in files("core"):
        outside = {name.split(".")[0] for name in imports(path)} & NOT_IN_CORE
        allowed = {"telegram"} if path == TELEGRAM_ADAPTER else set()
        assert outside <= allowed, f"{path.relative_to(ROOT)} imports {outside}"


NO_ADAPTERS = (
    "__init__",
    "aws",
    "base",
    "definitions",
    "external",
    "fitting",
    "generic_reports",
    "generic_texts",
    "google_oauth",
    "guarded",
    "http",
    "json_path",
    "mailreports",
    "mime",
    "parts",
    "phones",
    "registry",
    "snsenvelope",
    "subscription",
    "twilio_content",
    "vapid",
)


def test_an_adapter_imports_no_other_adapter():
    """One provider can be removed by removing one file."""
    adapters = [path for path in files("core/providers") if path.stem not in NO_ADAPTERS]
    names = {f"core.providers.{path.stem}" for path in adapters}
    for path in adapters:
        assert not (names - {f"core.providers.{path.stem}"}) & set(imports(path)), path


def test_the_composition_root_stays_light():
    """A worker starts without aiogram, a backup without a web server: heavy parts are imported where they are used."""
    tree = ast.parse((ROOT / "app.py").read_text())
    top = {alias.name for node in tree.body if isinstance(node, ast.Import) for alias in node.names}
    top |= {node.module or "" for node in tree.body if isinstance(node, ast.ImportFrom)}
    assert not {name.split(".")[0] for name in top} & (HEAVY | {"bot", "web", "scheduler"})


async def test_a_worker_never_loads_aiogram():
    """It would cost each of many workers a hundred megabytes."""
    import asyncio

    code = "import scheduler.role, storage.database, core.providers.registry, app, sys; print('aiogram' in sys.modules)"
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", code, cwd=ROOT, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    out, err = await process.communicate()
    assert (out.decode().strip(), process.returncode) == ("False", 0), err.decode()


def test_what_the_example_shows_as_default_is_the_default(monkeypatch):
    """A commented line that is made active changes nothing, where it shows a default."""
    from core.settings import Settings

    defaults = Settings(_env_file=None)
    for name in ("telegram_rate_per_second", "web_port", "sender_email", "unknown_resend_after", "retry_backoff"):
        line = next(
            line for line in (ROOT / ".env.example").read_text().splitlines() if line[1:].startswith(name.upper())
        )
        monkeypatch.setenv(name.upper(), line.partition("=")[2])
    assert Settings(_env_file=None).model_dump() == defaults.model_dump()
