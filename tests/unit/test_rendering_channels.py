"""SMS, WhatsApp, push and webhooks: every kind, in every language, within what phones and providers take."""

import json
from dataclasses import replace
from datetime import datetime

import pytest

from core.errors import Refused, RenderError
from core.i18n import speaking
from core.model import LANGUAGES, Account, Channel, Kind, Message, StoredTemplate, TemplateId, Texts
from core.rendering.book import TemplateBook
from core.rendering.facts import facts_of
from core.rendering.lengths import PUSH_BODY, PUSH_TITLE
from core.rendering.renderer import PREPARED, UNSUBSCRIBABLE, RenderContext, Renderer, finished
from core.rendering.segments import Encoding, segments_of
from core.rendering.telegram_text import MESSAGE_UNITS, units
from core.rendering.templating import TEMPLATES
from core.rendering.variables import EVERYWHERE, KEYS, OF_KIND, REQUIRED, RSVP_INVITATION, SAMPLES
from core.secrets import Keys
from tests.unit.samples import CONTENT, POST, context

everywhere = pytest.mark.parametrize("language", LANGUAGES)
every_kind = pytest.mark.parametrize("kind", list(Kind))
OURS = [kind for kind in Kind if kind not in (Kind.MESSAGE, Kind.ANNOUNCEMENT)]
CHAT = {"chat_url": "https://t.me/postrider_example_bot"}


@pytest.fixture
def renderer(keys: Keys) -> Renderer:
    return Renderer(keys, "https://desk.example.org", "desk@example.org", "Postrider")


def rendered(renderer: Renderer, kind: Kind, channel: Channel, language: str = "en", **values: object) -> Message:
    with speaking(language):
        return renderer.render(replace(context(kind, channel, **values), extra=CHAT))  # type: ignore[arg-type]


def whatsapp(text: str, language: str = "en", **values: object) -> StoredTemplate:
    own = {"is_approved": True, "provider_template_id": "HX1", **values}
    return StoredTemplate(TemplateId(Kind.REMINDER, Channel.WHATSAPP, language), Texts(text), version=1, **own)  # type: ignore[arg-type]


def reminder(keys: Keys, *templates: StoredTemplate, window_open: bool | None = None) -> Message:
    renderer = Renderer(keys, None, "desk@example.org", "Postrider", TemplateBook(templates))
    return renderer.render(replace(context(Kind.REMINDER, Channel.WHATSAPP), window_open=window_open))


@every_kind
@everywhere
@pytest.mark.parametrize("channel", [Channel.SMS, Channel.WHATSAPP])
def test_every_kind_has_its_words_for_a_phone(renderer: Renderer, kind: Kind, channel: Channel, language: str):
    """Plain, complete, and nothing of the template left over."""
    message = rendered(renderer, kind, channel, language)
    assert (message.channel, message.to, message.html, message.subject) == (channel, "reader@example.org", None, "")
    assert message.text == message.text.strip() != ""
    assert not any(mark in message.text for mark in ("{{", "%(", "None", "Undefined"))


@pytest.mark.parametrize("kind", OURS)
@everywhere
def test_what_we_say_ourselves_is_one_or_two_sms(renderer: Renderer, kind: Kind, language: str):
    """In the GSM alphabet, whatever the language: a quotation mark would more than double the price."""
    found = segments_of(rendered(renderer, kind, Channel.SMS, language).text)
    assert (found.encoding, found.count <= 2) == (Encoding.GSM7, True)


def test_an_sms_says_where_to_go_on(renderer: Renderer):
    """Where the bot's address is known."""
    assert rendered(renderer, Kind.DRAFT, Channel.SMS).text.endswith(CHAT["chat_url"])
    assert "http" not in renderer.render(context(Kind.DRAFT, Channel.SMS)).text


def test_a_draft_by_sms_shows_its_first_words(renderer: Renderer):
    """On one line, with plain quotation marks."""
    text = rendered(renderer, Kind.DRAFT, Channel.SMS).text
    assert '"We cut our release time from 3 weeks to 2 days. Nobody..."' in text


def test_somebodys_own_words_keep_their_accents(renderer: Renderer):
    """Only typographic signs are written plainly, and only where that saves anything."""
    said = {"text": "“Sí”, dijo…"}
    assert rendered(renderer, Kind.MESSAGE, Channel.SMS, content=said).text == "“Sí”, dijo…"
    said = {"text": "“No”, he said…"}
    assert rendered(renderer, Kind.MESSAGE, Channel.SMS, content=said).text == '"No", he said...'


