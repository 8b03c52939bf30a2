"""Backups and their way back: SQLite by its online backup, PostgreSQL by pg_dump and pg_restore."""

import asyncio
import fcntl
import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import URL, make_url, text
from sqlalchemy.ext.asyncio import create_async_engine

from storage.migrate import HERE


class BackupError(Exception):
    """Why nothing was done, in one line."""


async def backup(url: str, target: Path) -> None:
    """Write everything that is committed at this moment into `target`; the program may be running."""
    if url.startswith("sqlite"):
        await asyncio.to_thread(_backup_sqlite, sqlite_file(url), target)
    else:
        await asyncio.to_thread(_dump, make_url(url), target)


async def restore(url: str, source: Path, now: datetime) -> Path:
    """Put a backup in the place of the database; returns where the old one was kept. Refuses while the program runs,
    and a backup whose schema is newer than ours."""
    if not await asyncio.to_thread(source.is_file):
        raise BackupError(f"there is no file {source}")
    stamp = now.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    if url.startswith("sqlite"):
        return await asyncio.to_thread(_restore_sqlite, sqlite_file(url), source, stamp)
    await _refuse_while_connected(url)
    return await asyncio.to_thread(_restore_dump, make_url(url), source, stamp)


def sqlite_file(url: str) -> Path:
    """The file of an SQLite URL."""
    name = make_url(url).database
    if not name or name == ":memory:":
        raise BackupError("DATABASE_URL: a database in memory can't be backed up")
    return Path(name)


@contextmanager
def held(url: str, *, alone: bool) -> Iterator[None]:
    """Hold an SQLite database for a running program, so that none is restored over it; `alone`: no second one may run
    on it. The lock goes with the process, however that ends."""
    if not url.startswith("sqlite") or make_url(url).database in (None, "", ":memory:"):
        yield
        return
    with _locked(sqlite_file(url), fcntl.LOCK_EX if alone else fcntl.LOCK_SH):
        yield


@contextmanager
def _locked(database: Path, mode: int) -> Iterator[None]:
    database.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = os.open(f"{database}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(descriptor, mode | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BackupError(f"DATABASE_URL: another Postrider is running on {database}; stop it first") from None
        yield
    finally:
        os.close(descriptor)


# SQLite -------------------------------------------------------------------------------------------------


def _backup_sqlite(database: Path, target: Path) -> None:
    if not database.exists():
        raise BackupError(f"there is no database {database}")
    if target.exists() and target.samefile(database):
        raise BackupError("the backup would overwrite the database itself")
    _copy(database, target)


def _copy(source: Path, target: Path) -> None:
    """The target appears whole or not at all, readable by its owner only."""
    unfinished = target.with_name(f"{target.name}.unfinished")
    unfinished.unlink(missing_ok=True)
    try:
        os.close(os.open(unfinished, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        with closing(_read_only(source)) as old, closing(sqlite3.connect(unfinished)) as new:
            old.backup(new)
            new.execute("PRAGMA journal_mode=DELETE")  # one file, nothing beside it
            (found,) = new.execute("PRAGMA quick_check").fetchone()
        if found != "ok":
            raise BackupError("the copy is damaged, and so is perhaps its source")
        os.replace(unfinished, target)
    except (OSError, sqlite3.Error) as error:
        raise BackupError(f"{source} can't be copied to {target}: {error}") from None
    finally:
        unfinished.unlink(missing_ok=True)


def _read_only(file: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)


def _restore_sqlite(database: Path, source: Path, stamp: str) -> Path:
    refuse_newer(_sqlite_revision(source))
    with _locked(database, fcntl.LOCK_EX):
        fresh = database.with_name(f"{database.name}.restored")
        _copy(source, fresh)
        kept = database.with_name(f"{database.name}.before-restore-{stamp}")
        if database.exists():
            _copy(database, kept)
        for leftover in ("-wal", "-shm"):
            database.with_name(database.name + leftover).unlink(missing_ok=True)
        os.replace(fresh, database)
    return kept


def _sqlite_revision(source: Path) -> str:
    try:
        with closing(_read_only(source)) as connection:
            row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.Error:
        row = None
    if row is None:
        raise BackupError(f"{source} is not a backup of Postrider")
    return str(row[0])


def refuse_newer(revision: str) -> None:
    """Raises `BackupError` for a schema that this version doesn't know."""
    from alembic.script import ScriptDirectory

    known = {script.revision for script in ScriptDirectory(str(HERE / "migrations")).walk_revisions()}
    if revision not in known:
        raise BackupError(f"the backup's schema ({revision}) is newer than this program; update it first")


# PostgreSQL ---------------------------------------------------------------------------------------------


def _dump(url: URL, target: Path) -> None:
    _postgres("pg_dump", url, "--format=custom", "--no-owner", f"--file={target}")
    target.chmod(0o600)


def _restore_dump(url: URL, source: Path, stamp: str) -> Path:
    refuse_newer(_dumped_revision(source))
    kept = source.with_name(f"{source.name}.before-restore-{stamp}")
    _dump(url, kept)
    whole = ("--single-transaction", "--exit-on-error", "--clean", "--if-exists", "--no-owner")
    _postgres("pg_restore", url, *whole, str(source))
    return kept


def _dumped_revision(source: Path) -> str:
    listed = _run([_tool("pg_restore"), "--data-only", "--table=alembic_version", "--file=-", str(source)], {})
    after = iter(listed.splitlines())
    for line in after:
        if line.startswith("COPY "):
            return next(after, "").strip()
    raise BackupError(f"{source} is not a backup of Postrider")


def _postgres(program: str, url: URL, *arguments: str) -> str:
    """The password goes by the environment: a command line can be read by everybody on the machine."""
    plain = url.set(drivername="postgresql", password=None).render_as_string()
    secret = {"PGPASSWORD": str(url.password)} if url.password else {}
    return _run([_tool(program), f"--dbname={plain}", *arguments], secret)


def _tool(program: str) -> str:
    path = shutil.which(program)
    if path is None:
        raise BackupError(f"{program} is not installed; it comes with PostgreSQL's client programs")
    return path


def _run(command: list[str], secret: dict[str, str]) -> str:
    done = subprocess.run(command, env={**os.environ, **secret}, capture_output=True, text=True, check=False)  # noqa: S603 - our own words and two paths
    if done.returncode:
        reason = (done.stderr.strip().splitlines() or ["it failed"])[-1]
        raise BackupError(f"{Path(command[0]).name}: {reason}")
    return done.stdout


async def _refuse_while_connected(url: str) -> None:
    engine = create_async_engine(url)
    others = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    try:
        async with engine.connect() as connection:
            count = await connection.scalar(text(others + " AND backend_type = 'client backend'"))
    finally:
        await engine.dispose()
    if count:
        raise BackupError(f"DATABASE_URL: {count} other connections use this database; stop Postrider first")
