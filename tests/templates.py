"""Texts for tests: a desk for them over a real database, and WhatsApp's side as a fake."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from core.errors import SendError
from core.model import Account, StoredTemplate, TemplateId
from core.rendering.approvals import TemplateApprovals
from core.rendering.book import TemplateBook
from core.rendering.editing import TemplateEditor
from core.rendering.previews import Previews
from core.rendering.renderer import Renderer
from core.secrets import Keys
from storage.database import Database
from tests.conftest import SteppedClock

CHAT = {"chat_url": "https://t.me/postrider_example_bot"}


@dataclass
class FakeContents:
    """What is made and handed in is kept; `answers` says what WhatsApp thinks; `fails` is raised once by each call."""

    made: list[tuple[str, str, str, Mapping[str, str]]] = field(default_factory=list)
    submitted: list[tuple[str, str, str]] = field(default_factory=list)
    answers: dict[str, tuple[str, str]] = field(default_factory=dict)
    fails: dict[str, SendError] = field(default_factory=dict)
    is_set_up: bool = True

    async def create(self, name: str, language: str, body: str, examples: Mapping[str, str]) -> str:
        self._fail("create")
        self.made.append((name, language, body, examples))
        return f"HX{len(self.made):032}"

    async def submit(self, sid: str, name: str, category: str) -> None:
        self._fail("submit")
        self.submitted.append((sid, name, category))

    async def approval(self, sid: str) -> tuple[str, str]:
        self._fail("approval")
        return self.answers.get(sid, ("pending", ""))

    def _fail(self, call: str) -> None:
        if call in self.fails:
            raise self.fails.pop(call)

    @asynccontextmanager
    async def opened(self) -> AsyncIterator["FakeContents | None"]:
        yield self if self.is_set_up else None


@dataclass
class TextDesk:
    """Everything a test of texts needs; `admin` is in the database."""

    database: Database
    clock: SteppedClock
    book: TemplateBook
    editor: TemplateEditor
    approvals: TemplateApprovals
    contents: FakeContents
    admin: Account

    async def saves(self, template_id: TemplateId, text: str, part: str = "text") -> None:
        """Propose it and save what was proposed."""
        proposal = await self.editor.propose(template_id, part, text, self.admin)
        await self.editor.save(self.admin, template_id, part, proposal.text, proposal.version)

    async def stored(self, template_id: TemplateId) -> StoredTemplate:
        async with self.database.read() as uow:
            found = await uow.templates.one(template_id)
        assert found
        return found


def a_text_desk(database: Database, clock: SteppedClock, keys: Keys, admin: Account) -> TextDesk:
    """A desk without any changed text."""
    book, contents = TemplateBook(), FakeContents()
    previews = Previews(Renderer(keys, "https://desk.example.org", "desk@example.org", "Postrider", book), CHAT)
    editor = TemplateEditor(database, clock, keys, book, previews)
    approvals = TemplateApprovals(database, clock, book, previews, contents.opened)
    return TextDesk(database, clock, book, editor, approvals, contents, admin)
