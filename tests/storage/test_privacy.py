"""Export and erasure on both databases: everything of one person, and nothing of anybody else."""

import json
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, insert, select

from core.accounts.privacy import Privacy
from core.delivery.outbox import notify
from core.errors import AppError
from core.model import Account, Batch, BatchType, Channel, InboundMessage, Kind, UserAddress
from core.secrets import Keys
from storage import tables
from storage.database import Database
from tests.accounts import an_account, saved
from tests.conftest import NOW, SteppedClock


@pytest.fixture
def privacy(any_database: Database, clock: SteppedClock, keys: Keys) -> Privacy:
    return Privacy(any_database, clock, keys)


OF_THE_OPERATOR = {
    "provider_registry", "provider_health_metrics", "provider_cost_analysis", "notification_templates",
    "notification_batch_jobs",
}  # fmt: skip


async def somebody(privacy: Privacy, number: int) -> Account:
    """A person with a row in every table."""
    name = f"secret{number}"
    account = await saved(
        privacy.database, an_account(telegram_id=number, public_id=name, name=name, email=f"{name}@example.org")
    )
    async with privacy.database.begin() as uow:
        await _fill(privacy, uow, account, name)
    return account


async def _fill(privacy: Privacy, uow: Any, account: Account, name: str) -> None:
    mine, made = {"user_id": account.user.id}, {"created_at": NOW}
    post = mine | made | {"idea": name, "state": "draft", "language": "en", "updated_at": NOW}
    post_id = await uow.connection.scalar(insert(tables.posts).values(post).returning(tables.posts.c.id))
    version = {"post_id": post_id, "version": 1, "content": name, "direction": "first", "writer": "offline"}
    await notify(
        uow, account, Kind.DRAFT, key=name, now=NOW, keys=privacy.keys, post_id=post_id, content={"version": 1}
    )
    deliveries = tables.notification_deliveries
    theirs = select(deliveries.c.id).where(deliveries.c.user_id == account.user.id)
    delivery_id = (await uow.connection.execute(theirs.limit(1))).scalar_one()
    sent = {"provider_name": "sandbox", "provider_message_id": name}
    await uow.connection.execute(deliveries.update().where(deliveries.c.id == delivery_id).values(sent))
    event = {"provider_name": "sandbox", "event_id": name, "provider_message_id": name, "event_type": "bounced"}
    code = mine | made | {"purpose": "email", "address": f"{name}@example.org", "expires_at": NOW}
    invitation = made | {"inviter_id": account.user.id, "token_hash": f"hash of {name}", "message": name}
    invitation |= {"status": "pending", "updated_at": NOW}
    new_invitation = insert(tables.invitations).values(invitation).returning(tables.invitations.c.id)
    invitation_id = await uow.connection.scalar(new_invitation)
    batch = await uow.batches.add(Batch(f"batch {account.user.id}", "Tonight", BatchType.BROADCAST, NOW))
    failed = mine | made | {"channel": "email", "status": "failed"}
    chat = account.user.telegram_id
    said = {"update_id": chat, "message": {"from": {"id": chat}, "text": name}}
    rows = {
        tables.post_versions: version | made,
        tables.voice_samples: mine | made | {"content": name},
        tables.delivery_logs: failed | {"delivery_id": delivery_id, "error_message": name},
        tables.provider_events: event | made | {"event_at": NOW, "detail": name, "hard": True},
        tables.verification_codes: code | {"address_hash": privacy.keys.address_hash("email", f"{name}@example.org")},
        tables.links: mine | made | {"purpose": "unsubscribe", "scope": "reminder", "token_hash": f"hash of {name}"},
        tables.user_addresses: mine | made | {"channel": "sms", "address": name, "address_hash": f"hash of {name}"},
        tables.user_notification_preferences: mine | made | {
            "invitation_type": "posts", "delivery_method": "email", "is_enabled": True, "updated_at": NOW,
            "delivery_preferences": {"name": name},
        },
        tables.inbound_messages: made | {
            "provider_name": "twilio", "event_id": name, "channel": "email", "received_at": NOW,
            "address_hash": privacy.keys.address_hash("email", f"{name}@example.org"),
        },
        tables.user_invitation_history: mine | made | {
            "invitation_id": invitation_id, "action": "sent", "action_timestamp": NOW, "user_agent": name,
        },
        tables.batch_cards: mine | made | {"batch_id": batch.id, "message_id": account.user.id, "shown_at": NOW},
        tables.dialogues: {"key": f"{chat}:{chat}", "data": {"idea": name}, "updated_at": NOW},
        tables.telegram_updates: {
            "update_id": chat, "received_at": NOW, "payload": said,
        },
    }  # fmt: skip
    for table, row in rows.items():
        await uow.connection.execute(insert(table).values(row))
    await uow.audit.write(account.user.id, "settings.language", NOW, {"language": name})
    await uow.suppressions.add("email", privacy.keys.address_hash("email", f"{name}@example.org"), "bounced", NOW)


async def export(privacy: Privacy, account: Account) -> dict[str, Any]:
    found: dict[str, Any] = json.loads("".join([piece async for piece in privacy.export(account)]))
    return found


async def dump(database: Database) -> str:
    """Every value of every table."""
    async with database.read() as uow:
        return str([(await uow.connection.execute(select(table))).all() for table in tables.metadata.sorted_tables])


