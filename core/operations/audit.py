"""The audit log in pages: who did what, and when."""

from dataclasses import dataclass

from core.model import Page
from core.model.audit import AuditFilter
from core.operations.people import USERNAME, whom
from core.paging import place
from core.ports import Database
from core.secrets import Keys

PAGE = 8  # rows
LONGEST = 32  # characters of an action: what fits into a button


@dataclass(frozen=True, slots=True)
class AuditBook:
    """What was changed and by whom. Whoever asks has been found to be an admin."""

    database: Database
    keys: Keys

    async def page(self, meant: AuditFilter, number: int = 1) -> Page:
        """The rows that are meant, the newest first; the items are `AuditRow`."""
        async with self.database.read() as uow:
            total = await uow.audit.count(meant)
            shown, pages = place(number, total, PAGE)
            rows = await uow.audit.page(meant, offset=(shown - 1) * PAGE, limit=PAGE)
        return Page(tuple(rows), shown, pages, total)

    async def topics(self) -> list[str]:
        """What anything was ever done about."""
        async with self.database.read() as uow:
            return await uow.audit.topics()

    async def parse(self, text: str) -> AuditFilter:
        """`provider`, `provider.disabled`, `@root`, a public id, or an action and a person. Raises `AppError`."""
        meant = AuditFilter()
        topics = await self.topics()
        for word in text.split():
            is_person = USERNAME.fullmatch(word) or word.casefold().partition(".")[0] not in topics
            if is_person:
                meant = AuditFilter(meant.action, await self._person(word))
            else:
                meant = AuditFilter(word.casefold()[:LONGEST], meant.user_id)
        return meant

    async def _person(self, word: str) -> int | None:
        async with self.database.read() as uow:
            asked = await whom(uow, self.keys, word)
        return asked.account.user.id if asked.account else 0  # an address of nobody's: there are no such rows
