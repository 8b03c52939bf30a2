"""The author's shelf: posts by page, by state and by word, with how their deliveries fared."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from core.errors import AppError
from core.i18n import N_
from core.model import Account, Delivery, Page, PostState, PostView
from core.ports import Database

PER_PAGE = 5
MAX_WORD = 40  # bytes: the word travels in the buttons


class Shelf(StrEnum):
    """What to show. Deleted posts show only when they are asked for."""

    ALL = "all"
    DRAFT = "draft"
    APPROVED = "approved"
    POSTED = "posted"
    DELETED = "deleted"


STATES = {
    Shelf.ALL: (PostState.WRITING, PostState.DRAFT, PostState.APPROVED, PostState.POSTED),
    Shelf.DRAFT: (PostState.WRITING, PostState.DRAFT),
    Shelf.APPROVED: (PostState.APPROVED,),
    Shelf.POSTED: (PostState.POSTED,),
    Shelf.DELETED: (PostState.DELETED,),
}


@dataclass(frozen=True, slots=True)
class ShelvedPost:
    """One line of the list."""

    view: PostView
    deliveries: tuple[Delivery, ...]  # the last on each channel


def checked_word(text: str) -> str:
    """What to look for, or nothing. Raises `AppError` for more than fits a button."""
    word = " ".join(text.split())
    if len(word.encode()) > MAX_WORD:
        raise AppError(N_("Search for a word or two, not more. Example: /posts launch"))
    return word


def last_of_each_channel(deliveries: Sequence[Delivery]) -> tuple[Delivery, ...]:
    """The newest delivery on each channel."""
    newest = {delivery.delivery_type: delivery for delivery in sorted(deliveries, key=lambda one: one.id)}
    return tuple(newest.values())


class Library:
    """Lists of one's own posts."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def page(self, account: Account, number: int = 1, shelf: Shelf = Shelf.ALL, word: str = "") -> Page:
        """A page of `ShelvedPost`, the newest first; the last page where `number` is beyond it."""
        async with self._database.read() as uow:
            total = await uow.shelf.count(account.user.id, STATES[shelf], word)
            pages = max(1, -(-total // PER_PAGE))
            number = min(max(number, 1), pages)
            first = (number - 1) * PER_PAGE
            views = await uow.shelf.page(account.user.id, STATES[shelf], word, offset=first, limit=PER_PAGE)
            deliveries = await uow.delivery_log.of_posts([view.post.id for view in views]) if views else {}
        return Page(_lines(views, deliveries), number, pages, total)


def _lines(views: Sequence[PostView], deliveries: Mapping[int, Sequence[Delivery]]) -> tuple[ShelvedPost, ...]:
    return tuple(ShelvedPost(view, last_of_each_channel(deliveries.get(view.post.id, ()))) for view in views)
