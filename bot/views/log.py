"""/log and /inbox: what was sent, how it went, and what came in_app."""

from collections.abc import Mapping

from bot.callbacks import LogButton, PostsButton
from bot.views.posts import delivery_line, retry_button
from core.cards import card_of
from core.delivery.deliveries import PAGE, Logged
from core.delivery.reasons import kind_name
from core.delivery.states import DEAD
from core.errors import RenderError
from core.i18n import gettext as _
from core.localized import moment, number
from core.model import Account, Button, Card, Page, PostView
from core.rendering.telegram_text import escape, plain, shorten

MESSAGE = 350  # units of a message in the inbox
Views = Mapping[int, PostView]  # by the id of the notification that is about the post


def log_card(page: Page, account: Account) -> Card:
    """A page of the delivery log, with a button for each delivery that can be tried again."""
    head = f"📬 <b>{escape(_('Delivery log'))}</b> · {number(page.total)}"
    lines = [_logged(place, item, account) for place, item in _numbered(page)]
    nothing = escape(_("Nothing was sent yet."))
    retries = tuple(
        (retry_button(item.delivery, place),) for place, item in _numbered(page) if item.delivery.status in DEAD
    )
    return Card("\n\n".join([head, *(lines or [nothing])]), (*retries, _pages(page, "log")))


def inbox_card(page: Page, account: Account, views: Views) -> Card:
    """A page of the messages that came in_app, as they read; posts can be opened."""
    head = f"📥 <b>{escape(_('Inbox'))}</b> · {number(page.total)}"
    lines = [_message(place, item, account, views.get(item.notification.id)) for place, item in _numbered(page)]
    nothing = escape(_("Nothing here. What can't reach you by chat or mail is kept here."))
    opens = tuple(
        Button(_("📄 Open {number}").format(number=place), data=PostsButton(action="open", number=view.post.id).pack())
        for place, item in _numbered(page)
        if (view := views.get(item.notification.id))
    )
    return Card("\n\n".join([head, *(lines or [nothing])]), (*_rows(opens), _pages(page, "inbox")))


def _logged(place: int, item: Logged, account: Account) -> str:
    at = moment(item.delivery.created_at, account.preferences.timezone)
    provider = f" · {item.delivery.provider_name}" if item.delivery.provider_name else ""
    about = f"{kind_name(item.notification.kind)} · #{item.delivery.id} · {at}{provider}"  # the number that /why takes
    what = f"<b>{place}.</b> {escape(about)}"
    return f"{what}\n   {escape(delivery_line(item.delivery, account))}"


def _message(place: int, item: Logged, account: Account, view: PostView | None) -> str:
    at = moment(item.delivery.created_at, account.preferences.timezone)
    try:
        text = plain(card_of(item.notification, view, account.preferences.timezone).text)
    except (RenderError, LookupError, ValueError):  # its post was erased, or it is older than this program
        text = kind_name(item.notification.kind)
    return f"<b>{place}.</b> {escape(at)}\n<blockquote>{escape(shorten(text, MESSAGE))}</blockquote>"


def _numbered(page: Page) -> list[tuple[int, Logged]]:
    return list(enumerate(page.items, start=(page.number - 1) * PAGE + 1))


def _rows(buttons: tuple[Button, ...], width: int = 4) -> tuple[tuple[Button, ...], ...]:
    return tuple(buttons[start : start + width] for start in range(0, len(buttons), width))


def _pages(page: Page, action: str) -> tuple[Button, ...]:
    if page.pages == 1:
        return ()
    labels = {"‹": page.number - 1, f"{page.number}/{page.pages}": page.number, "›": page.number + 1}
    return tuple(
        Button(label, data=LogButton(action=action, page=to).pack())
        for label, to in labels.items()
        if 1 <= to <= page.pages
    )
