"""Parameters of a call. Like the real server, everything is text first: JSON, form and multipart mean the same."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from fastapi import Request
from starlette.datastructures import UploadFile

from demo.botapi.errors import ApiError, bad_request

BODY_LIMIT = 52_000_000


@dataclass(frozen=True, slots=True)
class Upload:
    """A file sent along."""

    name: str
    mime_type: str
    content: bytes


@dataclass(slots=True)
class Params:
    """Values by name, as text, and uploaded files by name."""

    values: Mapping[str, str]
    files: Mapping[str, Upload] = field(default_factory=dict)

    def text(self, name: str) -> str:
        """The value, or an empty text."""
        value = self.values.get(name, "")
        try:
            value.encode()
        except UnicodeEncodeError:
            raise bad_request("strings must be encoded in UTF-8") from None
        return value

    def integer(self, name: str, default: int = 0) -> int:
        """The value as a number; what isn't one counts as the default, as with the real server."""
        try:
            return int(self.values.get(name, "") or default)
        except ValueError:
            return default

    def flag(self, name: str) -> bool:
        """true, yes or 1."""
        return self.values.get(name, "").strip().lower() in {"true", "yes", "1"}

    def json(self, name: str, what: str) -> Any:
        """The value parsed as JSON, None where it is missing; `what` names the object in the refusal."""
        if not self.values.get(name):
            return None
        try:
            return json.loads(self.values[name])
        except ValueError:
            raise bad_request(f"can't parse {what} JSON object") from None


def _as_text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else json.dumps(value)


async def read_params(request: Request) -> Params:
    """Query, JSON, form or multipart, whichever came."""
    values: dict[str, str] = dict(request.query_params)
    files: dict[str, Upload] = {}
    if int(request.headers.get("content-length") or 0) > BODY_LIMIT:
        raise ApiError(413, "Request Entity Too Large")
    kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if kind == "application/json":
        values |= _from_json(await request.body())
    elif kind in {"multipart/form-data", "application/x-www-form-urlencoded"}:
        async with request.form(max_files=50, max_fields=200, max_part_size=BODY_LIMIT) as form:
            for name, value in form.multi_items():
                if isinstance(value, UploadFile):
                    content = await value.read()
                    files[name] = Upload(value.filename or name, value.content_type or "", content)
                else:
                    values[name] = value
    return Params(values, files)


def _from_json(body: bytes) -> dict[str, str]:
    if not body.strip():
        return {}
    try:
        content = json.loads(body)
    except ValueError:
        raise bad_request("can't parse JSON object") from None
    if not isinstance(content, dict):
        raise bad_request("request JSON must be an object")
    return {str(name): _as_text(value) for name, value in content.items() if value is not None}
