"""The desk: every use case that handlers ask for by parameter name."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from core.accounts.access import AccessPolicy, Admission
from core.accounts.accounts import Accounts
from core.accounts.devices import Devices
from core.accounts.links import Links
from core.accounts.phone import PhoneBook
from core.accounts.preferences import PreferenceBook
from core.accounts.privacy import Privacy
from core.accounts.reminders import Reminders
from core.accounts.rulebook import RuleBook
from core.accounts.verification import Verification
from core.batches.batches import Batches
from core.batches.preview import Rehearsal
from core.batches.watching import Watching
from core.delivery.deliveries import Deliveries
from core.operations.audit import AuditBook
from core.operations.dead_letters import DeadLetters
from core.operations.figures import FiguresDesk
from core.operations.providers import ProviderDesk
from core.operations.stories import Stories
from core.operations.suppressions import SuppressionDesk
from core.ports import Clock, Database, Providers
from core.posts.approvals import Approvals
from core.posts.drafts import Drafts
from core.posts.keeping import Keeping
from core.posts.library import Library
from core.posts.voice import Voice
from core.posts.writing import Writer
from core.providers.registry import Registry
from core.rendering.approvals import TemplateApprovals
from core.rendering.book import TemplateBook
from core.rendering.editing import TemplateEditor
from core.rendering.workshop import build_texts
from core.routing.book import ProviderBook
from core.routing.checks import Checks
from core.routing.spending import caps_of
from core.secrets import Keys
from core.settings import Settings
from core.timezones import Timezones


@dataclass(frozen=True, slots=True)
class Desk:
    """What is at the handlers' disposal, each under the name of its field."""

    database: Database
    clock: Clock
    keys: Keys
    settings: Settings
    writer: Writer
    accounts: Accounts
    access: Admission
    approvals: Approvals
    batches: Batches
    audit_book: AuditBook
    dead_letters: DeadLetters
    deliveries: Deliveries
    devices: Devices
    drafts: Drafts
    figures: FiguresDesk
    keeping: Keeping
    library: Library
    links: Links
    phones: PhoneBook
    preferences: PreferenceBook
    privacy: Privacy
    provider_desk: ProviderDesk
    rehearsal: Rehearsal
    reminders: Reminders
    rules: RuleBook
    template_approvals: TemplateApprovals
    templates: TemplateEditor
    stories: Stories
    suppressed: SuppressionDesk
    timezones: Timezones
    verification: Verification
    voice: Voice
    watching: Watching

    def parts(self) -> dict[str, Any]:
        """Every field by its name, as the dispatcher hands them to handlers."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


def build_desk(
    database: Database,
    clock: Clock,
    keys: Keys,
    settings: Settings,
    writer: Writer,
    book: TemplateBook | None = None,
    extra: Mapping[str, Any] | None = None,
    providers: Providers | None = None,
) -> Desk:
    """Every use case over one database; `book` and `extra` are what this process renders with, where it does;
    `providers` are those that admins can probe."""
    templates, template_approvals = build_texts(settings, keys, database, clock, book, extra)
    policy = AccessPolicy.made_of(settings.access, settings.access_list, settings.admin_telegram_ids)
    batches = Batches(database, clock, keys, policy)
    checks = Checks(database, providers or Registry({}, {}), clock, settings.health_check_seconds)
    provider_book = ProviderBook(database, clock, checks, settings.currency)
    return Desk(
        database=database,
        clock=clock,
        keys=keys,
        settings=settings,
        writer=writer,
        accounts=Accounts(database, clock, keys, policy, settings.default_timezone),
        access=Admission(database, clock, keys, policy),
        audit_book=AuditBook(database, keys),
        approvals=Approvals(database, clock, keys),
        batches=batches,
        dead_letters=DeadLetters(database, clock, keys),
        deliveries=Deliveries(database, clock),
        devices=Devices(database, clock, keys, settings),
        drafts=Drafts(database, clock, keys, writer, settings),
        figures=FiguresDesk(database, clock, settings.currency),
        keeping=Keeping(database, clock, keys),
        library=Library(database),
        links=Links(database, clock, keys, settings.public_url),
        phones=PhoneBook(database, clock, keys),
        preferences=PreferenceBook(database, clock, keys),
        privacy=Privacy(database, clock, keys),
        provider_desk=ProviderDesk(database, clock, provider_book, caps_of(settings.spend_caps)),
        rehearsal=Rehearsal(templates.previews.renderer, clock, templates.previews.extra),
        reminders=Reminders(database, clock, keys, policy),
        rules=RuleBook(database, clock, keys),
        template_approvals=template_approvals,
        templates=templates,
        stories=Stories(database, keys),
        suppressed=SuppressionDesk(database, clock, keys),
        timezones=Timezones(),
        verification=Verification(database, clock, keys),
        voice=Voice(database, clock, writer),
        watching=Watching(database, clock, batches, policy),
    )
