"""The model writer against a real HTTP server that answers as OpenAI, vLLM, Ollama and others do."""

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from pydantic import SecretStr

from core.errors import SettingsError
from core.posts.writing import MAX_POST, Brief, Direction, WriterError, WriterErrorKind
from core.settings import LlmSettings
from core.writers import Offline, make_writer
from core.writers.openai_compatible import OpenAICompatible

BRIEF = Brief("We cut our deploy time from 40 minutes to 6", "en")
POST = "We cut our deploy time from 40 minutes to 6.\n\nWhat would you cut?"
Reply = tuple[int, Any, dict[str, str]]


def completion(content: str | None, *, finish: str = "stop", refusal: str | None = None) -> Reply:
    """A chat completion as OpenAI sends it."""
    message = {"role": "assistant", "content": content, "refusal": refusal, "annotations": []}
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": finish}
    usage = {"prompt_tokens": 412, "completion_tokens": 38, "total_tokens": 450}
    body = {"id": "chatcmpl-BxT3", "object": "chat.completion", "created": 1767225600, "model": "some-model-2026-01-01"}
    return 200, {**body, "choices": [choice], "usage": usage, "system_fingerprint": "fp_44709d6fcb"}, {}


def structured(post: str) -> Reply:
    return completion(json.dumps({"post": post}))


def failure(status: int, message: str, kind: str = "", code: str | None = None, **headers: str) -> Reply:
    """An error as OpenAI sends it."""
    error = {"message": message, "type": kind, "param": None, "code": code}
    return status, {"error": error}, {name.replace("_", "-"): value for name, value in headers.items()}


QUOTA = failure(
    429, "You exceeded your current quota, please check your plan.", "insufficient_quota", "insufficient_quota"
)
BUSY = failure(429, "Rate limit reached for requests", "requests", "rate_limit_exceeded", retry_after="7")
NO_SCHEMA = {
    "vLLM": failure(400, "`response_format` of type json_schema is not supported by this server", "BadRequestError"),
    "LM Studio": (400, {"error": "'response_format.type' must be 'text'"}, {}),
    "llama.cpp": failure(422, "Unable to generate grammar for the given json_schema", "invalid_request_error"),
    "a proxy": failure(404, "Unknown parameter: response_format", "not_found"),
}


@dataclass
class Model:
    """What the server answers, in order, and what it was asked."""

    url: str = ""
    replies: list[Reply] = field(default_factory=list)
    asked: list[dict[str, Any]] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    uploads: list[dict[str, Any]] = field(default_factory=list)
    delay: float = 0
    was_asked: asyncio.Event = field(default_factory=asyncio.Event)

    async def chat(self, request: web.Request) -> web.Response:
        self.asked.append(await request.json())
        return await self._answer(request)

    async def hear(self, request: web.Request) -> web.Response:
        form = await request.post()
        self.uploads.append({**form, "audio": form["file"].file.read()})
        return await self._answer(request)

    async def _answer(self, request: web.Request) -> web.Response:
        self.keys.append(request.headers["Authorization"])
        self.was_asked.set()
        await asyncio.sleep(self.delay)
        status, body, headers = self.replies.pop(0)
        if isinstance(body, str):
            return web.Response(text=body, status=status, headers=headers, content_type="text/html")
        return web.json_response(body, status=status, headers=headers)


@pytest.fixture
async def model() -> AsyncIterator[Model]:
    model = Model()
    app = web.Application()
    app.router.add_post("/v1/chat/completions", model.chat)
    app.router.add_post("/v1/audio/transcriptions", model.hear)
    async with TestServer(app) as server:
        model.url = str(server.make_url("/v1"))
        yield model


@dataclass
class Retries:
    """How often the chat was told, and how long was waited."""

    told: int = 0
    waits: list[float] = field(default_factory=list)

    async def tell(self) -> None:
        self.told += 1

    async def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)


@pytest.fixture
def retries() -> Retries:
    return Retries()


@pytest.fixture
async def writer(model: Model, retries: Retries) -> AsyncIterator[OpenAICompatible]:
    made = OpenAICompatible(model.url, "sk-secret", "some-model", 5, "whisper-1", sleep=retries.sleep)
    yield made
    await made.close()


async def kind_of(writer: OpenAICompatible, retries: Retries) -> WriterErrorKind:
    with pytest.raises(WriterError) as raised:
        await writer.write(BRIEF, retries.tell)
    assert str(raised.value) == raised.value.kind
    return raised.value.kind


async def test_a_post_comes_as_structured_output(model: Model, writer: OpenAICompatible):
    model.replies = [structured(POST)]
    written = await writer.write(BRIEF)
    assert (written.text, written.writer) == (POST, "openai_compatible:some-model")
    asked = model.asked[0]
    assert asked["model"] == "some-model"
    assert asked["response_format"]["json_schema"]["strict"] is True
    assert not {"temperature", "max_tokens", "max_completion_tokens"} & set(asked)
    assert model.keys == ["Bearer sk-secret"]


