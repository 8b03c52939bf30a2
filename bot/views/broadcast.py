"""/broadcast: what is to be said, to whom, by which channel; and the question before it goes out."""

from collections.abc import Mapping

from bot.callbacks import BroadcastButton
from bot.views.batches import segment_name, ways
from core.batches.audience import SEGMENTS
from core.batches.batches import Broadcast
from core.delivery.reasons import channel_name
from core.i18n import gettext as _
from core.i18n import ngettext
from core.localized import number
from core.model import Button, Buttons, Card, Channel, Message
from core.rendering.lengths import measure
from core.rendering.telegram_text import bold, clip, escape, italic

CHANNELS = (None, Channel.TELEGRAM, Channel.EMAIL, Channel.PUSH, Channel.SMS)
ROOM = 3000  # units of a text that is shown as another channel has it


def ask_text() -> Card:
    """What is to be said?"""
    text = _(
        "What shall I tell them? Send it as one message: plain text, as people will read it. A short first line "
        "becomes the title. Nothing goes out before you have seen it and typed how many people it goes to. "
        "/cancel leaves."
    )
    return Card(f"📣 {bold(_('A word to many'))}\n\n{escape(text)}")


def preview_card(message: Message) -> Card:
    """The message as its readers get it; of another channel than the chat, what its readers read."""
    if message.channel is Channel.TELEGRAM:
        return Card(message.html or escape(message.text), message.buttons)
    head = _("As it reads by {channel}:").format(channel=channel_name(message.channel))
    subject = f"{bold(message.subject)}\n" if message.subject else ""
    text = f"<blockquote expandable>{escape(clip(message.text, ROOM))}</blockquote>"
    return Card("\n".join([italic(head), subject + text, *_segments(message)]))


def _segments(message: Message) -> list[str]:
    found = measure(message.channel, message.text).segments
    if not found:
        return []
    count = ngettext("{count} SMS for each reader", "{count} SMS for each reader", found.count)
    return [italic(count.format(count=found.count))]


def plan_card(broadcast: Broadcast, count: int, mark: str) -> Card:
    """To whom and how, with everything that can still be changed."""
    people = ngettext("{count} person", "{count} people", count).format(count=number(count))
    lines = [
        _("To: {segment}, {people}").format(segment=segment_name(broadcast.segment), people=people),
        _("How: {ways}").format(ways=ways(broadcast.channel)),
        _("Title: {title}").format(title=broadcast.title) if broadcast.title else _("No title"),
    ]
    hint = _("Above is how it reads. What readers have switched off, their quiet hours and caps hold for it too.")
    text = f"📣 {bold(_('A word to many'))}\n\n{escape(chr(10).join(lines))}\n\n{italic(hint)}"
    return Card(text, _plan_buttons(count, mark))


def _plan_buttons(count: int, mark: str) -> Buttons:
    rows = [
        (_button(_("👥 To whom"), "to", mark), _button(_("📨 How"), "by", mark)),
        (_button(_("🔤 Title on or off"), "title", mark), _button(_("✏️ Another text"), "text", mark)),
        (_button(_("🧪 Test to me"), "test", mark),),
    ]
    if count:
        rows.append((_button(_("📣 Send to {count}…").format(count=number(count)), "send", mark),))
    return (*rows, (_button(_("✖️ Leave it"), "drop", mark),))


def segments_card(sizes: Mapping[str, int], chosen: str, mark: str) -> Card:
    """To whom, each with how many people that is just now."""
    rows = [
        (_button(_chosen(f"{segment_name(one)} · {number(sizes[one])}", one == chosen), "segment", mark, one),)
        for one in SEGMENTS
    ]
    return Card(f"👥 {bold(_('To whom?'))}", (*rows, (_back(mark),)))


def channels_card(sizes: Mapping[Channel | None, int], chosen: Channel | None, mark: str) -> Card:
    """By which channel, each with how many people it reaches."""
    rows = [
        (_button(_chosen(f"{ways(one)} · {number(sizes[one])}", one is chosen), "channel", mark, one or ""),)
        for one in CHANNELS
    ]
    hint = _("A single channel reaches only those who have it and want announcements there.")
    return Card(f"📨 {bold(_('How?'))}\n\n{escape(hint)}", (*rows, (_back(mark),)))


def confirm_card(broadcast: Broadcast, count: int, mark: str) -> Card:
    """The last question: it is answered by typing a number."""
    people = ngettext("{count} person", "{count} people", count).format(count=number(count))
    line = _("To: {segment}, {people}").format(segment=segment_name(broadcast.segment), people=people)
    question = _("Type {count} to send it.").format(count=count)
    text = f"📣 {bold(_('Ready to send'))}\n\n{escape(line)}\n\n{bold(question)}"
    return Card(text, ((_back(mark),),))


def dropped() -> str:
    """Nothing goes out."""
    return escape(_("Nothing was sent."))


def tested() -> str:
    """The toast after a test."""
    return _("It is on its way to you alone.")


def _chosen(label: str, is_chosen: bool) -> str:
    return f"● {label}" if is_chosen else label


def _back(mark: str) -> Button:
    return _button(_("⬅️ Back"), "plan", mark)


def _button(label: str, action: str, mark: str, value: str = "") -> Button:
    return Button(label, data=BroadcastButton(action=action, mark=mark, value=value).pack())
