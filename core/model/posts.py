"""A post on its way to being published."""

from dataclasses import dataclass
from datetime import datetime

from core.model.words import PostState


@dataclass(frozen=True, slots=True)
class Version:
    """One text that a post has had (`post_versions`)."""

    post_id: int
    number: int
    text: str
    direction: str
    writer: str
    created_at: datetime
    instruction: str = ""


@dataclass(frozen=True, slots=True)
class Post:
    """A post on its way to approval (`posts`). `latest` is the number of versions."""

    id: int
    user_id: int
    idea: str
    state: PostState
    language: str
    latest: int
    created_at: datetime
    updated_at: datetime
    source_key: str | None = None  # the update it came from, unique
    approved_version: int | None = None
    approved_at: datetime | None = None
    posted_at: datetime | None = None
    deleted_at: datetime | None = None
    state_before_delete: PostState | None = None
    keep_until: datetime | None = None  # UTC; when the approved text is to be sent again
    writing_until: datetime | None = None  # lease of whoever is writing the next version
    writing_key: str | None = None


@dataclass(frozen=True, slots=True)
class PostView:
    """A post with one of its versions: what a card shows."""

    post: Post
    version: Version


@dataclass(frozen=True, slots=True)
class Sample:
    """A past post that shows how the user writes (`voice_samples`)."""

    id: int
    text: str
    created_at: datetime
