"""An admin's day from the phone, in the real process: the chart, a delivery's story, a provider, the audit log."""

from typing import Any

import pytest

from tests.e2e.conftest import Desk, Person, PretendWorld, confirm_email, eventually

pytestmark = pytest.mark.e2e
IDEA = "We cut the release from 3 days to 40 minutes by deleting 12 manual steps. Nobody misses them."


async def an_admin(world: PretendWorld, desk: Desk) -> Person:
    """Somebody who stands in ADMIN_TELEGRAM_IDS."""
    admin = await world.add_person("Root")
    desk.env["ADMIN_TELEGRAM_IDS"] = str(admin.id)
    await desk.start()
    await admin.says("/start")
    await admin.sees("Root")
    return admin


async def test_the_chart_is_a_picture_that_turns_in_place(world: PretendWorld, desk: Desk):
    """Sent and edited as Telegram's own methods want it."""
    admin = await an_admin(world, desk)
    await confirm_email(world, admin, "root@sandbox.test")
    await admin.says(IDEA)
    await admin.sees("40 minutes", "3,000")
    await admin.says("/stats")
    shown = await admin.sees("Today (UTC)", "Deliveries:")
    picture = shown["photo"][-1]
    assert (picture["width"], picture["height"] >= picture["width"]) == (1080, True)
    await admin.presses("7 days", shown)
    turned = await admin.sees("7 days (UTC)")
    assert turned["message_id"] == shown["message_id"]
    assert turned["photo"][-1]["file_id"] != picture["file_id"]


async def test_why_a_provider_and_who_changed_it(world: PretendWorld, desk: Desk):
    """The story names the provider and its route; the provider is switched off, and the log says by whom."""
    admin = await an_admin(world, desk)
    await confirm_email(world, admin, "root@sandbox.test")
    await admin.says("/why root@sandbox.test")
    found = await admin.sees("r…@sandbox.test")
    await admin.presses("🔎 #", found)
    story = await admin.sees("a confirmation code by email", "smtp: taken", "Route", "priority 1")
    assert "root@" not in story["text"]
    await admin.says("/providers smtp")
    await admin.presses("Probe now", await admin.sees("smtp", "in use"))
    await admin.sees("It answers")
    await admin.presses("Disable")
    await admin.presses("Confirm", await admin.sees("Use smtp"))
    await admin.sees("switched off")
    await admin.says("/audit provider")
    log = await admin.sees("provider.disabled", "is enabled: yes → no")
    assert "Root (" in log["text"]


async def test_others_get_the_answer_to_an_unknown_command(world: PretendWorld, desk: Desk):
    """Word for word."""
    await an_admin(world, desk)
    author = await world.add_person("Ines")
    await author.says("/start")
    await author.sees("Ines")
    answers: list[Any] = []
    for command in ("/stats", "/failed", "/retry", "/why", "/providers", "/suppressions", "/audit", "/nonesuch"):
        await author.says(f"{command} all")

        async def answered(command: str = command) -> Any:
            return [m["text"] for m in await author.messages() if f"I don't know {command}" in m.get("text", "")]

        (answer,) = await eventually(answered, f"an answer to {command}")
        answers.append(answer.replace(command, "it").partition(" Did you mean")[0].partition(" /help")[0])
    assert len(set(answers)) == 1
