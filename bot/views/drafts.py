"""A post in the chat: its card by state, and what is asked about it."""

from datetime import datetime

from core import buttons
from core.cards import draft_card
from core.errors import AppError
from core.i18n import gettext as _
from core.localized import day, moment
from core.model import Account, Button, Card, PostState, PostView, Version
from core.posts.changes import describe
from core.posts.moments import stamp, suggestions
from core.rendering.telegram_text import escape, shorten

IDEA_SHOWN = 600  # units of an idea on its card
UNDO = {PostState.APPROVED: "unapprove", PostState.POSTED: "unposted", PostState.DELETED: "restore"}


def words(error: AppError) -> str:
    """A refusal in the user's language, as plain text."""
    return _(error.message).format(**error.values)


def post_card(view: PostView, account: Account, note: str = "") -> Card:
    """The post as it stands; an idea without a text offers to try again."""
    if view.post.state is PostState.WRITING:
        return _unwritten(view, note)
    return draft_card(view, note=note, timezone=account.preferences.timezone)


def version_card(view: PostView, before: Version | None, account: Account) -> Card:
    """A version, with what it changed."""
    return post_card(view, account, describe(before.text, view.version.text) if before else "")


def locked_card(view: PostView, refusal: str) -> Card:
    """Why the post wasn't changed, and the button that unlocks it where it is locked."""
    label = _("↩️ Undo approval") if view.post.state is PostState.APPROVED else _("↩️ Undo")
    action = UNDO.get(view.post.state)
    if action is None:
        return Card(escape(refusal))
    return Card(escape(refusal), ((_button(view, label, action),),))


def date_card(view: PostView, account: Account, now: datetime) -> Card:
    """Asks for the date to keep a post for."""
    times = suggestions(account.preferences.timezone, now)
    lines = (
        f"🕓 <b>{escape(_('When should I send it to you?'))}</b>",
        f"<blockquote>{escape(shorten(view.version.text, 200))}</blockquote>",
        escape(_("Tap, or type a date and time ({timezone}).").format(timezone=account.preferences.timezone)),
        escape(_("Examples: tomorrow 9:00 · fri 18:30 · {date} 09:00").format(date=f"{times[-1]:%Y-%m-%d}")),
    )
    suggested = tuple(_button(view, f"{day(local)} {local:%H:%M}", "keep", stamp(local)) for local in times)
    return Card("\n\n".join(lines), (suggested, (_button(view, _("⬅️ Back"), "back"),)))


def kept(view: PostView, account: Account) -> str:
    """The date a post is kept for, as HTML."""
    assert view.post.keep_until is not None  # it has just been kept
    return "🕓 " + escape(_("Kept for {date}").format(date=moment(view.post.keep_until, account.preferences.timezone)))


def newer_below(view: PostView) -> tuple[tuple[Button, ...], ...]:
    """What stays on a card whose next version stands in a newer message. It still says which post it is."""
    label = _("⬇️ Version {number} is below").format(number=view.version.number)
    return ((_button(view, label, "page"),),)


def _unwritten(view: PostView, note: str) -> Card:
    lines = [
        f"💡 <b>{escape(_('Your idea is kept'))}</b>",
        f"<blockquote>{escape(shorten(view.post.idea, IDEA_SHOWN))}</blockquote>",
        f"<i>{escape(note or _('It has no text yet.'))}</i>",
    ]
    again, delete = _button(view, _("🔁 Try again"), "write", "first"), _button(view, _("🗑️ Delete"), "delete")
    return Card("\n\n".join(lines), ((again, delete),))


def _button(view: PostView, text: str, action: str, argument: str = "") -> Button:
    return Button(text, data=buttons.draft(action, view.post.id, view.version.number, argument))
