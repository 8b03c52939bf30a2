"""Real deliveries of texts that admins wrote: through the engine, the renderer and the database."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest

from core.model import Channel, Delivery, InboundMessage, Kind, Message, Receipt, StoredTemplate, TemplateId, Texts
from core.model import DeliveryStatus as S
from core.rendering.book import TemplateBook
from core.rendering.renderer import Renderer
from core.secrets import Keys
from storage.database import Database
from tests.accounts import an_account, saved
from tests.conftest import NOW, SteppedClock
from tests.delivery import Desk, FakeProvider, FakeProviders, a_desk, with_providers

ALERT = {"text": "The queue is long"}
NUMBER = "+14155550123"


class Phone(FakeProvider):
    """A provider that keeps what it was given, and holds us to WhatsApp's window."""

    def __init__(self, channel: Channel) -> None:
        super().__init__("twilio", channel)
        self.has_window = channel is Channel.WHATSAPP
        self.messages: list[Message] = []

    async def send(self, message: Message, key: str) -> Receipt:
        self.messages.append(message)
        return await super().send(message, key)


class Texting:
    """A desk whose engine renders for real, with a phone for SMS and one for WhatsApp."""

    def __init__(self, desk: Desk, keys: Keys) -> None:
        self.database, self.keys = desk.database, keys
        self.sms, self.whatsapp = Phone(Channel.SMS), Phone(Channel.WHATSAPP)
        renderer = Renderer(keys, None, "desk@example.org", "Postrider", book := TemplateBook())
        providers = FakeProviders([self.sms, self.whatsapp, desk.telegram, desk.in_app])
        engine = replace(desk.engine, render=renderer.render, keep_fresh=partial(book.keep_fresh, desk.database))
        self.desk = replace(desk, engine=with_providers(engine, providers))

    async def writes(self, kind: Kind, channel: Channel, text: str, **values: object) -> None:
        """What an admin saved, without the checks that would have refused it."""
        template = StoredTemplate(TemplateId(kind, channel, "en"), Texts(text), **values)  # type: ignore[arg-type]
        async with self.database.begin() as uow:
            assert await uow.templates.put(template, NOW)

    async def sends(self, channel: Channel, key: str = "k", kind: Kind = Kind.ALERT) -> Delivery:
        """One alert to the number, carried out."""
        queued = await self.desk.queue(kind, key, content=ALERT, channels=[channel], addresses={channel: NUMBER})
        (delivery,) = await self.desk.run(queued)
        return delivery

    async def hears(self, ago: timedelta) -> None:
        """A word of theirs by WhatsApp."""
        message = InboundMessage("twilio", "e1", Channel.WHATSAPP, NUMBER, "hello", NOW - ago)
        async with self.database.begin() as uow:
            await uow.inbound.add([(message, self.keys.address_hash(Channel.WHATSAPP, NUMBER), None)], NOW)


@pytest.fixture
async def texting(any_database: Database, clock: SteppedClock, keys: Keys) -> Texting:
    await saved(any_database, an_account(telegram_id=9001, public_id="root", email="root@example.org", name="Root"))
    return Texting(a_desk(any_database, clock, keys, await saved(any_database, an_account())), keys)


async def alerts(texting: Texting) -> Sequence[Delivery]:
    return [one for one in await texting.desk.everything() if one.delivery_type is Channel.TELEGRAM]


async def test_an_admins_text_goes_out_instead_of_ours(texting: Texting):
    """In the reader's language, with the notification's values."""
    await texting.writes(Kind.ALERT, Channel.SMS, "Look here: {{ text|upper }}")
    assert (await texting.sends(Channel.SMS)).status is S.SENT
    assert [message.text for message in texting.sms.messages] == ["Look here: THE QUEUE IS LONG"]


@pytest.mark.parametrize("text", ["Half {{ text }} and {{ nothing }}", "{{ text", "{{ text.upper() }}", "{{ keys }}"])
async def test_a_text_that_breaks_sends_nothing_and_alerts_the_admins_once_an_hour(
    texting: Texting, clock: SteppedClock, text: str
):
    """Not half of it, and not ours in its place: somebody must look."""
    await texting.writes(Kind.MESSAGE, Channel.SMS, text)
    for number in range(3):
        failed = await texting.sends(Channel.SMS, f"k{number}", Kind.MESSAGE)
        assert (failed.status, failed.error_code, failed.attempts) == (S.FAILED, "render", 0)
    assert texting.sms.messages == []
    assert len(await alerts(texting)) == 1
    clock.now += timedelta(hours=1)
    await texting.sends(Channel.SMS, "later", Kind.MESSAGE)
    assert len(await alerts(texting)) == 2


async def test_outside_the_window_no_provider_is_called(texting: Texting):
    """Nobody has written within 24 hours, and no template is approved."""
    await texting.hears(timedelta(hours=25))
    refused = await texting.sends(Channel.WHATSAPP)
    assert (refused.status, refused.error_code) == (S.FAILED, "template_not_approved")
    assert texting.whatsapp.messages == []
    assert await alerts(texting) == []


async def test_within_the_window_free_text_goes_out(texting: Texting):
    """They wrote an hour ago."""
    await texting.hears(timedelta(hours=1))
    assert (await texting.sends(Channel.WHATSAPP)).status is S.SENT
    assert texting.whatsapp.messages[0].template_id == ""


async def test_an_approved_template_needs_no_window(texting: Texting):
    """That is what it is for."""
    approved = {"is_approved": True, "provider_template_id": "HX9"}
    await texting.writes(Kind.ALERT, Channel.WHATSAPP, "Please have a look: {{ text }} is what we saw.", **approved)
    assert (await texting.sends(Channel.WHATSAPP)).status is S.SENT
    (message,) = texting.whatsapp.messages
    assert (message.template_id, message.template_variables) == ("HX9", {"1": "The queue is long"})
    assert message.text == "Please have a look: The queue is long is what we saw."
