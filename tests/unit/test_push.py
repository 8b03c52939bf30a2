"""Push through the engine: each address by the provider that serves it, and one that is over is forgotten."""

import pytest

from core.accounts.devices import Devices
from core.errors import Refused, Unavailable
from core.model import Account, Channel, DeliveryStatus, Kind
from core.secrets import Keys
from core.settings import Settings
from storage.database import Database
from tests.accounts import an_account, saved
from tests.conftest import SteppedClock
from tests.delivery import Desk, FakeProvider, FakeProviders, a_desk, with_providers

S = DeliveryStatus
PHONE = "bk3RNwTe3H0:CI2k_HHwgIpoDKCIZvvDMExUdFQ3P1-a_device_of_the_tests"
TABLET = PHONE + "2"


@pytest.fixture
async def ada(database: Database) -> Account:
    return await saved(database, an_account())


@pytest.fixture
def devices(database: Database, clock: SteppedClock, keys: Keys) -> Devices:
    return Devices(database, clock, keys, Settings(_env_file=None))


@pytest.fixture
async def desk(database: Database, clock: SteppedClock, keys: Keys, ada: Account, devices: Devices) -> Desk:
    """Two devices, each of them served by one of two providers."""
    desk = a_desk(database, clock, keys, ada)
    desk.smtp.channel = desk.sendgrid.channel = Channel.PUSH
    desk.smtp.name, desk.sendgrid.name = "fcm", "webpush"
    desk.smtp.unreachable, desk.sendgrid.unreachable = {TABLET}, {PHONE}
    providers: list[FakeProvider] = [desk.smtp, desk.sendgrid, desk.telegram, desk.in_app]
    desk.engine = with_providers(desk.engine, FakeProviders(providers))
    for address in (PHONE, TABLET):
        await devices.add_phone(ada, address, address[-6:])
    async with database.read() as uow:
        account = await uow.users.by_id(ada.user.id)
    assert account is not None
    desk.account = account
    return desk


async def test_each_device_is_served_by_the_provider_that_reaches_it(desk: Desk):
    """One notification, one delivery for each."""
    found = await desk.run(await desk.queue(Kind.MESSAGE, channels=[Channel.PUSH]))
    assert {one.recipient: (one.provider_name, one.status) for one in found} == {
        PHONE: ("fcm", S.SENT), TABLET: ("webpush", S.SENT),
    }  # fmt: skip
    assert [to for to, _key in desk.smtp.sent + desk.sendgrid.sent] == [PHONE, TABLET]


async def test_a_device_that_is_gone_is_forgotten_and_the_other_stays(desk: Desk, devices: Devices, ada: Account):
    """It is not tried again, not even where an old plan names it."""
    desk.smtp.answers = [Refused("unreachable", hard=True)]
    found = await desk.run(await desk.queue(Kind.MESSAGE, channels=[Channel.PUSH]))
    assert {one.recipient: one.status for one in found} == {PHONE: S.FAILED, TABLET: S.SENT}
    assert [one.label for one in await devices.all(ada)] == [TABLET[-6:]]
    again = await desk.run(await desk.queue(Kind.MESSAGE, "post:1:v2", channels=[Channel.PUSH]))
    assert {one.recipient: one.error_code for one in again} == {PHONE: "unreachable", TABLET: None}
    assert len(desk.smtp.sent) == 1


async def test_a_device_out_of_reach_for_now_is_kept(desk: Desk, devices: Devices, ada: Account):
    """Its push service may be back tomorrow."""
    desk.smtp.answers = [Unavailable("unavailable")]
    await desk.run(await desk.queue(Kind.MESSAGE, channels=[Channel.PUSH]))
    assert len(await devices.all(ada)) == 2


async def test_a_device_that_is_added_again_is_used_again(desk: Desk, devices: Devices, ada: Account):
    """Its owner knows better than what was heard before."""
    desk.smtp.answers = [Refused("unreachable", hard=True)]
    await desk.run(await desk.queue(Kind.MESSAGE, channels=[Channel.PUSH]))
    await devices.add_phone(ada, PHONE, "Pixel")
    found = await desk.run(await desk.queue(Kind.MESSAGE, "post:1:v2", channels=[Channel.PUSH]))
    assert {one.status for one in found} == {S.SENT}
