"""What writers and their callers share: the brief, the answer, the port and its errors."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

MAX_POST = 3_000  # characters LinkedIn takes
FOLD = 210  # characters LinkedIn shows before "see more"
FOLD_LINES = 3  # or lines, whichever comes first

OnRetry = Callable[[], Awaitable[None]]


class Direction(StrEnum):
    """What a new version should do differently."""

    FIRST = "first"
    SHORTER = "shorter"
    BOLDER = "bolder"
    PERSONAL = "personal"
    STORY = "story"
    QUESTION = "question"
    HOOK = "hook"
    OWN = "own"


@dataclass(frozen=True, slots=True)
class Brief:
    """Everything a writer may use. All texts in it are the user's and untrusted: material, never instructions.

    `previous` holds the texts of earlier versions, oldest first; the last is what the direction changes.
    `seed` is the version's number: equal briefs are written alike by the offline writer, another seed differently.
    """

    idea: str
    language: str  # of the post, where the idea's own can't be told
    direction: Direction = Direction.FIRST
    instruction: str = ""  # the user's own words for Direction.OWN
    previous: tuple[str, ...] = ()
    style: str = "neutral"  # a core.model.ConversationStyle
    tone: str = "plain"  # a core.model.Tone
    samples: tuple[str, ...] = ()  # past posts, as samples of the user's voice
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Written:
    """A finished post of 1 to 3,000 characters, and who wrote it: `offline` or `openai_compatible:<model>`."""

    text: str
    writer: str


class WriterErrorKind(StrEnum):
    """Why a writer gave up; what the user reads about it is made from this."""

    BAD_KEY = "bad_key"
    QUOTA = "quota"
    TIMEOUT = "timeout"
    UNAVAILABLE = "unavailable"
    REFUSED = "refused"
    EMPTY = "empty"
    BAD_MODEL = "bad_model"


class WriterError(Exception):
    """A writer gave up. Carries no text of the user and none of the provider, so that it may be logged."""

    def __init__(self, kind: WriterErrorKind) -> None:
        super().__init__(kind.value)
        self.kind = kind


class Writer(Protocol):
    """Turns a brief into a post, and a voice note into text where it can."""

    @property
    def name(self) -> str: ...

    @property
    def can_transcribe(self) -> bool:
        """Whether `transcribe` is offered: asked before a recording is fetched."""
        ...

    async def write(self, brief: Brief, on_retry: OnRetry | None = None) -> Written:
        """The post. `on_retry` is awaited before a second try. Raises `WriterError`."""
        ...

    async def transcribe(self, audio: bytes, filename: str, language: str) -> str:
        """What was said in the recording; empty for silence. Raises `WriterError`, also where it is not offered."""
        ...

    async def close(self) -> None: ...
