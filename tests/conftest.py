"""Shared fixtures: a real SQLite file for everybody, a real PostgreSQL for whoever asks for `any_database`."""

import asyncio
import os
import shutil
import socket
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest
from sqlalchemy import create_engine

from core.secrets import Keys
from storage.database import Database
from storage.tables import metadata

POSTGRES = os.environ.get("TEST_DATABASE_URL", "postgresql+asyncpg://postgres@127.0.0.1:5432/postgres")
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)  # a Monday


class SteppedClock:
    """A clock that moves when a test says so."""

    def __init__(self, now: datetime = NOW) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


def skip_or_fail(reason: str) -> None:
    """What a test needs is absent: said on a developer's machine, a failure where CI is set."""
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


def _reachable(url: str) -> bool:
    host, _, port = url.rpartition("@")[2].partition("/")[0].partition(":")
    try:
        socket.create_connection((host, int(port or 5432)), timeout=1).close()
    except OSError:
        return False
    return True


@pytest.fixture
def clock() -> SteppedClock:
    return SteppedClock()


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture
def keys() -> Keys:
    return Keys("a secret of the tests, long enough to pass")


@pytest.fixture(scope="session")
def empty_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with every table, copied for each test: creating them anew takes longer."""
    path = tmp_path_factory.mktemp("schema") / "empty.db"
    engine = create_engine(f"sqlite:///{path}")
    metadata.create_all(engine)
    engine.dispose()
    return path


@pytest.fixture
async def database(tmp_path: Path, empty_sqlite: Path) -> AsyncIterator[Database]:
    """A fresh SQLite file."""
    shutil.copy(empty_sqlite, tmp_path / "test.db")
    database = Database(f"sqlite+aiosqlite:///{tmp_path}/test.db")
    yield database
    await database.close()


@pytest.fixture(scope="session")
def postgres_template() -> Iterator[str]:
    """The name of a PostgreSQL database with every table, cloned for each test; skips where there is no server."""
    if not _reachable(POSTGRES):
        skip_or_fail("PostgreSQL is not reachable at TEST_DATABASE_URL")
    name = f"postrider_template_{uuid4().hex[:12]}"
    asyncio.run(_execute(f'CREATE DATABASE "{name}"'))
    asyncio.run(_create_tables(_url_of(name)))
    yield name
    asyncio.run(_execute(f'DROP DATABASE "{name}" WITH (FORCE)'))


async def _execute(statement: str) -> None:
    connection = await asyncpg.connect(POSTGRES.replace("+asyncpg", ""))
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


def _url_of(name: str) -> str:
    return f"{POSTGRES.rpartition('/')[0]}/{name}"


async def _create_tables(url: str) -> None:
    database = Database(url)
    async with database.engine.begin() as connection:
        await connection.run_sync(metadata.create_all)
    await database.close()


@pytest.fixture
async def postgres(postgres_template: str) -> AsyncIterator[Database]:
    """A fresh PostgreSQL database."""
    name = f"postrider_{uuid4().hex[:12]}"
    await _execute(f'CREATE DATABASE "{name}" TEMPLATE "{postgres_template}"')
    database = Database(_url_of(name))
    yield database
    await database.close()
    await _execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
async def empty_postgres_url() -> AsyncIterator[str]:
    """A PostgreSQL database without tables."""
    if not _reachable(POSTGRES):
        skip_or_fail("PostgreSQL is not reachable at TEST_DATABASE_URL")
    name = f"postrider_{uuid4().hex[:12]}"
    await _execute(f'CREATE DATABASE "{name}"')
    yield _url_of(name)
    await _execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture(params=["sqlite", "postgres"])
def any_database(request: pytest.FixtureRequest) -> Database:
    """The same test on both databases."""
    return request.getfixturevalue("database" if request.param == "sqlite" else "postgres")
