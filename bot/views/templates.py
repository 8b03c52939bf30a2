"""/templates: every text by kind, channel and language, and what can be done with it."""

from collections.abc import Iterable, Mapping

from bot.callbacks import TemplatesButton
from bot.views.template_words import ICONS, PARTS, ROOM, clipped, head, reads, told, written
from bot.views.words import LANGUAGES
from core.delivery.reasons import channel_name
from core.i18n import gettext as _
from core.model import Button, Buttons, Card, Channel, StoredTemplate, TemplateChange, TemplateId
from core.rendering.approvals import UNDECIDED, can_be_approved
from core.rendering.editing import Proposal, TemplateView, is_changed, title_of
from core.rendering.telegram_text import escape, units
from core.rendering.variables import KEYS, TEXT, channels_of, variables_of
from core.rendering.whatsapp import numbered

States = Mapping[TemplateId, StoredTemplate]
CHANGED, APPROVED, HANDED_IN, REFUSED = "✏️", "✅", "⏳", "⛔"


def keys_card(states: States) -> Card:
    """What is said, one button for each kind."""
    changed = {one.id.key for one in states.values() if is_changed(one)}
    buttons = [
        Button(
            f"{CHANGED} {title_of(key)}" if key in changed else title_of(key),
            data=TemplatesButton(action="kind", key=key).pack(),
        )
        for key in KEYS
    ]
    text = _("Which text? {changed} marks those with a change.").format(changed=CHANGED)
    return Card(f"📝 <b>{escape(_('Texts of messages'))}</b>\n\n{escape(text)}", _rows(buttons, 2))


def kind_card(key: str, states: States) -> Card:
    """The channels and languages of a kind."""
    channels = channels_of(key)
    lines = [f"📝 <b>{escape(title_of(key))}</b>", ""]
    lines += [f"{ICONS[channel]} {escape(channel_name(channel))}" for channel in channels]
    marks = _("{changed} changed · {approved} approved by WhatsApp · {waiting} handed in · {refused} refused").format(
        changed=CHANGED, approved=APPROVED, waiting=HANDED_IN, refused=REFUSED
    )
    lines += ["", escape(marks)]
    rows = [
        tuple(_language(TemplateId(key, channel, language), states) for language in LANGUAGES) for channel in channels
    ]
    return Card("\n".join(lines), (*rows, (Button(_("⬅️ Back"), data=TemplatesButton(action="kinds").pack()),)))


def _language(template_id: TemplateId, states: States) -> Button:
    marks = "".join(_marks(states.get(template_id)))
    label = f"{ICONS[template_id.channel]} {template_id.language.upper()}"
    return Button(f"{label} {marks}" if marks else label, data=_data("open", template_id))


def _marks(stored: StoredTemplate | None) -> Iterable[str]:
    if is_changed(stored):
        yield CHANGED
    if stored and stored.is_active and (mark := _approval_mark(stored)):
        yield mark


def _approval_mark(stored: StoredTemplate) -> str:
    if stored.is_approved:
        return APPROVED
    if stored.approval_status in UNDECIDED:
        return HANDED_IN
    return REFUSED if stored.approval_status in ("rejected", "paused", "disabled") else ""


def template_card(view: TemplateView, *, note: str = "") -> Card:
    """One text: as it is written, as it reads, and what can be done. `note` says what has just happened."""
    lines = [head(view.id), *([f"<i>{escape(note)}</i>"] if note else []), escape(_state(view))]
    if view.id.channel is Channel.WHATSAPP:
        lines.append(escape(_approval(view)))
    lines += ["", *written(view.sources), "", *reads(view.id.channel, view.preview)]
    return Card("\n".join(lines), _actions(view))


def _state(view: TemplateView) -> str:
    if view.is_changed:
        return _("{mark} Changed by an admin.").format(mark=CHANGED)
    if view.stored and not view.stored.is_active:
        return _("The product's own text; the one before can be brought back.")
    return _("The product's own text.")


def _approval(view: TemplateView) -> str:
    stored = view.stored if view.stored and view.stored.is_active else None
    if not can_be_approved(view.id):
        return _("WhatsApp approves no such text: it goes out within 24 hours of somebody's last message only.")
    if stored is None or stored.approval_status in (None, "unsubmitted"):
        return _("Not handed to WhatsApp: it goes out within 24 hours of somebody's last message only.")
    if stored.is_approved:
        return _("{mark} Approved by WhatsApp: it goes out at any time.").format(mark=APPROVED)
    if stored.approval_status in UNDECIDED:
        return _("{mark} Handed to WhatsApp; an answer takes minutes to two days.").format(mark=HANDED_IN)
    return _("{mark} WhatsApp says “{status}”: {reason}").format(
        mark=REFUSED, status=stored.approval_status, reason=stored.approval_reason or "-"
    )


