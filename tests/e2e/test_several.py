"""The same program in two processes on one PostgreSQL: one talks, the other delivers."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.e2e.conftest import Desk, PretendWorld, confirm_email, eventually

pytestmark = [pytest.mark.e2e, pytest.mark.postgres]
IDEA = "We cut the release from 3 days to 40 minutes by deleting 12 manual steps."


async def test_one_process_talks_and_another_delivers(
    world: PretendWorld, desk: Desk, empty_postgres_url: str, tmp_path: Path
):
    """The commit of one wakes the other; cards and mails arrive once."""
    (tmp_path / "worker").mkdir()
    desk.env |= {"DATABASE_URL": empty_postgres_url, "SECRET_KEY": "the same on every machine, 32 characters or more"}
    worker = replace(desk, folder=tmp_path / "worker")
    await desk.start("bot,web")
    await worker.start("worker,scheduler")
    try:
        author = await world.add_person("Ines")
        await author.says("/start")
        await confirm_email(world, author, "ines@sandbox.test")
        await author.says(IDEA)
        card = await author.sees("40 minutes", "3,000")
        await author.presses("Approve", card)

        async def mailed() -> bool:
            return len(await world.ask("mails", to="ines@sandbox.test")) == 3  # the code, the draft, the final text

        await eventually(mailed, "the code, the draft and the final text in the mailbox")
        assert len([m for m in await author.messages() if "3,000" in m["text"]]) == 1
    finally:
        assert await worker.stop() == 0
    assert await desk.stop() == 0