async def test_without_a_key_a_word_is_sent_in_its_place(model: Model):
    """The SDK refuses an empty one; Ollama and LM Studio don't look at it."""
    writer = OpenAICompatible(model.url, "", "m", 5, None)
    model.replies = [structured(POST)]
    await writer.write(BRIEF)
    assert model.keys == ["Bearer none"]
    await writer.close()


@pytest.mark.parametrize("server", NO_SCHEMA)
async def test_a_server_without_structured_output_is_asked_for_text_from_then_on(
    server: str, model: Model, writer: OpenAICompatible, retries: Retries
):
    model.replies = [NO_SCHEMA[server], completion(f"Here is your post:\n\n{POST}"), completion(POST)]
    assert (await writer.write(BRIEF, retries.tell)).text == POST
    assert (await writer.write(BRIEF, retries.tell)).text == POST
    assert ["response_format" in asked for asked in model.asked] == [True, False, False]
    assert "JSON" not in model.asked[1]["messages"][0]["content"]
    assert retries.told == 0


async def test_a_server_that_ignores_the_schema_is_understood_and_remembered(model: Model, writer: OpenAICompatible):
    model.replies = [completion(f'"{POST}"'), completion(POST)]
    assert (await writer.write(BRIEF)).text == POST
    assert (await writer.write(BRIEF)).text == POST
    assert ["response_format" in asked for asked in model.asked] == [True, False]


async def test_a_long_post_is_shortened_by_the_model(model: Model, writer: OpenAICompatible):
    long = "A sentence about it. " * 200
    model.replies = [structured(long), structured(POST)]
    assert (await writer.write(BRIEF)).text == POST
    assert [message["role"] for message in model.asked[1]["messages"]] == ["system", "user", "assistant", "user"]
    assert "3,000" in model.asked[1]["messages"][3]["content"]


@pytest.mark.parametrize("second", [structured("A sentence about it. " * 190), failure(500, "oops"), completion("")])
async def test_a_post_that_stays_too_long_is_cut_at_a_sentence(second: Reply, model: Model, writer: OpenAICompatible):
    model.replies = [structured("A sentence about it. " * 200), second]
    text = (await writer.write(BRIEF)).text
    assert MAX_POST // 2 < len(text) <= MAX_POST
    assert text.endswith("A sentence about it.")


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (
            failure(401, "Incorrect API key provided: sk-sec*ret.", "invalid_request_error", "invalid_api_key"),
            "bad_key",
        ),
        (failure(403, "Country not supported", "request_forbidden"), "bad_key"),
        (QUOTA, "quota"),
        (failure(402, "Insufficient credits"), "quota"),
        (failure(404, "The model `some-model` does not exist.", "NotFoundError", "model_not_found"), "bad_model"),
        ((404, {"error": {"message": "model 'some-model' not found"}}, {}), "bad_model"),
        (failure(400, "The response was filtered", "invalid_request_error", "content_filter"), "refused"),
        (completion(None, refusal="I'm sorry, I can't help with that."), "refused"),
        (completion("", finish="content_filter"), "refused"),
        (completion(None), "empty"),
        (completion("<think>What now? The user wants"), "empty"),
        (structured("  \n"), "empty"),
        ((200, {"object": "chat.completion", "choices": []}, {}), "empty"),
        ((200, "<html>It works!</html>", {}), "unavailable"),
        ((200, {"status": "ok"}, {}), "unavailable"),
        (failure(400, "context length exceeded", "invalid_request_error"), "unavailable"),
        (failure(429, "Slow down", "requests", retry_after="60"), "unavailable"),
    ],
)
async def test_what_would_only_fail_again_is_not_tried_again(
    reply: Reply, kind: str, model: Model, writer: OpenAICompatible, retries: Retries
):
    model.replies = [reply]
    assert await kind_of(writer, retries) == kind
    assert (len(model.keys), retries.told, retries.waits) == (1, 0, [])


@pytest.mark.parametrize(
    ("reply", "waits"),
    [
        (BUSY, [7.0]),
        (failure(500, "The server had an error"), [1.0]),
        (failure(503, "Loading model", retry_after_ms="250"), [0.25]),
        (failure(529, "Overloaded", retry_after="Wed, 21 Oct 2026 07:28:00 GMT"), [1.0]),
        ((502, "<html>Bad Gateway</html>", {}), [1.0]),
    ],
)
async def test_one_visible_retry(
    reply: Reply, waits: list[float], model: Model, writer: OpenAICompatible, retries: Retries
):
    """The chat hears of it, the server's wait is kept."""
    model.replies = [reply, structured(POST)]
    assert (await writer.write(BRIEF, retries.tell)).text == POST
    assert (retries.told, retries.waits) == (1, waits)


async def test_two_failures_are_enough(model: Model, writer: OpenAICompatible, retries: Retries):
    model.replies = [failure(500, "oops"), BUSY, structured(POST)]
    assert await kind_of(writer, retries) == "unavailable"
    assert (len(model.asked), retries.told) == (2, 1)


async def test_a_quota_that_ends_at_the_second_try_is_named(model: Model, writer: OpenAICompatible, retries: Retries):
    model.replies = [BUSY, QUOTA]
    assert await kind_of(writer, retries) == "quota"