def _actions(view: TemplateView) -> Buttons:
    own, stored = view.id, view.stored
    edits = tuple(Button(f"✏️ {_(PARTS[part])}", data=_data("edit", own, part)) for part in view.sources)
    tries = (
        Button(_("📨 Test to me"), data=_data("test", own)),
        Button(_("🕘 History"), data=_data("history", own)),
    )
    back = (Button(_("⬅️ Back"), data=TemplatesButton(action="kind", key=own.key).pack()),)
    return (edits, tries, _approval_row(view), _reset_row(own, stored), back)


def _approval_row(view: TemplateView) -> tuple[Button, ...]:
    if not can_be_approved(view.id):
        return ()
    stored = view.stored if view.stored and view.stored.is_active else None
    if stored is None or stored.approval_status in (None, "unsubmitted"):
        return (Button(_("📤 Hand in for approval"), data=_data("ask_submit", view.id)),)
    return (Button(_("🔄 Ask WhatsApp"), data=_data("refresh", view.id)),)


def _reset_row(own: TemplateId, stored: StoredTemplate | None) -> tuple[Button, ...]:
    if stored is None:
        return ()
    if not stored.is_active:
        return (Button(_("↪️ Bring my text back"), data=_data("restore", own)),)
    return (Button(_("↩️ Reset"), data=_data("ask_reset", own)),) if is_changed(stored) else ()


def ask_for_text(view: TemplateView, part: str) -> list[str]:
    """The question for a new text, and what stands there now, ready to be copied."""
    names = "\n".join(
        f"<code>{{{{ {name} }}}}</code> {escape(_(variable.meaning))}"
        for name, variable in variables_of(view.id.key).items()
    )
    question = _("Send the new text ({part}) in one message. It may name these values:").format(part=_(PARTS[part]))
    more = _("Conditions work too: {example}. /cancel leaves it as it is.").format(
        example="{% if reader_name %}Hi {{ reader_name }}!{% endif %}"
    )
    if view.id.channel is Channel.WHATSAPP:
        more = _(
            "On WhatsApp plain values only, and a word at the beginning and at the end. /cancel leaves it as it is."
        )
    asked = f"{head(view.id)}\n\n{escape(question)}\n{names}\n\n{escape(more)}"
    source = view.sources.get(part)
    return [asked, *([f"<pre>{escape(source)}</pre>"] if source and units(source) <= 4_000 else [])]


def proposal_card(proposal: Proposal, mark: str, *, is_approved: bool) -> Card:
    """How it would read, before it is saved. `mark` tells this proposal from a later one."""
    own = proposal.id
    lines = [head(own), "", *reads(own.channel, proposal.preview)]
    if own.channel is Channel.WHATSAPP:
        body = numbered(proposal.text).body
        lines += ["", escape(_("For WhatsApp: {body}").format(body=clipped(body, ROOM)))]
    if is_approved:
        lines += ["", escape(_("⚠️ WhatsApp has approved the text before. This one needs its approval again."))]
    lines += ["", f"<b>{escape(_('Save it? It is in force within seconds.'))}</b>"]
    rows = (
        (
            Button(_("💾 Save"), data=_data("save", own, proposal.part, mark)),
            Button(_("✖️ Discard"), data=_data("discard", own, proposal.part, mark)),
        ),
    )
    return Card("\n".join(lines), rows)


def ask_reset_card(view: TemplateView) -> Card:
    """Asks before the product's own text stands again."""
    question = _("Let the product's own text stand again? Yours is kept and can be brought back.")
    return _question(view.id, question, Button(_("↩️ Reset"), data=_data("reset", view.id)))


def ask_submit_card(view: TemplateView) -> Card:
    """Asks before a text is handed to WhatsApp."""
    body = numbered(view.sources.get(TEXT) or "").body
    question = _(
        "Hand this text to WhatsApp? What was handed in can't be changed, only replaced by another.\n\n{body}"
    ).format(body=clipped(body, ROOM))
    return _question(view.id, question, Button(_("📤 Hand in"), data=_data("submit", view.id)))


def _question(template_id: TemplateId, question: str, sure: Button) -> Card:
    rows = ((sure, Button(_("⬅️ Back"), data=_data("open", template_id))),)
    return Card(f"{head(template_id)}\n\n{escape(question)}", rows)


def history_card(template_id: TemplateId, changes: Iterable[TemplateChange], timezone: str) -> Card:
    """What was done to a text, the newest first."""
    entries = [told(change, timezone) for change in changes]
    nothing = escape(_("Nobody has changed this text yet."))
    back = (Button(_("⬅️ Back"), data=_data("open", template_id)),)
    return Card("\n\n".join([head(template_id), *(entries or [nothing])]), (back,))


def _data(action: str, template_id: TemplateId, part: str = "", mark: str = "") -> str:
    own = template_id
    return TemplatesButton(
        action=action, key=own.key, channel=own.channel, language=own.language, part=part, mark=mark
    ).pack()


def _rows(buttons: list[Button], width: int) -> Buttons:
    return tuple(tuple(buttons[index : index + width]) for index in range(0, len(buttons), width))