@pytest.mark.parametrize(("length", "fits"), [(1530, True), (1531, False)])
def test_an_sms_that_no_provider_takes_is_refused(renderer: Renderer, length: int, fits: bool):
    """More than ten segments: the next channel takes over, nothing is cut off."""
    if fits:
        assert len(rendered(renderer, Kind.MESSAGE, Channel.SMS, content={"text": "x" * length}).text) == length
    else:
        with pytest.raises(Refused, match="too_big: 11 segments"):
            rendered(renderer, Kind.MESSAGE, Channel.SMS, content={"text": "x" * length})


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind is not Kind.CODE])
@everywhere
def test_every_kind_is_a_push_with_a_title(renderer: Renderer, kind: Kind, language: str):
    """Short enough to be shown whole, and a tap goes on to the chat."""
    message = rendered(renderer, kind, Channel.PUSH, language)
    assert 0 < units(message.subject) <= PUSH_TITLE
    assert 0 < units(message.text) <= PUSH_BODY
    assert (message.url, message.html) == (CHAT["chat_url"], None)


def test_a_push_shows_the_beginning_of_a_long_text(renderer: Renderer):
    """And says that there is more."""
    text = rendered(renderer, Kind.DRAFT, Channel.PUSH, text="word " * 600).text
    assert text.endswith("word…")
    assert rendered(renderer, Kind.DRAFT, Channel.PUSH, text="Short.").text == "Short."


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind is not Kind.CODE])
@everywhere
def test_every_kind_is_data_for_a_webhook(renderer: Renderer, kind: Kind, language: str):
    """Type, time and ids for a program, title and text for a person; the same however often it is sent."""
    message = rendered(renderer, kind, Channel.WEBHOOK, language)
    body = json.loads(message.text)
    assert body["type"] == f"notification.{kind}"
    assert datetime.fromisoformat(body["timestamp"]).tzinfo
    data = body["data"]
    assert (data["kind"], data["language"], data["title"]) == (kind, language, message.subject)
    assert data["text"].strip()
    assert {"notification_id", "delivery_id"} <= set(data)
    assert rendered(renderer, kind, Channel.WEBHOOK, language) == message


def test_a_webhook_about_a_post_has_all_of_it(renderer: Renderer):
    """Which post, which version, and the text as it is."""
    data = json.loads(rendered(renderer, Kind.DRAFT, Channel.WEBHOOK).text)["data"]
    assert data["post"] == {"id": 42, "version": 1, "text": POST}


def test_every_text_is_used_and_every_use_has_its_text():
    """A file for each kind and part; none that nothing uses."""
    parts = {
        Channel.SMS: {f"{kind}.text.j2" for kind in Kind},
        Channel.WHATSAPP: {f"{key}.text.j2" for key in KEYS},
        Channel.PUSH: {f"{kind}.{part}.j2" for kind in Kind for part in ("subject", "text") if kind is not Kind.CODE},
    }
    for channel, expected in parts.items():
        assert {path.name for path in (TEMPLATES / channel).iterdir()} == expected


@pytest.mark.parametrize("kind", list(Kind))
def test_the_declared_variables_are_those_there_are(renderer: Renderer, kind: Kind):
    """What the help promises exists; what is not promised is inner business."""
    inner = {"verification_id", "link_id", "generation", "version", "delivery_id", "channel", "error_code", "user_id"}
    inner |= {"kind", "day"} | ({"unsubscribe_url"} if kind not in UNSUBSCRIBABLE else set())
    about_a_post = {"post", "opening", "number", "length"}
    known = set(renderer.values(context(kind, Channel.EMAIL)))
    if kind not in (Kind.DRAFT, Kind.APPROVED, Kind.KEPT):
        known -= about_a_post
    assert known - inner == {*OF_KIND[kind], *EVERYWHERE}
    assert set(CONTENT[kind]) - {"version", "link_id", "generation"} == set(SAMPLES[kind])


def test_the_table_of_variables_knows_every_key():
    """And nothing else."""
    assert set(OF_KIND) == set(SAMPLES) == set(KEYS)
    assert all(set(names) <= set(OF_KIND[key]) for key, names in REQUIRED.items())
    assert set(SAMPLES[RSVP_INVITATION]) == set(OF_KIND[RSVP_INVITATION])


