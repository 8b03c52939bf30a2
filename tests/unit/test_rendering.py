"""Notifications as messages: every kind, channel and language."""

import re
from dataclasses import replace
from email.utils import parseaddr
from html.parser import HTMLParser
from pathlib import Path

import pytest

from core.errors import RenderError
from core.i18n import speaking
from core.model import LANGUAGES, Channel, Kind, Message, PostState
from core.rendering.facts import CODE_MINUTES
from core.rendering.renderer import UNSUBSCRIBABLE, Renderer
from core.rendering.templating import TEMPLATES, page
from core.secrets import Keys
from tests.unit.samples import CONTENT, POST, context, view

DRAFT_SUBJECTS = {
    "en": "Your LinkedIn Ghostwriter Post Draft",
    "es": "Tu borrador de publicación de LinkedIn Ghostwriter",
    "fr": "Votre brouillon de publication LinkedIn Ghostwriter",
}
ABOUT_POSTS = (Kind.DRAFT, Kind.APPROVED, Kind.KEPT)
everywhere = pytest.mark.parametrize("language", LANGUAGES)
every_kind = pytest.mark.parametrize("kind", list(Kind))


@pytest.fixture
def renderer(keys: Keys) -> Renderer:
    return Renderer(keys, "https://desk.example.org", "desk@example.org", "Postrider")


def mail(renderer: Renderer, kind: Kind, language: str = "en", **values: object) -> Message:
    with speaking(language):
        return renderer.render(context(kind, Channel.EMAIL, **values))  # type: ignore[arg-type]


class Outline(HTMLParser):
    """The tags of a page with their attributes, and its text with its line breaks."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.classes: list[str | None] = []
        self.words: dict[str | None, str] = {}
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag == "br":
            self._add("\n")
        elif tag not in ("meta", "link"):
            self.classes.append(dict(attrs).get("class"))

    def handle_endtag(self, tag: str) -> None:
        self.classes.pop()

    def handle_data(self, data: str) -> None:
        self._add(data)

    def _add(self, data: str) -> None:
        name = self.classes[-1] if self.classes else None
        self.words[name] = self.words.get(name, "") + data


@every_kind
@everywhere
def test_every_kind_is_a_complete_mail_in_every_language(renderer: Renderer, kind: Kind, language: str):
    """Subject, text and HTML, addressed, and nothing of the template left over."""
    message = mail(renderer, kind, language)
    assert message.subject
    assert message.text.strip()
    assert (message.to, message.sender) == ("reader@example.org", "Postrider <desk@example.org>")
    for part in (message.subject, message.text, message.html or ""):
        assert not re.search(r"\{[{%#]|[%#}]\}|%\(|None|Undefined", part)


@every_kind
@everywhere
def test_html_mails_are_fit_for_mail_programs(renderer: Renderer, kind: Kind, language: str):
    """Styles inlined, dark and narrow screens kept, no remote content, tables for layout only, the language named."""
    html = mail(renderer, kind, language).html or ""
    outline = Outline(html)
    assert ("html", {"lang": language}) in outline.tags
    assert all(attributes.get("role") == "presentation" for tag, attributes in outline.tags if tag == "table")
    assert not {"img", "script", "link", "iframe", "form"} & {tag for tag, _ in outline.tags}
    assert "prefers-color-scheme: dark" in html
    assert 'name="color-scheme"' in html
    assert re.search(r'<h1[^>]* style="[^"]*font-size', html)
    assert "url(" not in html
    assert "preheader" in outline.words


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind not in (Kind.MESSAGE, Kind.ANNOUNCEMENT)])
def test_a_notification_reads_differently_in_each_language(renderer: Renderer, kind: Kind):
    """Nothing was left in English; only a message is its sender's own words."""
    assert len({mail(renderer, kind, language).subject for language in LANGUAGES}) == len(LANGUAGES)


@pytest.mark.parametrize(("language", "subject"), DRAFT_SUBJECTS.items())
def test_the_subject_of_a_draft(renderer: Renderer, language: str, subject: str):
    """Word for word as the document asks, and translated."""
    assert mail(renderer, Kind.DRAFT, language).subject == subject


@pytest.mark.parametrize("kind", ABOUT_POSTS)
@everywhere
@pytest.mark.parametrize(
    "text", [POST, "a\n\n-- \nb  c\n\n\nd", "<b>&amp;</b> {{ post }} %(x)s", "🙂" * 3000, "  שלום\n\nעולם"]
)
def test_the_plain_part_begins_with_the_post_itself(renderer: Renderer, kind: Kind, language: str, text: str):
    """Everything before the last signature line is exactly what goes into LinkedIn."""
    assert mail(renderer, kind, language, text=text).text.rpartition("\n\n-- \n")[0] == text


