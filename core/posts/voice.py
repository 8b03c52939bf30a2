"""Samples of the author's voice: past posts, pasted or from a file, that a writer learns from. And voice notes."""

import re

from core.errors import AppError, NotFound
from core.i18n import N_
from core.model import Account, Sample
from core.ports import Clock, Database
from core.posts.drafts import GAVE_UP
from core.posts.writing import MAX_POST, Writer, WriterError

MAX_SAMPLES = 10
MIN_SAMPLE = 40  # characters: less shows nothing of a voice
MAX_FILE = 256 * 1024  # bytes
MAX_NOTE = 20 * 1024 * 1024  # bytes a bot may download
SEPARATOR = re.compile(r"^\s*-{3,}\s*$", re.MULTILINE)
BYTE_ORDER_MARKS = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}


def split_samples(text: str) -> list[str]:
    """Past posts from one text, parted by lines of ---. Raises `AppError` for one that is too short or too long."""
    samples = list(dict.fromkeys(part.strip() for part in SEPARATOR.split(text) if part.strip()))
    if not samples:
        raise AppError(N_("There is no text in that. Paste a post you wrote before."))
    for number, sample in enumerate(samples, start=1):
        if not MIN_SAMPLE <= len(sample) <= MAX_POST:
            raise AppError(
                N_(
                    "Post {number} has {length} characters; between {least} and {most} work. "
                    "Put a line of --- between two posts."
                ),
                {"number": number, "length": len(sample), "least": MIN_SAMPLE, "most": MAX_POST},
            )
    return samples


def decode_file(content: bytes) -> str:
    """The text of a .txt or .md file. Raises `AppError` for what isn't text."""
    encodings = [BYTE_ORDER_MARKS[content[:2]]] if content[:2] in BYTE_ORDER_MARKS else ["utf-8-sig", "cp1252"]
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise AppError(N_("I can't read that file as text. Save it as plain text (UTF-8), .txt or .md, and send it again."))


class Voice:
    """A user's samples, and what they say in voice notes."""

    def __init__(self, database: Database, clock: Clock, writer: Writer) -> None:
        self._database = database
        self._clock = clock
        self._writer = writer

    async def samples(self, account: Account) -> list[Sample]:
        """What is kept, oldest first."""
        async with self._database.read() as uow:
            return await uow.samples.of_user(account.user.id)

    async def learn(self, account: Account, text: str) -> list[Sample]:
        """Keep the posts in `text`, all or none; those known already are kept once. Raises `AppError`."""
        wanted = split_samples(text)
        async with self._database.begin() as uow:
            await uow.samples.hold(account.user.id)
            kept = await uow.samples.of_user(account.user.id)
            known = {sample.text for sample in kept}
            new = [sample for sample in wanted if sample not in known]
            if len(kept) + len(new) > MAX_SAMPLES:
                raise AppError(
                    N_("I keep up to {limit} posts and have {kept}; {new} more don't fit. Delete some first."),
                    {"limit": MAX_SAMPLES, "kept": len(kept), "new": len(new)},
                )
            if new:
                await uow.samples.add(account.user.id, new, self._clock())
            return await uow.samples.of_user(account.user.id)

    async def forget(self, account: Account, sample_id: int | None = None) -> list[Sample]:
        """Delete one sample, or all; what is left. One that is gone already is no error."""
        async with self._database.begin() as uow:
            await uow.samples.remove(account.user.id, sample_id)
            return await uow.samples.of_user(account.user.id)

    async def sample(self, account: Account, sample_id: int) -> Sample:
        """One sample whole. Raises `NotFound`."""
        for sample in await self.samples(account):
            if sample.id == sample_id:
                return sample
        raise NotFound(N_("That sample isn't kept any more. /voice shows those that are."))

    def check_can_hear(self) -> None:
        """Raises `AppError` where no recording can be made text, so that none is fetched in vain."""
        if not self._writer.can_transcribe:
            raise AppError(CANT_HEAR)

    async def transcribe(self, account: Account, audio: bytes, filename: str) -> str:
        """What was said in a recording. Raises `AppError` where this bot can't tell."""
        self.check_can_hear()
        try:
            text = await self._writer.transcribe(audio, filename, account.preferences.language)
        except WriterError as error:
            raise AppError(GAVE_UP[error.kind]) from error
        if not text.strip():
            raise AppError(N_("I heard no words in that. Try again a little louder, or type your idea."))
        return text.strip()


CANT_HEAR = N_(
    "I can't listen to voice notes here: that needs a transcription model (LLM_TRANSCRIBE_MODEL), and none is set. "
    "Type your idea instead. Example: What I learned from our first customer"
)