async def test_an_export_holds_every_table_that_speaks_of_the_person(privacy: Privacy):
    """A table that is added later and left out would fail here."""
    ada = await somebody(privacy, 1)
    await somebody(privacy, 2)
    found = await export(privacy, ada)
    expected = {table.name for table in tables.metadata.sorted_tables} - {"telegram_updates"} - OF_THE_OPERATOR
    assert found.keys() - {"exported_at"} == expected
    assert (found["users"][0]["email"], found["posts"][0]["idea"]) == ("secret1@example.org", "secret1")
    assert found["posts"][0]["created_at"].startswith("2026-03-02T09:00")
    assert [version["content"] for version in found["post_versions"]] == ["secret1"]


async def test_a_long_export_is_whole(privacy: Privacy, monkeypatch: pytest.MonkeyPatch):
    """Also where it takes several pages to read."""
    monkeypatch.setattr("storage.privacy.PAGE", 2)
    ada = await saved(privacy.database, an_account())
    async with privacy.database.begin() as uow:
        for number in range(5):
            await uow.audit.write(ada.user.id, f"number {number}", NOW)
    rows = (await export(privacy, ada))["audit_log"]
    assert [row["action"] for row in rows] == [f"number {number}" for number in range(5)]


async def test_an_export_holds_nothing_of_others_and_no_secret(privacy: Privacy):
    """Neither a neighbour's words nor what opens a link."""
    ada = await somebody(privacy, 1)
    await somebody(privacy, 2)
    text = json.dumps(await export(privacy, ada))
    assert "secret2" not in text
    assert "hash" not in text


async def test_a_newcomers_export_is_valid_json(privacy: Privacy):
    """Also where most tables say nothing, and where a text holds quotes."""
    ada = await saved(privacy.database, an_account(name='A "quoted" name\n🙂'))
    found = await export(privacy, ada)
    assert found.keys() == {"exported_at", "users", "user_settings"}
    assert found["users"][0]["name"] == 'A "quoted" name\n🙂'


async def test_erasing_leaves_nothing_of_the_person(privacy: Privacy):
    """Not in any table; a suppression keeps its keyed hash, and the audit log that somebody was erased."""
    ada = await somebody(privacy, 1)
    bob = await somebody(privacy, 2)
    before = await export(privacy, bob)
    await privacy.erase(ada, privacy.erase_until())
    left = await dump(privacy.database)
    assert "secret1" not in left
    assert privacy.keys.address_hash(Channel.EMAIL, "secret1@example.org") in left
    assert "account.erased" in left
    assert await export(privacy, bob) == before


async def test_erasing_calls_off_messages_of_the_person_that_wait(privacy: Privacy):
    """Nobody answers somebody who is gone; others are answered."""
    ada = await somebody(privacy, 1)
    await somebody(privacy, 2)
    await privacy.erase(ada, privacy.erase_until())
    async with privacy.database.read() as uow:
        waiting = select(tables.telegram_updates.c.update_id).where(tables.telegram_updates.c.handled_at.is_(None))
        assert (await uow.connection.execute(waiting)).all() == [(2,)]
        deliveries = select(func.count()).select_from(tables.notification_deliveries)
        assert (
            await uow.connection.scalar(deliveries.where(tables.notification_deliveries.c.user_id == ada.user.id)) == 0
        )


async def test_a_request_for_access_forgets_who_asked(privacy: Privacy):
    """Its card names the person to the admins."""
    ada, admin = await somebody(privacy, 1), await somebody(privacy, 2)
    async with privacy.database.begin() as uow:
        await notify(
            uow, admin, Kind.ACCESS_REQUEST, key=f"access:{ada.user.id}:{admin.user.id}", now=NOW, keys=privacy.keys,
            content={"user_id": ada.user.id, "name": ada.user.name},
        )  # fmt: skip
    await privacy.erase(ada, privacy.erase_until())
    assert "secret1" not in await dump(privacy.database)


async def test_an_old_confirmation_erases_nothing(privacy: Privacy, clock: SteppedClock):
    """A card that is found after weeks is not a trap."""
    ada = await somebody(privacy, 1)
    until = privacy.erase_until()
    clock.now = until + timedelta(seconds=1)
    with pytest.raises(AppError, match="/forget again"):
        await privacy.erase(ada, until)
    assert "secret1" in await dump(privacy.database)


async def test_what_came_in_from_a_phone_is_the_persons_too(privacy: Privacy):
    """It is known by the hash of a number that stands among their addresses alone."""
    ada, phone = await saved(privacy.database, an_account()), "+14155550123"
    address_hash = privacy.keys.address_hash(Channel.SMS, phone)
    async with privacy.database.begin() as uow:
        await uow.addresses.add(UserAddress(0, ada.user.id, Channel.SMS, phone, "", NOW), address_hash)
        word = InboundMessage("twilio", "SM1", Channel.SMS, phone, "STOP", NOW)
        await uow.inbound.add([(word, address_hash, "stop")], NOW)
    assert (await export(privacy, ada))["inbound_messages"][0]["keyword"] == "stop"
    await privacy.erase(ada, privacy.erase_until())
    async with privacy.database.read() as uow:
        assert await uow.inbound.last_words([(Channel.SMS, address_hash)]) == {}


async def test_erasing_twice_is_harmless(privacy: Privacy):
    """A double tap."""
    ada = await somebody(privacy, 1)
    for _tap in range(2):
        await privacy.erase(ada, privacy.erase_until())
