"""The draft card, by the state of its post, and what it turns into while a new version is made."""

from core import buttons
from core.cards import keys
from core.cards.body import with_post
from core.i18n import N_
from core.i18n import gettext as _
from core.localized import moment, number
from core.model import Button, Buttons, Card, PostState, PostView
from core.posts.writing import MAX_POST, Direction
from core.rendering.telegram_text import bold, escape, italic, shorten
from core.writers.wishes import Wishes, wishes_of

OFFLINE = "offline"  # the writer's name

DIRECTIONS = {
    Direction.SHORTER: N_("✂️ Shorter"),
    Direction.BOLDER: N_("🔥 Bolder"),
    Direction.PERSONAL: N_("💛 More personal"),
    Direction.STORY: N_("📖 A story"),
    Direction.QUESTION: N_("❓ A question to end on"),
    Direction.HOOK: N_("🪝 Another hook"),
}

CHANGES = {
    Direction.SHORTER: N_("shorter"),
    Direction.BOLDER: N_("bolder"),
    Direction.PERSONAL: N_("more personal"),
    Direction.STORY: N_("as a story"),
    Direction.QUESTION: N_("ends on a question"),
    Direction.HOOK: N_("another hook"),
}


STATES = {
    PostState.DRAFT: ("📝", N_("Draft")),
    PostState.APPROVED: ("✅", N_("Approved")),
    PostState.POSTED: ("📣", N_("Posted")),
    PostState.DELETED: ("🗑️", N_("Deleted")),
}


def draft_card(view: PostView, *, note: str = "", timezone: str = "UTC") -> Card:
    """The post as it stands, with the buttons that its state allows. `note` is one more plain line; `timezone` is
    the reader's, for the date a post is kept for."""
    foot = [_measures(view)] + [italic(line) for line in (note, _hint(view)) if line]
    text, whole = with_post(_state_line(view, timezone), view.version.text, "\n".join(foot), folded=True)
    return Card(text, _buttons(view, whole))


def directions_card(view: PostView) -> Card:
    """The draft again, asking what a new version should do differently."""
    question = bold(_("What should the next version do differently?"))
    text, _whole = with_post(
        _state_line(view, "UTC"), view.version.text, f"{_measures(view)}\n\n{question}", folded=True
    )
    choices = [keys.rewrite(view, _(label), "write", direction.value) for direction, label in DIRECTIONS.items()]
    pairs = tuple((choices[index], choices[index + 1]) for index in range(0, len(choices), 2))
    last = (keys.rewrite(view, _("💬 In my own words"), "own"), keys.action(view, _("⬅️ Back"), "back"))
    return Card(text, (*pairs, last))


def writing_card(idea: str = "", *, note: str = "") -> Card:
    """What is shown while the writer works. `note` tells of a second try."""
    lines = ["✍️ " + bold(_("Writing your draft…"))]
    if idea:
        lines.append(f"<blockquote>{escape(shorten(idea, 300))}</blockquote>")
    if note:
        lines.append(italic(note))
    return Card("\n".join(lines))


def writer_name(writer: str) -> str:
    """Who wrote a version, as a person reads it: `openai_compatible:<model>` is the model."""
    known = {OFFLINE: _("offline writer"), "user": _("your own text")}
    return known.get(writer) or writer.removeprefix("openai_compatible:")


def what_changed(view: PostView) -> str:
    """What this version does differently, in plain words; empty for the first."""
    direction, instruction = view.version.direction, view.version.instruction
    if direction == Direction.OWN and instruction:
        return f"“{shorten(instruction, 80)}”"
    return _(CHANGES[Direction(direction)]) if direction in CHANGES else ""


def _state_line(view: PostView, timezone: str) -> str:
    post, changed = view.post, what_changed(view)
    if post.state is PostState.APPROVED and post.keep_until:
        return "🕓 " + bold(_("Kept for {date}").format(date=moment(post.keep_until, timezone)))
    icon, name = STATES.get(post.state, STATES[PostState.DRAFT])
    line = f"{icon} {bold(_(name))}"
    return f"{line} · {escape(changed)}" if changed else line


def _measures(view: PostView) -> str:
    length = len(view.version.text)
    template = _("⚠️ {length} / {limit} characters") if length > MAX_POST else _("{length} / {limit} characters")
    parts = [template.format(length=number(length), limit=number(MAX_POST))]
    if view.post.latest > 1:
        parts.append(_("version {number}/{count}").format(number=view.version.number, count=view.post.latest))
    parts.append(writer_name(view.version.writer))
    return italic(" · ".join(parts))


def _hint(view: PostView) -> str:
    if view.post.state is PostState.DRAFT and _was_not_understood(view):
        return _(
            "The offline writer didn't understand that wish and wrote the idea anew. It knows, for example: shorter, "
            "longer, as a list, without emoji, more formal, in French. Or reply with your own text."
        )
    if view.post.state is PostState.DRAFT and view.post.latest == 1:
        return _("To edit it yourself, reply to this card with your text.")
    if view.post.state is PostState.APPROVED and not view.post.keep_until:
        return _("Copy it into LinkedIn, then tap “Posted ✓”.")
    return ""


def _was_not_understood(view: PostView) -> bool:
    version = view.version
    return (version.writer, version.direction) == (OFFLINE, Direction.OWN) and wishes_of(
        version.instruction
    ) == Wishes()


def _buttons(view: PostView, whole: bool) -> Buttons:
    rows = {
        PostState.APPROVED: _approved_rows,
        PostState.POSTED: _posted_rows,
        PostState.DELETED: _deleted_rows,
    }.get(view.post.state, _draft_rows)(view)
    offers_text = view.post.state is PostState.APPROVED and keys.copy(view).data
    return rows if whole or offers_text else ((keys.action(view, _("📄 Full text"), "copy"),), *rows)


def _draft_rows(view: PostView) -> Buttons:
    main = (
        keys.action(view, _("👍 Approve"), "approve"),
        keys.action(view, _("♻️ Regenerate"), "directions"),
        keys.action(view, _("🗑️ Delete"), "delete"),
    )
    return (main, _pages(view)) if view.post.latest > 1 else (main,)


def _pages(view: PostView) -> tuple[Button, ...]:
    """‹ 2/3 ›; an arrow that leads nowhere is left out."""
    shown, latest = view.version.number, view.post.latest
    numbers = {"‹": shown - 1, f"{shown}/{latest}": shown, "›": shown + 1}
    return tuple(
        Button(text, data=buttons.draft("page", view.post.id, number))
        for text, number in numbers.items()
        if 1 <= number <= latest
    )


def _approved_rows(view: PostView) -> Buttons:
    keep = (
        keys.action(view, _("✖️ Don't keep"), "unkeep")
        if view.post.keep_until
        else keys.action(view, _("🕓 Keep for a date"), "keep")
    )
    return (
        (keys.copy(view), keys.action(view, _("✉️ By email"), "email")),
        (keys.linkedin(), keys.posted(view)),
        (keep, keys.action(view, _("↩️ Undo approval"), "unapprove")),
    )


def _posted_rows(view: PostView) -> Buttons:
    return ((keys.copy(view), keys.action(view, _("↩️ Not posted"), "unposted")),)


def _deleted_rows(view: PostView) -> Buttons:
    return ((keys.action(view, _("↩️ Undo"), "restore"),),)
