"""Where notifications pop up: a person's browsers and phones, added and removed by themself.

The page of it opens by a link that the bot gives out and that is good for a day. A browser is kept as its subscription,
an app as its registration token; which provider serves it is told by `Provider.reaches`.
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from hashlib import sha256
from urllib.parse import urlsplit

from core.accounts.links import token_of
from core.delivery.outbox import notify
from core.errors import AppError
from core.i18n import N_
from core.i18n import gettext as _
from core.model import Access, Account, Channel, Kind, Link, UserAddress
from core.ports import Clock, Database, UnitOfWork
from core.secrets import Keys
from core.settings import Settings

PUSH = "push"  # the purpose of a link
LINK_GOOD_FOR = timedelta(days=1)  # whoever has it can have the notifications
MOST = 20  # devices of one person
DEVICE_TOKEN = re.compile(r"[A-Za-z0-9_:.-]{32,2000}")
LONGEST_SUBSCRIPTION = 2000  # what the column holds
LONGEST_LABEL = 100


@dataclass(frozen=True, slots=True)
class Device:
    """A browser or phone as its owner sees it. `fingerprint` is known to the browser itself and gives nothing away."""

    id: int
    label: str
    added_at: datetime
    fingerprint: str


class Devices:
    """Adds, lists, tries and removes them."""

    def __init__(self, database: Database, clock: Clock, keys: Keys, settings: Settings) -> None:
        self._database, self._clock, self._keys = database, clock, keys
        self._public_url = settings.public_url
        self._webpush, self._fcm = settings.webpush, settings.fcm

    @cached_property
    def public_key(self) -> str | None:
        """What browsers subscribe with; None where Web Push is not set up. Raises `SettingsError`."""
        if not (self._webpush.vapid_private_key and self._webpush.subject):
            return None
        from core.providers.webpush import vapid_key

        return vapid_key(self._webpush.vapid_private_key.get_secret_value()).public

    @property
    def can_have_browsers(self) -> bool:
        """Whether Web Push is set up."""
        return bool(self._webpush.vapid_private_key and self._webpush.subject)

    @property
    def is_set_up(self) -> bool:
        """Whether there is a page, and a provider that could reach what is added there."""
        has_fcm = bool(self._fcm.project_id and self._fcm.credentials_file)
        return bool(self._public_url) and (self.can_have_browsers or has_fcm)

    async def page_url(self, account: Account) -> str:
        """The address of the person's page, good for a day from now. Raises `AppError` where none is set up."""
        if not self.is_set_up:
            raise AppError(N_("Push notifications are not set up here. Whoever runs this bot can do that."))
        now = self._clock()
        wanted = Link(0, PUSH, account.user.id, "all", account.user.link_generation, now)
        async with self._database.begin() as uow:
            link = await uow.links.ensure(wanted, lambda one: token_of(self._keys, one))
            await uow.links.extend(link.id, now + LINK_GOOD_FOR)
        return f"{self._public_url}/push/{token_of(self._keys, link)}"

    async def owner(self, token: str) -> Account | None:
        """Whose page a token opens; None where it is unknown, revoked or too old."""
        async with self._database.read() as uow:
            link = await uow.links.by_token(token, self._clock())
            account = await uow.users.by_id(link.user_id) if link and link.purpose == PUSH and link.user_id else None
        return account if account and account.user.access is Access.ALLOWED else None

    async def all(self, account: Account) -> list[Device]:
        """A person's devices, the oldest first."""
        async with self._database.read() as uow:
            found = await uow.addresses.of_user(account.user.id, Channel.PUSH)
        return [Device(one.id, one.label, one.created_at, fingerprint(one.address)) for one in found]

    async def add_browser(self, account: Account, subscription: str, label: str) -> int:
        """Keep a browser by the JSON of its subscription; the same one again is no second. Raises `AppError`."""
        return await self._add(account, checked_subscription(subscription), label)

    async def add_phone(self, account: Account, token: str, label: str) -> int:
        """Keep an app by its registration token; the same one again is no second. Raises `AppError`."""
        if not DEVICE_TOKEN.fullmatch(token):
            raise AppError(N_("That is no registration token of an app."))
        return await self._add(account, token, label)

    async def renew(self, old: str, new: str) -> bool:
        """Put a browser's new subscription in the place of the one it had. To know the old one, secret and all, is to
        be that browser. Raises `AppError` for what is no subscription."""
        old_hash = self._hash(checked_subscription(old))
        address = checked_subscription(new)
        async with self._database.begin() as uow:
            known = await uow.addresses.by_hash(Channel.PUSH, old_hash)
            if known is None:
                return False
            await uow.addresses.forget([(Channel.PUSH, old_hash)])
            await self._keep(uow, UserAddress(0, known.user_id, Channel.PUSH, address, known.label, self._clock()))
        return True

    async def remove(self, account: Account, device_id: int) -> bool:
        """Send nothing there any more; False where it was not theirs, or no more."""
        async with self._database.begin() as uow:
            mine = {one.id: one for one in await uow.addresses.of_user(account.user.id, Channel.PUSH)}
            return device_id in mine and await self._drop(uow, mine[device_id])

    async def remove_browser(self, account: Account, subscription: str) -> bool:
        """The same by the browser's own subscription."""
        address_hash = self._hash(checked_subscription(subscription))
        async with self._database.begin() as uow:
            found = await uow.addresses.by_hash(Channel.PUSH, address_hash)
            return found is not None and found.user_id == account.user.id and await self._drop(uow, found)

    async def send_test(self, account: Account, device_id: int) -> bool:
        """Send a few words there, at most once a minute; False where it is not theirs, or was just tried."""
        now = self._clock()
        async with self._database.begin() as uow:
            mine = {one.id: one.address for one in await uow.addresses.of_user(account.user.id, Channel.PUSH)}
            if device_id not in mine:
                return False
            content = {"text": _("It works: this is where my notifications will pop up."), "subject": _("A test")}
            queued = await notify(
                uow, account, Kind.MESSAGE, key=f"push_test:{device_id}:{now:%Y%m%d%H%M}", now=now, keys=self._keys,
                content=content, interactive=True, channels=[Channel.PUSH], addresses={Channel.PUSH: mine[device_id]},
            )  # fmt: skip
        return bool(queued)

    async def _add(self, account: Account, address: str, label: str) -> int:
        new = UserAddress(0, account.user.id, Channel.PUSH, address, label[:LONGEST_LABEL], self._clock())
        async with self._database.begin() as uow:
            mine = await uow.addresses.of_user(account.user.id, Channel.PUSH)
            if len(mine) >= MOST and address not in {one.address for one in mine}:
                raise AppError(N_("You have {count} devices already. Remove one first."), {"count": len(mine)})
            return await self._keep(uow, new)

    async def _keep(self, uow: UnitOfWork, new: UserAddress) -> int:
        """The owner has just said that it works again, whatever was heard before."""
        address_hash = self._hash(new.address)
        device_id = await uow.addresses.add(new, address_hash)
        await uow.suppressions.remove(Channel.PUSH, address_hash)
        await uow.audit.write(new.user_id, "push.added", new.created_at, None, {"label": new.label})
        return device_id

    async def _drop(self, uow: UnitOfWork, device: UserAddress) -> bool:
        await uow.addresses.remove(device.user_id, device.id)
        await uow.audit.write(device.user_id, "push.removed", self._clock(), {"label": device.label}, None)
        return True

    def _hash(self, address: str) -> str:
        return self._keys.address_hash(Channel.PUSH, address)


def checked_subscription(text: str) -> str:
    """A subscription in the one way in which it is stored; raises `AppError` where it can't be one. Browsers' push
    services are reached by https alone."""
    from core.providers.subscription import subscription_of

    try:
        found = subscription_of(text)
        found.endpoint.encode("ascii")
    except ValueError:
        raise AppError(N_("That is no subscription of a browser.")) from None
    stored = found.text()
    if not _is_https(found.endpoint) or len(stored) > LONGEST_SUBSCRIPTION:
        raise AppError(N_("That is no subscription of a browser."))
    return stored


def _is_https(address: str) -> bool:
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return parts.scheme == "https" and bool(parts.hostname)


def fingerprint(address: str) -> str:
    """By which a browser finds itself in a list: of its endpoint, which it knows; of an app's token."""
    from core.providers.subscription import subscription_of

    try:
        known_to_itself = subscription_of(address).endpoint
    except ValueError:
        known_to_itself = address
    return sha256(known_to_itself.encode()).hexdigest()[:16]
