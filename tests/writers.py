"""A writer for tests: it writes what can be told apart, waits or fails when a test says so."""

import asyncio
from collections.abc import Awaitable, Callable

from core.posts.writing import Brief, OnRetry, WriterError, WriterErrorKind, Written


class ScriptedWriter:
    """Text N says which brief it is of. `fails` raises once; `meanwhile` is awaited before each answer."""

    name = "scripted"

    def __init__(self) -> None:
        self.briefs: list[Brief] = []
        self.fails: WriterErrorKind | Exception | None = None
        self.meanwhile: Callable[[], Awaitable[object]] | None = None
        self.heard: str | None = None  # what a voice note says; None: no transcription here

    @property
    def can_transcribe(self) -> bool:
        return self.heard is not None

    async def write(self, brief: Brief, on_retry: OnRetry | None = None) -> Written:
        self.briefs.append(brief)
        number = len(self.briefs)
        await asyncio.sleep(0)
        if self.meanwhile:
            await self.meanwhile()
        if self.fails:
            error, self.fails = self.fails, None
            raise WriterError(error) if isinstance(error, WriterErrorKind) else error
        return Written(f"Text {number}: {brief.direction}", self.name)

    async def transcribe(self, audio: bytes, filename: str, language: str) -> str:
        assert self.heard is not None
        return self.heard

    async def close(self) -> None:
        """Nothing is held."""
