"""/posts: a page of the shelf, with how each post stands and how it was delivered."""

from bot.callbacks import DeliveryButton, PostsButton
from core.delivery.reasons import channel_name, status_line
from core.delivery.states import DEAD
from core.i18n import N_
from core.i18n import gettext as _
from core.localized import moment, number
from core.model import Account, Button, Card, Delivery, DeliveryStatus, Page, PostState
from core.posts.library import PER_PAGE, Shelf, ShelvedPost
from core.rendering.telegram_text import escape, shorten

TITLE = 60  # units of a post's first line

SHELVES = {
    Shelf.ALL: N_("All"),
    Shelf.DRAFT: N_("📝 Drafts"),
    Shelf.APPROVED: N_("✅ Approved"),
    Shelf.POSTED: N_("📣 Posted"),
    Shelf.DELETED: N_("🗑️ Deleted"),
}
STATES = {
    PostState.WRITING: N_("💡 no text yet"),
    PostState.DRAFT: N_("📝 draft"),
    PostState.APPROVED: N_("✅ approved"),
    PostState.POSTED: N_("📣 posted"),
    PostState.DELETED: N_("🗑️ deleted"),
}


def posts_card(page: Page, account: Account, shelf: Shelf, word: str) -> Card:
    """One page: a line for each post, its number to open it, a button for each delivery to retry, shelves, pages."""
    head = f"📚 <b>{escape(_('Your posts'))}</b> · {number(page.total)}"
    if word:
        head += "\n" + escape(_("With “{word}”").format(word=word))
    first = (page.number - 1) * PER_PAGE + 1
    lines = [_line(place, line, account) for place, line in enumerate(page.items, start=first)]
    body = lines or [escape(_nothing(shelf, word))]
    opens = tuple(
        Button(str(place), data=PostsButton(action="open", number=line.view.post.id).pack())
        for place, line in enumerate(page.items, start=first)
    )
    retries = tuple((button,) for place, line in enumerate(page.items, start=first) for button in _retries(place, line))
    return Card("\n\n".join([head, *body]), (opens, *retries, *_shelves(shelf, word), _pages(page, shelf, word)))


def _line(place: int, line: ShelvedPost, account: Account) -> str:
    post = line.view.post
    timezone = account.preferences.timezone
    title = escape(shorten(line.view.version.text, TITLE))
    state = _(STATES[post.state])
    if post.state is PostState.APPROVED and post.keep_until:
        state = "🕓 " + _("kept for {date}").format(date=moment(post.keep_until, timezone))
    deliveries = [f"   {escape(delivery_line(delivery, account))}" for delivery in line.deliveries]
    return "\n".join(
        [f"<b>{place}.</b> {title}", f"   {moment(post.created_at, timezone)} · {escape(state)}", *deliveries]
    )


def delivery_line(delivery: Delivery, account: Account) -> str:
    """By which channel, how it stands, why, and until when it waits. Plain text."""
    channel = channel_name(delivery.delivery_type)
    said = f"{channel[:1].upper()}{channel[1:]}: {status_line(delivery)}"
    if delivery.status is DeliveryStatus.PENDING and delivery.hold_reason:
        until = moment(delivery.scheduled_at, account.preferences.timezone)
        said += " · " + _("until {time}").format(time=until)
    return said


def retry_button(delivery: Delivery, place: int) -> Button:
    """Tries a delivery that failed once more."""
    label = _("🔁 Retry {number}: {channel}").format(number=place, channel=channel_name(delivery.delivery_type))
    return Button(label, data=DeliveryButton(action="retry", delivery_id=delivery.id).pack())


def _retries(place: int, line: ShelvedPost) -> list[Button]:
    return [retry_button(delivery, place) for delivery in line.deliveries if delivery.status in DEAD]


def _nothing(shelf: Shelf, word: str) -> str:
    if word:
        return _("No post has that. Example: /posts launch")
    if shelf is Shelf.ALL:
        return _("Nothing here yet. Send me an idea in a sentence or two, and I'll draft a post.")
    return _("Nothing here.")


def _shelves(shelf: Shelf, word: str) -> tuple[tuple[Button, ...], ...]:
    """Two rows; the shelf that is shown is marked."""
    made = [_to(f"• {_(label)}" if one is shelf else _(label), 1, one, word) for one, label in SHELVES.items()]
    return tuple(made[:3]), tuple(made[3:])


def _pages(page: Page, shelf: Shelf, word: str) -> tuple[Button, ...]:
    if page.pages == 1:
        return ()
    labels = {"‹": page.number - 1, f"{page.number}/{page.pages}": page.number, "›": page.number + 1}
    return tuple(_to(label, to, shelf, word) for label, to in labels.items() if 1 <= to <= page.pages)


def _to(label: str, number: int, shelf: Shelf, word: str) -> Button:
    return Button(
        label, data=PostsButton(action="list", number=number, shelf=shelf, word=word.replace("|", " ")).pack()
    )
