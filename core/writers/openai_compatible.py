"""A writer that asks a model, through any server that speaks OpenAI's API: OpenAI, Ollama, vLLM, LM Studio.

`base_url` ends in /v1 (Ollama: http://127.0.0.1:11434/v1). Neither a temperature nor a token limit is sent: some
models refuse them. Structured output is asked for until the server shows that it doesn't know it.
"""

import asyncio
import importlib
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, TypeVar

from core.posts.writing import MAX_POST, Brief, OnRetry, WriterError, WriterErrorKind, Written
from core.writers.answers import json_post, text_post
from core.writers.failures import Failure, failure_of, lacks_structure
from core.writers.offline_text import clip
from core.writers.prompts import Messages, messages_for, shorten_request

if TYPE_CHECKING:
    from openai import AsyncOpenAI

Answer = TypeVar("Answer")
_SCHEMA = {
    "type": "json_schema",
    "json_schema": {
        "name": "linkedin_post",
        "strict": True,
        "schema": {
            "type": "object",
            "properties": {"post": {"type": "string", "description": "The text of the post."}},
            "required": ["post"],
            "additionalProperties": False,
        },
    },
}


class OpenAICompatible:
    """The `Writer` for `LLM_*`. `timeout_seconds` is for one call, from connecting to the last byte."""

    def __init__(
        self,
        base_url: str,
        api_key: str,
        model: str,
        timeout_seconds: float,
        transcribe_model: str | None,
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.name = f"openai_compatible:{model}"
        self._base_url, self._api_key, self._model = base_url, api_key, model
        self._timeout, self._transcribe_model = timeout_seconds, transcribe_model
        self._sleep = sleep
        self._client: AsyncOpenAI | None = None
        self._structured = True

    async def write(self, brief: Brief, on_retry: OnRetry | None = None) -> Written:
        """The model's post; one that is too long is shortened by the model, or else cut at a sentence."""
        text, messages = await self._retried(lambda: self._post(brief), on_retry)
        if len(text) > MAX_POST:
            text = await self._shortened(text, messages)
        return Written(clip(text, MAX_POST), self.name)

    @property
    def can_transcribe(self) -> bool:
        """Where LLM_TRANSCRIBE_MODEL is set."""
        return bool(self._transcribe_model)

    async def transcribe(self, audio: bytes, filename: str, language: str) -> str:
        """What was said, by LLM_TRANSCRIBE_MODEL."""
        if not self._transcribe_model:
            raise WriterError(WriterErrorKind.REFUSED)
        return await self._retried(lambda: self._heard(audio, filename, language), None)

    async def close(self) -> None:
        """Close the connections."""
        if self._client is not None:
            await self._client.close()
            self._client = None

    async def _retried(self, call: Callable[[], Awaitable[Answer]], on_retry: OnRetry | None) -> Answer:
        """The call's answer, at the second try if the first failure may pass. Raises `WriterError`."""
        first = await _attempt(call)
        if not isinstance(first, Failure):
            return first
        if first.wait is None:
            raise WriterError(first.kind)
        if on_retry is not None:
            await on_retry()
        await self._sleep(first.wait)
        second = await _attempt(call)
        if isinstance(second, Failure):
            raise WriterError(second.kind)
        return second

    async def _post(self, brief: Brief) -> tuple[str, Messages]:
        """The post, and the exchange that led to it."""
        structured = self._structured
        messages = messages_for(brief, structured=structured)
        try:
            content = await self._complete(messages, structured=structured)
        except Exception as error:
            if not structured or not lacks_structure(error):
                raise
            self._structured = False
            return await self._post(brief)
        text = self._read(content, structured=structured)
        return text, [*messages, {"role": "assistant", "content": content}]

    def _read(self, content: str, *, structured: bool) -> str:
        text = json_post(content)
        if text is None:
            text = text_post(content)
            if structured and text:  # the server ignored the schema
                self._structured = False
        if not text:
            raise WriterError(WriterErrorKind.EMPTY)
        return text

    async def _shortened(self, text: str, messages: Messages) -> str:
        """Asked once; whatever goes wrong then, there is a text already."""
        asked = [*messages, {"role": "user", "content": shorten_request(text)}]
        structured = self._structured

        async def again() -> str:
            return self._read(await self._complete(asked, structured=structured), structured=structured)

        shorter = await _attempt(again)
        return text if isinstance(shorter, Failure) or len(shorter) > len(text) else shorter

    async def _complete(self, messages: Messages, *, structured: bool) -> str:
        client = await self._connected()
        form: dict[str, Any] = {"response_format": _SCHEMA} if structured else {}
        request: dict[str, Any] = {"model": self._model, "messages": messages, **form}
        async with asyncio.timeout(self._timeout):
            completion = await client.chat.completions.create(**request)
        return _content(completion)

    async def _heard(self, audio: bytes, filename: str, language: str) -> str:
        client = await self._connected()
        async with asyncio.timeout(self._timeout):
            heard = await client.audio.transcriptions.create(
                model=self._transcribe_model or "", file=(filename, audio), language=language
            )
        return str(getattr(heard, "text", heard)).strip()

    async def _connected(self) -> "AsyncOpenAI":
        if self._client is None:
            # Importing the SDK takes about a second: not on the event loop.
            openai = await asyncio.to_thread(importlib.import_module, "openai")
            self._client = self._client or openai.AsyncOpenAI(
                base_url=self._base_url, api_key=self._api_key or "none", timeout=self._timeout, max_retries=0
            )
        return self._client


def _content(completion: Any) -> str:
    """The text of the first choice. Raises `WriterError` where there is none."""
    choices = getattr(completion, "choices", None)
    if choices is None:  # a web page or other JSON: there is no such API at this address
        raise WriterError(WriterErrorKind.UNAVAILABLE)
    if not choices:
        raise WriterError(WriterErrorKind.EMPTY)
    message = choices[0].message
    if getattr(message, "refusal", None) or choices[0].finish_reason == "content_filter":
        raise WriterError(WriterErrorKind.REFUSED)
    return str(message.content or "")


async def _attempt(call: Callable[[], Awaitable[Answer]]) -> Answer | Failure:
    try:
        return await call()
    except Exception as error:
        failure = failure_of(error)
        if failure is None:
            raise
        return failure