@pytest.mark.parametrize("kind", ABOUT_POSTS)
@pytest.mark.parametrize("text", [POST, "a  b\n\n\nc", "<script>alert(1)</script> & &lt;"])
def test_the_post_can_be_copied_from_the_html_part(renderer: Renderer, kind: Kind, text: str):
    """Every line break and space is there, and no HTML of the user's works."""
    outline = Outline(mail(renderer, kind, text=text).html or "")
    assert outline.words["post"] == text
    assert "script" not in {tag for tag, _ in outline.tags}


@pytest.mark.parametrize("kind", [Kind.ACCESS_REQUEST, Kind.ALERT, Kind.MESSAGE, Kind.ANNOUNCEMENT])
def test_words_of_others_are_escaped(renderer: Renderer, kind: Kind):
    """A name, an alert and a message are input."""
    tags = {tag for tag, _ in Outline(mail(renderer, kind).html or "").tags}
    assert not {"i", "b", "provider", "you"} & tags


def test_a_subject_is_one_line(renderer: Renderer):
    """A line break in it would begin another header."""
    content = {"subject": "Hello\r\nBcc: all@example.org", "text": "x"}
    assert mail(renderer, Kind.MESSAGE, content=content).subject == "Hello Bcc: all@example.org"


def test_a_message_without_a_subject_gets_one(renderer: Renderer):
    """A mail without a subject looks like spam; its text stays as it is."""
    message = mail(renderer, Kind.MESSAGE, content={"text": "Line\n\n  & more"})
    assert (message.subject, message.text) == ("A message from Postrider", "Line\n\n  & more")


def test_the_code_is_derived_and_big(renderer: Renderer, keys: Keys):
    """It is never kept in the notification; a reader sees it first."""
    message = mail(renderer, Kind.CODE)
    assert message.text.startswith(keys.code(15))
    assert Outline(message.html or "").words["code"] == keys.code(15)
    assert f"{CODE_MINUTES} minutes" in message.text
    assert keys.code(15) not in message.subject


@pytest.mark.parametrize("channel", [Channel.TELEGRAM, Channel.IN_APP, Channel.PUSH, Channel.WEBHOOK])
def test_a_code_is_for_the_mailbox_or_the_phone_only(renderer: Renderer, channel: Channel):
    """Reading it proves that the address is the user's."""
    with pytest.raises(RenderError):
        renderer.render(context(Kind.CODE, channel))


def test_a_reminder_unsubscribes_with_one_click(renderer: Renderer, keys: Keys):
    """RFC 8058: both headers, and the same link in the body."""
    message = mail(renderer, Kind.REMINDER)
    url = f"https://desk.example.org/u/{keys.link_token('unsubscribe', 4, 2)}"
    assert message.headers == {"List-Unsubscribe": f"<{url}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
    assert url in message.text
    assert url in (message.html or "")


def test_without_a_public_address_one_writes_to_unsubscribe(keys: Keys):
    """And the mail names the command that stops it."""
    message = mail(Renderer(keys, None, "desk@example.org", "Postrider"), Kind.REMINDER)
    assert message.headers == {"List-Unsubscribe": "<mailto:desk@example.org?subject=unsubscribe>"}
    assert "/remind off" in message.text


def test_one_click_also_from_a_desk_on_this_machine(keys: Keys):
    """RFC 8058 wants https, and mail programs see to that; the demo's mailbox is content with its own machine."""
    headers = mail(Renderer(keys, "http://127.0.0.1:8080", "desk@example.org", "P"), Kind.REMINDER).headers
    assert headers["List-Unsubscribe"].startswith("<http://127.0.0.1:8080/u/")
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


@pytest.mark.parametrize("channel", [Channel.SMS, Channel.WHATSAPP])
def test_a_phone_gets_the_words_alone(renderer: Renderer, channel: Channel):
    """`send --channel sms`: nothing is put around what somebody wrote."""
    message = renderer.render(context(Kind.MESSAGE, channel))
    assert message.text == context(Kind.MESSAGE, channel).notification.content["text"]
    assert (message.subject, message.html) == ("", None)


def test_an_announcement_unsubscribes_with_one_click_too(renderer: Renderer, keys: Keys):
    """Mailbox providers want it of whoever writes to many; the reader sees the link as well."""
    plain = context(Kind.ANNOUNCEMENT, Channel.EMAIL)
    linked = replace(plain.notification, content={**plain.notification.content, "link_id": 7, "generation": 1})
    message = renderer.render(replace(plain, notification=linked))
    url = f"https://desk.example.org/u/{keys.link_token('unsubscribe', 7, 1)}"
    assert message.headers == {"List-Unsubscribe": f"<{url}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
    assert message.text.endswith(f"No more announcements by mail: {url}")
    assert f'href="{url}"' in (message.html or "")


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind not in UNSUBSCRIBABLE])
def test_only_reminders_and_announcements_offer_to_unsubscribe(renderer: Renderer, kind: Kind):
    """What a user asked for, or must know, is no newsletter."""
    assert not mail(renderer, kind).headers


