"""What a user sets for one type of messages: every change is kept at once and written down with its time."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from core.accounts.rules import SAYS, STYLED, kinds_of, rule_for, with_rule
from core.accounts.ruletext import plain_value, rule_of, told
from core.accounts.rulewords import Topic, Wish
from core.accounts.ways import provider_names
from core.delivery.planning import addresses_of
from core.errors import AppError, NotFound
from core.i18n import N_
from core.model import Account, Channel, NotificationType, Rule
from core.model.audit import AuditFilter
from core.ports import Clock, Database, UnitOfWork
from core.secrets import Keys

SWITCHABLE = (Channel.TELEGRAM, Channel.EMAIL, Channel.PUSH, Channel.WHATSAPP, Channel.SMS)
HOW_TO_BE_REACHED = {
    Channel.EMAIL: N_("I have no address of yours yet. Give me one first: /email me@example.org"),
    Channel.SMS: N_("I have no number of yours yet. Share it first: /phone"),
    Channel.WHATSAPP: N_("I have no number of yours yet. Share it first: /phone"),
    Channel.PUSH: N_("No browser or device of yours is set up for notifications. Set one up first: /push"),
}


@dataclass(frozen=True, slots=True)
class Sheet:
    """A user with their rules, and the names of the providers that are set up here, by channel."""

    account: Account
    providers: Mapping[Channel, tuple[str, ...]]

    @property
    def channels(self) -> tuple[Channel, ...]:
        """Those that can be switched: what is set up here, or reaches the user already."""
        reach = addresses_of(self.account)
        return tuple(one for one in SWITCHABLE if one in self.providers or one in reach)


@dataclass(frozen=True, slots=True)
class RuleBook:
    """Reads and changes rules. Setting what is set already changes nothing, so a double tap is harmless."""

    database: Database
    clock: Clock
    keys: Keys

    async def sheet(self, account: Account) -> Sheet:
        """How it all stands; `account` is read anew."""
        async with self.database.read() as uow:
            return await _sheet(uow, account)

    async def carry_out(self, account: Account, wish: Wish) -> Sheet:
        """Set what somebody wants."""
        if wish.topic is Topic.SHOW:
            return await self.sheet(account)
        if wish.topic is Topic.RESET:
            return await self.reset(account, wish.type)
        now = self.clock()
        async with self.database.begin() as uow:
            sheet = await _sheet(uow, account)
            for rule in MADE[wish.topic](sheet, wish):
                sheet = replace(sheet, account=await _write(uow, sheet.account, rule, now))
            await self._subscribe(uow, sheet.account, wish)
        return sheet

    async def _subscribe(self, uow: UnitOfWork, account: Account, wish: Wish) -> None:
        """Asking for a type by mail takes back that its mails were unsubscribed from."""
        if wish.topic is Topic.SWITCH and wish.value and wish.channel is Channel.EMAIL and account.user.email:
            address = self.keys.address_hash(Channel.EMAIL, account.user.email)
            for kind in kinds_of(wish.type):
                await uow.suppressions.remove(Channel.EMAIL, address, scope=kind)

    async def reset(self, account: Account, type: NotificationType) -> Sheet:
        """Back to the settings, for one type. What was there is kept in the audit log, so that it can be undone."""
        now = self.clock()
        async with self.database.begin() as uow:
            sheet = await _sheet(uow, account)
            before = [told(rule) for rule in sheet.account.rules if rule.type is type]
            if not before:
                return sheet
            await uow.rules.clear(account.user.id, type)
            await uow.audit.write(account.user.id, _reset(type), now, {"rules": before}, {"rules": []})
            return await _sheet(uow, account)

    async def undo_reset(self, account: Account, type: NotificationType) -> Sheet:
        """Put back what the last reset of a type took away. `AppError` where something was set since then."""
        now = self.clock()
        async with self.database.begin() as uow:
            sheet = await _sheet(uow, account)
            last = await uow.audit.page(AuditFilter(_reset(type), account.user.id), offset=0, limit=1)
            rules = [rule_of(one) for one in ((last[0].before or {}).get("rules", []) if last else [])]
            now_there = [rule for rule in sheet.account.rules if rule.type is type]
            if sorted(map(repr, now_there)) == sorted(map(repr, rules)):
                return sheet  # a double tap
            if now_there or not rules:
                raise AppError(N_("There is nothing to undo any more: you have set something else since."))
            for rule in rules:
                sheet = replace(sheet, account=await _write(uow, sheet.account, rule, now))
        return sheet


def _reset(type: NotificationType) -> str:
    return f"preferences.{type}.reset"


async def _sheet(uow: UnitOfWork, account: Account) -> Sheet:
    current = await uow.users.by_id(account.user.id)
    if current is None:
        raise NotFound(N_("I don't know you any more. Send /start to begin anew."))
    return Sheet(current, await provider_names(uow))


async def _write(uow: UnitOfWork, account: Account, rule: Rule, now: datetime) -> Account:
    """Keep a rule, and note each thing that it says otherwise than before."""
    before, where = rule_for(account.rules, rule.type, rule.channel), rule.channel or "all"
    different = [name for name in SAYS if getattr(before, name) != getattr(rule, name)]
    if not different:
        return account
    for name in different:
        was, becomes = plain_value(getattr(before, name)), plain_value(getattr(rule, name))
        action = f"preferences.{rule.type}.{where}.{name}"
        await uow.audit.write(account.user.id, action, now, {name: was}, {name: becomes})
    await uow.rules.set(account.user.id, rule, now)
    return replace(account, rules=with_rule(account.rules, rule))


def _one(field: str) -> Callable[[Sheet, Wish], list[Rule]]:
    def made(sheet: Sheet, wish: Wish) -> list[Rule]:
        said: dict[str, Any] = {field: wish.value}
        return [replace(rule_for(sheet.account.rules, wish.type, wish.channel), **said)]

    return made


def _switched(sheet: Sheet, wish: Wish) -> list[Rule]:
    """A whole type that is switched off is off on every channel; switched on, it goes as the settings say."""
    rules = sheet.account.rules
    if wish.channel is None:
        wide = replace(rule_for(rules, wish.type, None), is_enabled=None if wish.value else False)
        loud = [one for one in rules if one.type is wish.type and one.channel and one.is_enabled and not wish.value]
        return [wide, *(replace(one, is_enabled=None) for one in loud)]
    if wish.value and wish.channel not in addresses_of(sheet.account):
        raise AppError(HOW_TO_BE_REACHED.get(wish.channel, N_("This channel is not set up here.")))
    return [replace(rule_for(rules, wish.type, wish.channel), is_enabled=wish.value)]


def _styled(sheet: Sheet, wish: Wish) -> list[Rule]:
    """A style belongs to the type, whatever the channel."""
    if wish.type not in STYLED:
        raise AppError(N_("Only posts are written in a style of their own. Example: /preferences posts style jovial"))
    return [replace(rule_for(sheet.account.rules, wish.type, None), style=wish.value)]


def _providers(sheet: Sheet, wish: Wish) -> list[Rule]:
    """On the channel that was named, else on each that has a provider of this name."""
    here = {one: names for one, names in sheet.providers.items() if one in SWITCHABLE and wish.channel in (None, one)}
    channels = [one for one, names in here.items() if wish.value in names]
    if not channels:
        known = ", ".join(dict.fromkeys(name for names in here.values() for name in names)) or "–"
        raise AppError(
            N_("“{text}” is no provider that is set up here. There are: {known}."), {"text": wish.value, "known": known}
        )
    return [_provider(sheet, wish, channel) for channel in channels]


def _provider(sheet: Sheet, wish: Wish, channel: Channel) -> Rule:
    rule = rule_for(sheet.account.rules, wish.type, channel)
    preferred = [name for name in rule.preferred or () if name != wish.value]
    blocked = [name for name in rule.blocked or () if name != wish.value]
    if wish.topic is Topic.PREFER:
        preferred = [wish.value, *preferred]
    if wish.topic is Topic.BLOCK:
        blocked = [*blocked, wish.value]
    if set(sheet.providers.get(channel, ())) <= set(blocked):
        raise AppError(
            N_("Then nothing could come by {channel} at all. To switch it off: /preferences {type} {channel} off"),
            {"channel": channel, "type": wish.type},
        )
    return replace(rule, preferred=tuple(preferred) or None, blocked=tuple(blocked) or None)


MADE: dict[Topic, Callable[[Sheet, Wish], list[Rule]]] = {
    Topic.SWITCH: _switched,
    Topic.CAP: _one("cap"),
    Topic.QUIET: _one("quiet"),
    Topic.STYLE: _styled,
    Topic.PREFER: _providers,
    Topic.BLOCK: _providers,
    Topic.ALLOW: _providers,
}
