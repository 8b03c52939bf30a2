"""What the use cases of posts share: finding one, the moves between its states, and how a refusal is told."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NoReturn

from core.errors import AppError, NotFound
from core.i18n import N_
from core.model import Account, Channel, Post, PostState, PostView
from core.ports import UnitOfWork

MOST_VERSIONS = 2**31 - 1  # what the column holds; a forged button may name more
OPEN = frozenset({PostState.WRITING, PostState.DRAFT})  # a new version may still be made

MOVED_ON = {
    PostState.WRITING: N_("There is no text yet. One moment, or tap “Try again”."),
    PostState.DRAFT: N_("This is a draft just now. Approve it first."),
    PostState.APPROVED: N_("This post is approved. Undo the approval first."),
    PostState.POSTED: N_("This post is marked as posted. Take that back first."),
    PostState.DELETED: N_("This post was deleted. “Undo” brings it back."),
}


class Stale(AppError):
    """What was asked for isn't possible any more. `view` is how the post stands now."""

    def __init__(self, view: PostView, message: str = "") -> None:
        super().__init__(message or MOVED_ON[view.post.state])
        self.view = view


@dataclass(frozen=True, slots=True)
class Move:
    """A change of state: from which, and the state that says it has happened already."""

    start: frozenset[PostState]
    end: PostState

    def is_done(self, view: PostView) -> bool:
        """Whether an earlier press did it. Raises `Stale` where it can't be done."""
        if view.post.state is self.end:
            return True
        if view.post.state not in self.start:
            raise Stale(view)
        return False


def require(view: PostView, state: PostState) -> None:
    """Raises `Stale` where the post is in another state."""
    if view.post.state is not state:
        raise Stale(view)


async def find(uow: UnitOfWork, account: Account, post_id: int, version: int | None = None) -> PostView:
    """One's own post, with the version asked for or else the one it stands for. Raises `NotFound`."""
    if version is not None and version > MOST_VERSIONS:
        not_found()
    return await uow.posts.view(account.user.id, post_id, version) or not_found()


def not_found() -> NoReturn:
    """The post is missing or somebody else's."""
    raise NotFound(N_("I can't find that post. /posts lists yours."))


async def change(uow: UnitOfWork, view: PostView, start: Collection[PostState], now: datetime, **changes: Any) -> Post:
    """Change a post that is still in the state it was read in. Raises `Stale` when somebody was faster."""
    post = await uow.posts.move(view.post, start, now, **changes)
    if post is None:
        latest = await uow.posts.view(view.post.user_id, view.post.id)
        raise Stale(latest or view)
    return post


def mail_channels(account: Account) -> tuple[Channel, ...]:
    """E-mail where the user wants mails and we know where to."""
    wants = account.user.email and account.preferences.receive_email_notifications
    return (Channel.EMAIL,) if wants else ()