async def test_a_server_that_is_not_there_is_tried_twice(unused_tcp_port: int, retries: Retries):
    writer = OpenAICompatible(f"http://127.0.0.1:{unused_tcp_port}/v1", "", "m", 5, None, sleep=retries.sleep)
    assert await kind_of(writer, retries) == "unavailable"
    assert retries.told == 1
    await writer.close()


async def test_a_slow_server_is_given_up_on(model: Model, retries: Retries):
    """Not tried again: the user has waited long enough, and may tap again."""
    model.delay, model.replies = 30, [structured(POST)]
    writer = OpenAICompatible(model.url, "", "m", 0.2, None, sleep=retries.sleep)
    assert await kind_of(writer, retries) == "timeout"
    assert retries.told == 0
    await writer.close()


async def test_a_server_that_dribbles_is_given_up_on_too(retries: Retries):
    """The time-out is for the whole call, not for each byte."""

    async def dribble(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "application/json"})
        await response.prepare(request)
        while True:
            await response.write(b" ")
            await asyncio.sleep(0.05)

    app = web.Application()
    app.router.add_post("/v1/chat/completions", dribble)
    async with TestServer(app) as server:
        writer = OpenAICompatible(str(server.make_url("/v1")), "", "m", 0.3, None, sleep=retries.sleep)
        assert await asyncio.wait_for(kind_of(writer, retries), 5) == "timeout"
        await writer.close()


async def test_a_cancelled_call_stays_cancelled(model: Model, writer: OpenAICompatible):
    """A shutdown must not be taken for a failure of the server."""
    model.delay, model.replies = 30, [structured(POST)]
    task = asyncio.create_task(writer.write(BRIEF))
    await model.was_asked.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_voice_note_is_transcribed(model: Model, writer: OpenAICompatible):
    model.replies = [(200, {"text": " We cut our deploy time. "}, {})]
    assert writer.can_transcribe
    assert await writer.transcribe(b"OggS...", "voice.oga", "es") == "We cut our deploy time."
    upload = model.uploads[0]
    assert (upload["model"], upload["language"]) == ("whisper-1", "es")
    assert (upload["file"].filename, upload["audio"]) == ("voice.oga", b"OggS...")


@pytest.mark.parametrize(
    ("replies", "kind"),
    [
        ([failure(401, "no")], "bad_key"),
        ([failure(404, "model not found")], "bad_model"),
        ([failure(500, "no"), failure(500, "no")], "unavailable"),
    ],
)
async def test_a_failed_transcription_says_why(replies: list[Reply], kind: str, model: Model, writer: OpenAICompatible):
    model.replies = replies
    with pytest.raises(WriterError) as raised:
        await writer.transcribe(b"...", "voice.oga", "en")
    assert raised.value.kind == kind


async def test_silence_is_no_failure(model: Model, writer: OpenAICompatible):
    """The person hears that there were no words, not that the model is broken."""
    model.replies = [(200, {"text": " "}, {})]
    assert await writer.transcribe(b"...", "voice.oga", "en") == ""


async def test_without_a_transcribe_model_there_is_no_transcription(model: Model):
    writer = OpenAICompatible(model.url, "", "m", 5, None)
    assert not writer.can_transcribe
    with pytest.raises(WriterError):
        await writer.transcribe(b"...", "voice.oga", "en")
    assert model.keys == []


async def test_a_closed_writer_opens_again(model: Model, writer: OpenAICompatible):
    model.replies = [structured(POST), structured(POST)]
    await writer.write(BRIEF)
    await writer.close()
    assert (await writer.write(BRIEF)).text == POST


def test_the_settings_choose_the_writer():
    llm: Callable[..., LlmSettings] = LlmSettings
    assert isinstance(make_writer(llm()), Offline)
    chosen = make_writer(llm(base_url="http://127.0.0.1:11434/v1", model="llama3.1", api_key=SecretStr("k")))
    assert chosen.name == "openai_compatible:llama3.1"
    assert make_writer(llm(model="gpt-5")).name == "openai_compatible:gpt-5"


@pytest.mark.parametrize("half", [{"base_url": "http://127.0.0.1:11434/v1"}, {"api_key": SecretStr("k")}])
def test_a_server_without_a_model_stops_the_start(half: dict[str, Any]):
    """Writing offline then would look as if the model wrote badly."""
    with pytest.raises(SettingsError, match=r"^LLM_MODEL: .* LLM_MODEL="):
        make_writer(LlmSettings(**half))


def test_writing_offline_never_loads_the_sdk():
    """It takes about a second and 60 MB."""
    code = (
        "import sys; from core.settings import LlmSettings; from core.writers import make_writer; "
        "make_writer(LlmSettings()); make_writer(LlmSettings(model='m')); sys.exit('openai' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


async def test_the_direction_and_the_last_version_reach_the_model(model: Model, writer: OpenAICompatible):
    model.replies = [structured(POST)]
    await writer.write(Brief(BRIEF.idea, "en", Direction.BOLDER, previous=("the first", "the second")))
    user = model.asked[0]["messages"][1]["content"]
    assert "more boldly" in user
    assert "the second" in user
    assert "the first" not in user
