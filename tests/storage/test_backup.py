"""Backups hold everything that was committed, and come back only where that is safe."""

import sqlite3
from pathlib import Path

import pytest

from core.updates import incoming
from storage.backup import BackupError, backup, held, restore, sqlite_file
from storage.database import Database
from storage.migrate import migrate
from tests.conftest import NOW


@pytest.fixture
async def migrated(tmp_path: Path):
    database = Database(f"sqlite+aiosqlite:///{tmp_path}/live.db")
    await migrate(database)
    yield database
    await database.close()


async def add(database: Database, update_id: int) -> None:
    async with database.begin() as uow:
        await uow.updates.add([incoming({"update_id": update_id})], NOW)


async def count(url: str) -> int:
    database = Database(url)
    async with database.read() as uow:
        found = await uow.updates.waiting()
    await database.close()
    return found


async def test_a_backup_of_a_running_database_comes_back_whole(migrated, tmp_path):
    """The write-ahead log is in it too; what was there before the restore is kept aside."""
    await add(migrated, 1)
    await backup(migrated.url, tmp_path / "copy.db")
    await add(migrated, 2)
    await migrated.close()
    kept = await restore(migrated.url, tmp_path / "copy.db", NOW)
    assert await count(migrated.url) == 1
    assert await count(f"sqlite+aiosqlite:///{kept}") == 2
    assert (tmp_path / "copy.db").stat().st_mode & 0o077 == 0


async def test_nothing_is_restored_over_a_running_program(migrated, tmp_path):
    """It would go on writing into a file that is gone."""
    await backup(migrated.url, tmp_path / "copy.db")
    with held(migrated.url, alone=False), pytest.raises(BackupError, match="running"):
        await restore(migrated.url, tmp_path / "copy.db", NOW)


async def test_a_second_program_is_refused_where_the_first_is_alone(migrated):
    """Each would take over what the other has in hand."""
    with held(migrated.url, alone=True), pytest.raises(BackupError, match="another Postrider"):
        held(migrated.url, alone=True).__enter__()


async def test_parts_of_one_program_may_share_a_database(migrated):
    """Web here, bot there."""
    with held(migrated.url, alone=False), held(migrated.url, alone=False):
        pass


async def test_a_newer_schema_is_refused_and_nothing_is_touched(migrated, tmp_path):
    """We would not know what stands in it."""
    await add(migrated, 1)
    await backup(migrated.url, tmp_path / "copy.db")
    with sqlite3.connect(tmp_path / "copy.db") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    await migrated.close()
    with pytest.raises(BackupError, match="newer"):
        await restore(migrated.url, tmp_path / "copy.db", NOW)
    assert await count(migrated.url) == 1


@pytest.mark.parametrize("content", [b"", b"not a database at all" * 100])
async def test_what_is_no_backup_is_refused(migrated, tmp_path, content):
    """Said in one line."""
    (tmp_path / "junk").write_bytes(content)
    with pytest.raises(BackupError, match="not a backup"):
        await restore(migrated.url, tmp_path / "junk", NOW)


async def test_a_backup_over_the_database_itself_is_refused(migrated):
    """A slip of the hand."""
    with pytest.raises(BackupError, match="itself"):
        await backup(migrated.url, sqlite_file(migrated.url))


async def test_a_missing_file_is_said(migrated, tmp_path):
    """On both ways."""
    with pytest.raises(BackupError, match="no file"):
        await restore(migrated.url, tmp_path / "nowhere", NOW)
    with pytest.raises(BackupError, match="no database"):
        await backup(f"sqlite+aiosqlite:///{tmp_path}/nowhere.db", tmp_path / "copy.db")


async def test_postgres_comes_back_by_its_own_tools(postgres, tmp_path):
    """pg_dump out, pg_restore in; the old state is dumped beside."""
    from sqlalchemy import text

    async with postgres.engine.begin() as connection:
        await connection.execute(text("CREATE TABLE alembic_version (version_num varchar(32))"))
        await connection.execute(text("INSERT INTO alembic_version VALUES ('0001')"))
    await add(postgres, 1)
    await backup(postgres.url, tmp_path / "copy.dump")
    await add(postgres, 2)
    with pytest.raises(BackupError, match="other connections"):
        await restore(postgres.url, tmp_path / "copy.dump", NOW)
    await postgres.close()
    kept = await restore(postgres.url, tmp_path / "copy.dump", NOW)
    assert kept.exists()
    assert await count(postgres.url) == 1


async def test_a_missing_tool_is_named(postgres, tmp_path, monkeypatch):
    """And where it comes from."""
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(BackupError, match="pg_dump is not installed"):
        await backup(postgres.url, tmp_path / "copy.dump")
