"""The HTTP face of the Bot API: /bot{token}/{method} and /file/bot{token}/{path}."""

import re
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from demo import botapi
from demo.botapi.errors import NOT_FOUND, UNAUTHORIZED, ApiError
from demo.botapi.params import Params, read_params
from demo.botapi.registry import METHODS, Call
from demo.faults import Fault
from demo.state import State
from demo.waiting import gone, wait_until_gone

TOKEN = re.compile(r"(\d{1,16}):[A-Za-z0-9_-]{20,}")
LOGGED = ("send", "edit", "delete", "answer", "forward", "copy", "pin")
assert botapi.messages  # importing the package fills the table of methods


def bot_router(state: State) -> APIRouter:
    """Routes of the Bot API."""
    router = APIRouter(include_in_schema=False)

    @router.api_route("/bot{token}/{method}", methods=["GET", "POST"])
    async def call(token: str, method: str, request: Request) -> Response:
        try:
            check_token(state, token)
            return await _answer(state, method, request)
        except ApiError as refusal:
            return JSONResponse(refusal.body(), refusal.code)

    @router.get("/file/bot{token}/{path:path}")
    async def download(token: str, path: str) -> Response:
        try:
            check_token(state, token)
        except ApiError as refusal:
            return JSONResponse(refusal.body(), refusal.code)
        stored = state.files.at_path(path)
        if stored is None:
            return JSONResponse(NOT_FOUND.body(), 404)
        return Response(stored.content, media_type="application/octet-stream")

    return router


def check_token(state: State, token: str) -> None:
    """Refuses a malformed token with 404 and a foreign one with 401, as Telegram does."""
    match = TOKEN.fullmatch(token)
    if match is None:
        raise NOT_FOUND if ":" not in token else UNAUTHORIZED
    if not state.bot.token:
        state.bot.token, state.bot.id = token, int(match[1])
    if state.bot.token != token:
        raise UNAUTHORIZED
    if not state.bot.seen:
        state.bot.seen = True
        state.events.send("bot")


async def _answer(state: State, method: str, request: Request) -> Response:
    params = await read_params(request)
    if method.lower() != "getupdates" and method.lower() not in METHODS:
        raise NOT_FOUND
    fault = state.faults.take(method, params.integer("chat_id") or None)
    if fault is None:
        return _ok(await _run(state, method, params, request))
    return await _fail(state, method, params, request, fault)


async def _run(state: State, method: str, params: Params, request: Request) -> Any:
    if method.lower() == "getupdates":
        return await botapi.receiving.get_updates(Call(state, params), lambda: gone(request, state))
    name, function = METHODS[method.lower()]
    result = function(Call(state, params))
    if name.startswith(LOGGED):
        _log(state, name, params, result)
    return public(result)


def _log(state: State, name: str, params: Params, result: Any) -> None:
    message = result if isinstance(result, dict) else {}
    text = message.get("text") or message.get("caption") or params.values.get("text")
    message_id = message.get("message_id") or params.integer("message_id") or None
    state.log_call(name, params.integer("chat_id") or None, message_id, text)


def public(result: Any) -> Any:
    """A result without the fields that are only ours."""
    if isinstance(result, dict) and "by_bot" in result:
        return {key: value for key, value in result.items() if key != "by_bot"}
    return result


def _ok(result: Any) -> Response:
    return JSONResponse({"ok": True, "result": result})


async def _fail(state: State, method: str, params: Params, request: Request, fault: Fault) -> Response:
    if fault.mode == "status":
        parameters = {"retry_after": fault.retry_after} if fault.status == 429 else None
        raise ApiError(fault.status, fault.words(), parameters)
    if fault.mode == "drop" and not fault.stored:
        return drop(request)
    result = await _run(state, method, params, request)
    if fault.mode == "drop":
        return drop(request)
    await wait_until_gone(request, state, fault.seconds)
    return _ok(result)


def drop(request: Request) -> Response:
    """Cuts the connection without an answer."""
    abort = request.scope.get("extensions", {}).get("demo.abort")
    if abort is None:
        raise ConnectionResetError("dropped on request")
    abort()
    return Response(status_code=204)