def test_a_link_to_the_chat_stands_where_it_is_known(renderer: Renderer):
    """The bot's name is learnt from Telegram, so a mail does without where it isn't."""
    known = replace(context(Kind.DRAFT, Channel.EMAIL), extra={"chat_url": "https://t.me/a_bot"})
    assert 'href="https://t.me/a_bot"' in (renderer.render(known).html or "")
    assert "t.me" not in (mail(renderer, Kind.DRAFT).html or "")


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind is not Kind.CODE])
@everywhere
def test_every_kind_is_a_card_in_every_language(renderer: Renderer, kind: Kind, language: str):
    """With HTML for Telegram, and the same in plain words for the inbox."""
    with speaking(language):
        telegram = renderer.render(context(kind, Channel.TELEGRAM))
        inbox = renderer.render(context(kind, Channel.IN_APP))
    assert telegram.html
    assert telegram.text == inbox.text
    assert inbox.html is None


@pytest.mark.parametrize("text", ["word " * 2000, "🙂" * 4000, "<" * 5000])
def test_a_long_message_loses_nothing_in_the_chat(renderer: Renderer, text: str):
    """The adapter sends it in parts, so it must get all of it, and as plain text: cut HTML is no HTML."""
    message = renderer.render(context(Kind.MESSAGE, Channel.TELEGRAM, content={"subject": "Hi", "text": text}))
    assert (message.text, message.html) == (f"Hi\n\n{text}", None)


def test_a_kept_date_is_told_in_the_readers_time(renderer: Renderer):
    """The account's timezone reaches the card."""
    base = context(Kind.DRAFT, Channel.TELEGRAM, timezone="Asia/Tokyo")
    kept = replace(base, view=view(state=PostState.APPROVED, keep_until=base.notification.created_at))
    assert "18:00" in renderer.render(kept).text


@pytest.mark.parametrize("kind", [kind for kind in Kind if CONTENT[kind] and kind not in ABOUT_POSTS])
@pytest.mark.parametrize("channel", [Channel.EMAIL, Channel.TELEGRAM, Channel.SMS, Channel.WHATSAPP, Channel.WEBHOOK])
def test_missing_content_renders_nothing(renderer: Renderer, kind: Kind, channel: Channel):
    """A half-rendered message is never sent."""
    with pytest.raises(RenderError):
        renderer.render(context(kind, channel, content={"unexpected": 1}))


@pytest.mark.parametrize("kind", ABOUT_POSTS)
@pytest.mark.parametrize("channel", list(Channel))
def test_a_post_that_is_gone_renders_nothing(renderer: Renderer, kind: Kind, channel: Channel):
    """It was erased between the commit and the sending."""
    with pytest.raises(RenderError):
        renderer.render(replace(context(kind, channel), view=None))


@pytest.mark.parametrize("name", ["Postrider, Inc.", "Ghost „Rider“"])
def test_a_senders_name_is_quoted_as_a_header_needs(keys: Keys, name: str):
    """A comma would make two senders."""
    sender = mail(Renderer(keys, None, "desk@example.org", name), Kind.MESSAGE).sender
    assert parseaddr(sender) == (name, "desk@example.org")


@everywhere
def test_pages_are_filled_in_every_language(language: str):
    """One form that posts to its own address, and a message that is escaped."""
    with speaking(language):
        asking = page("unsubscribe", scope=Kind.REMINDER)
        done = page("message", title="A & B", text="<b>x</b>")
    assert ("form", {"method": "post"}) in Outline(asking).tags
    assert ("html", {"lang": language}) in Outline(done).tags
    assert "&lt;b&gt;x&lt;/b&gt;" in done
    with pytest.raises(RenderError):
        page("message", title="no text")


def test_every_kind_has_its_three_templates():
    """And there is no template that nothing uses."""
    found = {path.name for path in Path(TEMPLATES, "email").glob("[a-z]*.j2")}
    assert found == {f"{kind}.{part}.j2" for kind in Kind for part in ("subject", "text", "html")}
