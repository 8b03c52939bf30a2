"""How a text of messages is shown to admins: as it is written, as it reads, and what was done to it."""

from collections.abc import Mapping

from bot.views.words import LANGUAGES
from core.delivery.reasons import channel_name
from core.i18n import N_, ngettext
from core.i18n import gettext as _
from core.localized import moment, number
from core.model import Channel, Message, TemplateChange, TemplateId
from core.rendering.approvals import ANSWERED, SUBMITTED
from core.rendering.editing import RESET, RESTORED, SAVED, title_of
from core.rendering.lengths import measure
from core.rendering.telegram_text import clip, escape, shorten, units
from core.rendering.variables import HTML, SUBJECT, TEXT

ROOM = 1_300  # units of a text on a card: it stands there twice, beside what is said of it
ROOM_OF_CHANGE = 110  # units of a text in the history
ICONS = {
    Channel.TELEGRAM: "📱",
    Channel.EMAIL: "✉️",
    Channel.SMS: "💬",
    Channel.WHATSAPP: "🟢",
    Channel.PUSH: "🔔",
}
PARTS = {SUBJECT: N_("Subject"), TEXT: N_("Text"), HTML: N_("HTML")}
DONE = {
    SAVED: N_("changed"),
    RESET: N_("reset"),
    RESTORED: N_("brought back"),
    SUBMITTED: N_("handed to WhatsApp"),
    ANSWERED: N_("answered by WhatsApp"),
}


def head(template_id: TemplateId) -> str:
    """Which text it is."""
    words = (title_of(template_id.key), channel_name(template_id.channel), LANGUAGES[template_id.language])
    return f"{ICONS[template_id.channel]} <b>{escape(' · '.join(words))}</b>"


def written(parts: Mapping[str, str | None]) -> list[str]:
    """The parts that can be shown as one would write them, as lines of HTML."""
    sources = {part: text for part, text in parts.items() if text}
    if not sources:
        return []
    lines = [f"<b>{escape(_('As it is written'))}</b>"]
    for part, text in sources.items():
        lines += [*([f"{escape(_(PARTS[part]))}:"] if len(parts) > 1 else []), _source(text, len(sources))]
    return lines


def _source(text: str, parts: int) -> str:
    return f"<pre>{escape(clipped(text, ROOM // parts))}</pre>"


def reads(channel: Channel, message: Message | None) -> list[str]:
    """The message as its channel shows it, and how long it is there."""
    head = f"<b>{escape(_('As it reads, with example values'))}</b>"
    if message is None:
        return [head, escape(_("It can't be written with the example values. Change it or reset it."))]
    text = f"<blockquote expandable>{escape(clipped(message.text, ROOM))}</blockquote>"
    subject = f"<b>{escape(message.subject)}</b>\n" if message.subject else ""
    return [head, subject + text, f"<i>{escape(_length(channel, message.text))}</i>"]


def _length(channel: Channel, text: str) -> str:
    length = measure(channel, text)
    if length.segments:
        found = length.segments
        return ngettext(
            "{count} SMS, {encoding}: {characters} characters, {left} left",
            "{count} SMS, {encoding}: {characters} characters, {left} left in the last",
            found.count,
        ).format(count=found.count, encoding=found.encoding, characters=found.characters, left=found.left)
    parts = ngettext("{count} message", "{count} messages", length.parts).format(count=length.parts)
    said = _("{length} characters").format(length=number(length.characters))
    return f"{parts} · {said}" if channel is Channel.TELEGRAM else said


def told(change: TemplateChange, timezone: str) -> str:
    """What was done, when and by whom, and what stood there before and after."""
    what = _(DONE[change.action]) if change.action in DONE else change.action
    line = f"<b>{escape(moment(change.at, timezone))}</b> {escape(what)}"
    line += f" · {escape(change.by)}" if change.by else ""
    before, after = change.before or {}, change.after or {}
    if change.action == ANSWERED:
        return f"{line}: {escape(str(after.get('approval_status')))}"
    differing = [part for part in PARTS if before.get(part) != after.get(part)]
    for part in differing:
        line += f"\n− {escape(_said(before.get(part)))}\n+ {escape(_said(after.get(part)))}"
    return line


def _said(text: object) -> str:
    return shorten(text, ROOM_OF_CHANGE) if isinstance(text, str) and text else _("(the product's own)")


def clipped(text: str, room: int) -> str:
    """The beginning of a text with its line breaks, and an ellipsis where there is more."""
    return text if units(text) <= room else clip(text, room - 1) + "…"
