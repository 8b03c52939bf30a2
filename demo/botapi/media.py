"""Files: sending documents, photos, voice notes and audio, and fetching what a person sent."""

import mimetypes
from collections.abc import Callable
from typing import Any

from demo.botapi.content import caption_of
from demo.botapi.errors import bad_request
from demo.botapi.messages import post
from demo.botapi.params import Params, Upload
from demo.botapi.registry import Call, method
from demo.files import StoredFile
from demo.pictures import size_of
from demo.state import JsonObject, State

PHOTO_BYTES = 10_000_000
DOWNLOAD_BYTES = 20_000_000
FOLDERS = {
    "document": "documents", "photo": "photos", "voice": "voice", "audio": "music", "video": "videos",
    "animation": "animations",
}  # fmt: skip


def file_json(stored: StoredFile) -> JsonObject:
    """The fields that every kind of file has."""
    return {"file_id": stored.file_id, "file_unique_id": stored.unique_id, "file_size": len(stored.content)}


def keep(state: State, kind: str, upload: Upload) -> StoredFile:
    """Stores an upload in the folder of its kind."""
    mime_type = upload.mime_type
    if not mime_type or mime_type == "application/octet-stream":
        mime_type = mimetypes.guess_type(upload.name)[0] or "application/octet-stream"
    name = upload.name.replace("\\", "/").rsplit("/", 1)[-1] or kind
    return state.files.add(FOLDERS[kind], name, mime_type, upload.content)


def photo_json(stored: StoredFile, _params: Params) -> list[JsonObject]:
    """One PhotoSize; refuses what is no picture."""
    size = size_of(stored.content)
    if size is None:
        raise bad_request("IMAGE_PROCESS_FAILED")
    if len(stored.content) > PHOTO_BYTES:
        raise bad_request("file is too big")
    if sum(size) > 10_000 or max(size) > 20 * min(size):
        raise bad_request("PHOTO_INVALID_DIMENSIONS")
    return [{**file_json(stored), "width": size[0], "height": size[1]}]


def document_json(stored: StoredFile, _params: Params) -> JsonObject:
    """A Document."""
    return {**file_json(stored), "file_name": stored.name, "mime_type": stored.mime_type}


def voice_json(stored: StoredFile, params: Params) -> JsonObject:
    """A Voice; its duration in seconds is what the caller says."""
    return {**file_json(stored), "duration": params.integer("duration"), "mime_type": stored.mime_type}


def audio_json(stored: StoredFile, params: Params) -> JsonObject:
    """An Audio, with performer and title."""
    named = {key: params.text(key) for key in ("performer", "title") if params.text(key)}
    return {**voice_json(stored, params), "file_name": stored.name, **named}


def video_json(stored: StoredFile, params: Params) -> JsonObject:
    """A Video or Animation."""
    sizes = {"width": params.integer("width"), "height": params.integer("height")}
    return {**voice_json(stored, params), **sizes, "file_name": stored.name}


SHAPES: dict[str, Callable[[StoredFile, Params], Any]] = {
    "document": document_json,
    "photo": photo_json,
    "voice": voice_json,
    "audio": audio_json,
    "video": video_json,
    "animation": video_json,
}


def content_json(state: State, kind: str, upload: Upload, params: Params) -> JsonObject:
    """The part of a message that carries a file, with its caption."""
    return {kind: SHAPES[kind](keep(state, kind, upload), params), **caption_of(params)}


def _given(call: Call, kind: str, value: str) -> StoredFile:
    """The file a parameter means: uploaded here, attached, or known by its id."""
    upload = call.params.files.get(value.removeprefix("attach://")) if value.startswith("attach://") else None
    upload = upload or call.params.files.get(kind)
    if upload is not None:
        if not upload.content:
            raise bad_request("file must be non-empty")
        return keep(call.state, kind, upload)
    if not value:
        raise bad_request(f"there is no {kind} in the request")
    if value.lower().startswith(("http://", "https://")):
        raise bad_request("failed to get HTTP URL content")
    stored = call.state.files.by_id.get(value)
    if stored is None:
        raise bad_request("wrong file identifier/HTTP URL specified")
    return stored


def _send(call: Call, kind: str) -> JsonObject:
    chat = call.writable()
    caption = caption_of(call.params)
    stored = _given(call, kind, call.params.text(kind))
    return post(call, chat, {kind: SHAPES[kind](stored, call.params), **caption})


def _register(kind: str) -> None:
    method(f"send{kind.capitalize()}")(lambda call: _send(call, kind))


for _kind in SHAPES:
    _register(_kind)


def input_media(call: Call) -> JsonObject:
    """The content an InputMedia describes."""
    media = call.params.json("media", "InputMedia")
    if not isinstance(media, dict):
        raise bad_request("media is not specified" if media is None else "can't parse InputMedia")
    kind = str(media.get("type", ""))
    if kind not in SHAPES or kind == "voice":
        raise bad_request(f'type "{kind}" of the InputMedia is unknown')
    values = {key: value if isinstance(value, str) else str(value) for key, value in media.items()}
    if not values.get("media"):
        raise bad_request("media not found")
    stored = _given(call, kind, values["media"])
    described = Params({key: value for key, value in values.items() if key != "caption_entities"})
    return {kind: SHAPES[kind](stored, described), **caption_of(described)}


@method("getFile")
def get_file(call: Call) -> JsonObject:
    """Where to download a file."""
    stored = call.state.files.by_id.get(call.params.text("file_id"))
    if stored is None:
        raise bad_request("invalid file_id")
    if len(stored.content) > DOWNLOAD_BYTES:
        raise bad_request("file is too big")
    return {**file_json(stored), "file_path": stored.path}
