"""An author from the first hello to an approved post, in the real process."""

from typing import Any

import pytest

from tests.e2e.conftest import Desk, PretendWorld, confirm_email, eventually

pytestmark = pytest.mark.e2e
IDEA = "We cut the release from 3 days to 40 minutes by deleting 12 manual steps. Nobody misses them."


async def test_from_an_idea_to_an_approved_post_in_the_mailbox(world: PretendWorld, desk: Desk):
    """Idea, card, another version, approval; the e-mail address is confirmed on the way."""
    await desk.start()
    author = await world.add_person("Ines")
    await author.says("/start")
    await author.sees("Ines")

    await confirm_email(world, author, "ines@sandbox.test")
    await author.says(IDEA)
    card = await author.sees("40 minutes", "3,000")
    await author.presses("Regenerate", card)
    await author.presses("Bolder", card)
    await author.sees("2/2")
    await author.presses("Approve", card)
    await author.sees("Approved")

    async def final_mail() -> bool:
        mails = await world.ask("mails", to="ines@sandbox.test")
        drafts = [m for m in mails if m["subject"] == "Your LinkedIn Ghostwriter Post Draft"]
        return len(drafts) == 3 and "40 minutes" in drafts[-1]["text"]

    await eventually(final_mail, "both drafts and the final text in the mailbox")
    assert await desk.stop() == 0


async def test_a_reply_to_a_card_reopened_from_the_shelf_edits_its_post(world: PretendWorld, desk: Desk):
    """No delivery brought that card; Telegram quotes its buttons, and they say which post it is."""
    await desk.start()
    author = await world.add_person("Ines")
    await author.says(IDEA)
    first = await author.sees("40 minutes", "3,000")
    await author.says("/posts")
    await author.presses("1", await author.sees("Your posts"))

    async def reopened() -> dict[str, Any] | None:
        newest = (await author.messages())[-1]
        return newest if newest["message_id"] > first["message_id"] and "3,000" in newest.get("text", "") else None

    card = await eventually(reopened, "the card once more")
    await author.says("All in my own words.", reply_to=card["message_id"])
    await author.sees("All in my own words.", "2/2")


async def test_an_idea_sent_while_the_program_was_down_is_drafted_once_it_is_up(world: PretendWorld, desk: Desk):
    """Nothing that was said is lost."""
    author = await world.add_person("Ines")
    await author.says("/start")
    await author.says(IDEA)
    await desk.start()
    await author.sees("40 minutes", "3,000")


async def test_the_logs_hold_no_text_address_or_token(world: PretendWorld, desk: Desk):
    """People's words and secrets stay out of the logs."""
    await desk.start()
    author = await world.add_person("Ines")
    await author.says("/start")
    await author.says("/email ines@sandbox.test")
    await author.says(IDEA)
    await author.sees("40 minutes", "3,000")
    await desk.stop()
    log = desk.log()
    assert log.strip()
    for secret in ("40 minutes", "ines@sandbox.test", "DEMO-token", "Ines"):
        assert secret not in log
