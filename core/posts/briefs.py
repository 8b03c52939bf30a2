"""What a writer is told: the idea, the versions so far, and how the author writes."""

from dataclasses import dataclass

from core.accounts.rules import style_of
from core.model import Account, NotificationType, Post
from core.ports import UnitOfWork
from core.posts.writing import Brief, Direction

EARLIER_VERSIONS = 8  # of the post, for the writer to know
APPROVED_SAMPLES = 5  # approved posts that show the writer how the author writes


@dataclass(frozen=True, slots=True)
class Wish:
    """What the next version should be. `base` is the number of the version it starts from."""

    direction: Direction = Direction.FIRST
    instruction: str = ""
    base: int = 0
    in_place: bool = True  # the card is in the chat already and is edited; else it is to be delivered


async def brief_of(uow: UnitOfWork, account: Account, post: Post, wish: Wish) -> Brief:
    """The brief for the next version of a post, from what is stored."""
    versions = await uow.posts.versions(post.id) if post.latest else []
    samples = [sample.text for sample in await uow.samples.of_user(account.user.id)]
    samples += await uow.shelf.recently_approved(account.user.id, but=post.id, limit=APPROVED_SAMPLES)
    base_last = sorted(versions, key=lambda version: (version.number == wish.base, version.number))
    return Brief(
        idea=post.idea,
        language=post.language,
        direction=wish.direction,
        instruction=wish.instruction,
        previous=tuple(version.text for version in base_last[-EARLIER_VERSIONS:]),
        style=style_of(account, NotificationType.POSTS),
        tone=account.preferences.tone,
        samples=tuple(samples),
        seed=post.latest + 1,
    )
