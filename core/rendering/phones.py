"""SMS and WhatsApp: what a phone shows, and WhatsApp's approved templates.

Outside the 24 hours after somebody last wrote, WhatsApp takes approved templates only (Twilio error 63016): such a
message is refused here, so that the next channel takes over, and never goes out as free text.
"""

from dataclasses import replace

from core.errors import Refused
from core.model import Channel, Kind, Message, StoredTemplate
from core.rendering.lengths import is_too_long, measure
from core.rendering.overrides import fill_override
from core.rendering.sms_text import for_sms
from core.rendering.texts import Values, written
from core.rendering.variables import TEXT
from core.rendering.whatsapp import MAX_VALUE, numbered

SOMEBODYS_WORDS = {Kind.MESSAGE, Kind.ANNOUNCEMENT}  # their accents are theirs


def sms_of(key: str, to: str, values: Values, override: StoredTemplate | None) -> Message:
    """An SMS. Raises `RenderError`, and `Refused` for a text that no provider takes."""
    text = written(TEXT, key, Channel.SMS, values, override).strip()
    text = for_sms(text, fold_accents=key not in SOMEBODYS_WORDS)
    if is_too_long(Channel.SMS, text):
        raise Refused("too_big", f"{measure(Channel.SMS, text).parts} segments")
    return Message(Channel.SMS, to, text)


def whatsapp_of(
    key: str, to: str, values: Values, override: StoredTemplate | None, window_open: bool | None
) -> Message:
    """A WhatsApp message: by its approved template where there is one, else as free text while the reader's 24 hours
    last. `window_open` None: nobody knows, the provider decides. Raises `RenderError` and `Refused`."""
    message = Message(Channel.WHATSAPP, to, written(TEXT, key, Channel.WHATSAPP, values, override).strip())
    return _by_template(message, values, override) or allowed(message, window_open)


def allowed(message: Message, window_open: bool | None) -> Message:
    """The message, where WhatsApp lets it go out; raises `Refused`."""
    if message.template_id:
        return message
    if window_open is False:
        raise Refused("template_not_approved", "no approved template carries it")
    if is_too_long(Channel.WHATSAPP, message.text):
        raise Refused("too_big", f"{len(message.text)} characters")
    return message


def _by_template(message: Message, values: Values, override: StoredTemplate | None) -> Message | None:
    """The same message by its approved template; None where there is none, or where its values don't fit."""
    if not (override and override.is_approved and override.provider_template_id and override.texts.text):
        return None
    body = numbered(override.texts.text)
    variables = body.variables(values)
    said = fill_override(override.texts.text, dict(zip(body.names, variables.values(), strict=True)))
    if any(len(value) > MAX_VALUE for value in variables.values()):
        return None
    if is_too_long(Channel.WHATSAPP, said, with_template=True):
        return None
    return replace(message, text=said, template_id=override.provider_template_id, template_variables=variables)
