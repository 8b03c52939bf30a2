"""Delivers updates to the bot's webhook, in order, each until it is answered with 2xx."""

import json
from typing import Any

import httpx

from demo.botapi.errors import ApiError
from demo.botapi.params import Params
from demo.botapi.registry import METHODS, Call
from demo.state import State

PAUSES = (0.2, 0.5, 1.0, 2.0, 5.0, 15.0, 60.0)
TIMEOUT = 60.0


async def deliver_forever(state: State) -> None:
    """Runs beside the server until it is cancelled."""
    async with httpx.AsyncClient(timeout=TIMEOUT, trust_env=False) as http:
        failures = 0
        while True:
            if not (state.updates.webhook.url and state.updates.pending):
                await state.updates.changed(60)
            elif await deliver_one(state, http):
                failures = 0
            else:
                await state.updates.changed(PAUSES[min(failures, len(PAUSES) - 1)])
                failures += 1


async def deliver_one(state: State, http: httpx.AsyncClient) -> bool:
    """Posts the oldest update; whether it may be forgotten."""
    webhook, update = state.updates.webhook, state.updates.pending[0]
    headers = {"X-Telegram-Bot-Api-Secret-Token": webhook.secret} if webhook.secret else {}
    try:
        response = await http.post(webhook.url, json=update, headers=headers)
        wrong = "" if response.is_success else f"Wrong response from the webhook: {response.status_code}"
        wrong += f" {response.reason_phrase}" if wrong else ""
    except httpx.HTTPError as error:
        wrong = f"Connection failed: {type(error).__name__}"
    if wrong:
        webhook.last_error_date, webhook.last_error_message = state.now(), wrong
        return False
    state.updates.confirm(update["update_id"] + 1)
    _call_in_answer(state, response)
    return True


def _call_in_answer(state: State, response: httpx.Response) -> None:
    """A webhook may answer with a call of its own; its result is not told."""
    try:
        body: Any = response.json()
    except ValueError:
        return
    if not isinstance(body, dict) or str(body.get("method", "")).lower() not in METHODS:
        return
    values = {key: value if isinstance(value, str) else json.dumps(value) for key, value in body.items()}
    _, function = METHODS[str(body["method"]).lower()]
    try:
        function(Call(state, Params(values)))
    except ApiError:
        return
