"""What is done again and again: thin, the work is the use cases'."""

from dataclasses import dataclass
from datetime import timedelta

import structlog

from core.accounts.reminders import Reminders
from core.batches.carrying import Carrier
from core.batches.cleaning import Cleaning
from core.operations.costs import Costs
from core.ports import Clock, Database
from core.posts.keeping import Keeping
from core.rendering.approvals import TemplateApprovals
from core.routing.checks import Checks
from core.routing.weights import Weigher

UPDATES_KEPT = timedelta(days=7)  # long enough to know an update again that Telegram repeats
DIALOGUES_KEPT = timedelta(days=30)  # nobody answers a question after that
CODES_KEPT = timedelta(days=1)  # the limits on codes look back two hours; an address that was not confirmed goes
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Jobs:
    """Each method is safe to run twice, also on two machines at once."""

    database: Database
    clock: Clock
    reminders: Reminders
    keeping: Keeping
    carrier: Carrier
    cleaning: Cleaning
    template_approvals: TemplateApprovals | None = None
    currency: str = "USD"
    checks: Checks | None = None
    weigher: Weigher | None = None

    async def remind(self) -> None:
        """Queue the reminders whose time has come."""
        await self.reminders.run_due(self.clock())

    async def send_kept(self) -> None:
        """Queue the posts that were kept for a date that has come."""
        await self.keeping.send_kept(self.clock())

    async def carry_batches(self) -> None:
        """Go on with the batches that want to be looked after."""
        await self.carrier.run()

    async def clean_old(self) -> None:
        """Begin the day's removal of what is too old; it is a batch that `carry_batches` carries."""
        await self.cleaning.begin()

    async def look_after_templates(self) -> None:
        """Put the product's own WhatsApp templates where they can be handed in, and ask what WhatsApp has decided."""
        if self.template_approvals:
            await self.template_approvals.seed()
            await self.template_approvals.refresh_all()

    async def roll_up_costs(self) -> None:
        """Keep what each provider took today and on the days before that late reports may have changed."""
        await Costs(self.database, self.clock, self.currency).roll_up()

    async def check_providers(self) -> None:
        """Ask every provider whether it works."""
        if self.checks:
            await self.checks.run_due()

    async def weigh_providers(self) -> None:
        """Move weight away from providers whose calls fail, and back."""
        if self.weigher:
            await self.weigher.run()

    async def clean_up(self) -> None:
        """Delete what nobody needs any more."""
        now = self.clock()
        async with self.database.begin() as uow:
            updates = await uow.updates.purge(now - UPDATES_KEPT)
            dialogues = await uow.dialogues.purge(now - DIALOGUES_KEPT)
            codes = await uow.codes.purge(now - CODES_KEPT)
        if updates or dialogues or codes:
            log.info("cleaned up", updates=updates, dialogues=dialogues, codes=codes)