def test_an_approved_template_goes_out_with_its_variables(keys: Keys):
    """Numbered as WhatsApp knows them, and the text that it will say beside them."""
    template = whatsapp("Hello {{ reader_name }}, today is {{ day_text }}: time for a post with the bot.")
    message = reminder(keys, template, window_open=False)
    assert (message.template_id, message.template_variables) == ("HX1", {"1": "Ada", "2": "Monday, March 2, 2026"})
    assert message.text == "Hello Ada, today is Monday, March 2, 2026: time for a post with the bot."


def test_outside_the_24_hours_nothing_goes_out_as_free_text(keys: Keys):
    """WhatsApp would refuse it; the next channel is told so at once."""
    with pytest.raises(Refused) as refused:
        reminder(keys, window_open=False)
    assert (refused.value.code, refused.value.hard) == ("template_not_approved", False)


@pytest.mark.parametrize("window_open", [True, None])
def test_within_the_24_hours_free_text_will_do(keys: Keys, window_open: bool | None):
    """Where nobody knows, the provider decides."""
    message = reminder(keys, window_open=window_open)
    assert (message.template_id, message.template_variables) == ("", {})
    assert "Monday, March 2, 2026" in message.text


def test_a_template_that_is_not_approved_yet_is_free_text_only(keys: Keys):
    """It was submitted, but not answered."""
    waiting = whatsapp("We say hello to {{ reader_name }} today.", is_approved=False)
    assert reminder(keys, waiting, window_open=True).template_id == ""
    with pytest.raises(Refused, match="template_not_approved"):
        reminder(keys, waiting, window_open=False)


def test_a_template_speaks_its_own_language_only(keys: Keys):
    """A French approval is no English one."""
    french = whatsapp("Bonjour {{ reader_name }}, un article pour aujourd'hui ?", language="fr")
    with pytest.raises(Refused):
        reminder(keys, french, window_open=False)
    with speaking("fr"):
        assert reminder(keys, french, window_open=False).template_id == "HX1"


def test_values_too_long_for_a_template_wait_for_the_24_hours(renderer: Renderer, keys: Keys):
    """WhatsApp takes 255 characters a value, on one line."""
    template = StoredTemplate(
        TemplateId(Kind.ALERT, Channel.WHATSAPP, "en"), Texts("An alert from the bot: {{ text }} Please have a look."),
        version=1, is_approved=True, provider_template_id="HX2",
    )  # fmt: skip
    renderer = renderer.reading(TemplateBook([template]))
    alert = replace(context(Kind.ALERT, Channel.WHATSAPP, content={"text": "x\n" * 127 + "y"}), window_open=False)
    assert renderer.render(alert).template_variables == {"1": "x " * 127 + "y"}
    long = replace(context(Kind.ALERT, Channel.WHATSAPP, content={"text": "x" * 256}), window_open=False)
    with pytest.raises(Refused, match="template_not_approved"):
        renderer.render(long)
    assert "x" * 256 in renderer.render(replace(long, window_open=True)).text


def test_a_finished_message_is_sent_as_it_is(renderer: Renderer):
    """A test of a text: no template is put around it again, and its buttons stay behind."""
    made = rendered(renderer, Kind.REMINDER, Channel.EMAIL)
    again = renderer.render(context(Kind.MESSAGE, Channel.EMAIL, content=json.loads(json.dumps(finished(made)))))
    assert (again.subject, again.text, again.html) == (made.subject, made.text, made.html)
    assert (again.sender, again.buttons, again.headers) == ("Postrider <desk@example.org>", (), {})
    with pytest.raises(RenderError):
        renderer.render(context(Kind.MESSAGE, Channel.SMS, content={PREPARED: {"unknown": 1}}))


def test_a_long_announcement_loses_nothing_in_the_chat(renderer: Renderer):
    """It goes out in parts, like any message."""
    content = {"subject": "News", "text": "A sentence. " * 1000}
    message = rendered(renderer, Kind.ANNOUNCEMENT, Channel.TELEGRAM, content=content)
    assert units(message.text) > MESSAGE_UNITS
    assert message.html is None


def test_a_reader_without_an_account_has_no_name(renderer: Renderer):
    """Sent from the command line."""
    nobody: RenderContext = replace(context(Kind.MESSAGE, Channel.SMS), account=None)
    assert renderer.values(nobody)["reader_name"] == ""
    somebody = context(Kind.MESSAGE, Channel.SMS)
    assert isinstance(somebody.account, Account)
    assert renderer.values(somebody)["reader_name"] == "Ada"


def test_facts_of_a_post_need_the_post(keys: Keys):
    """Erased meanwhile."""
    with pytest.raises(RenderError):
        facts_of(context(Kind.KEPT, Channel.SMS).notification, None, keys, {})
