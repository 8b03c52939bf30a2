"""The cards of the chat: what they show, which buttons they have, and Telegram's limits."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core import cards
from core.i18n import speaking
from core.model import LANGUAGES, Button, Card, PostState
from core.posts.writing import Direction
from core.rendering.telegram_text import MESSAGE_UNITS, html_units, plain
from tests.unit.samples import POST, view

STATES = [PostState.DRAFT, PostState.APPROVED, PostState.POSTED, PostState.DELETED]
ALPHABETS = ('<b>&amp;" \n', "🙂👩‍👩‍👧 \n", "مرحبا بكم \u200f\n", "plain words, 12 of them.\n")
pieces = st.sampled_from(ALPHABETS).flatmap(lambda letters: st.text(letters, min_size=1, max_size=60))
posts = st.builds(lambda piece, times: (piece * times)[:4000] or "x", pieces, st.integers(1, 200)).filter(str.strip)


def texts(card: Card) -> list[str]:
    return [button.text for row in card.buttons for button in row]


def datas(card: Card) -> list[str]:
    return [button.data for row in card.buttons for button in row if button.data]


def assert_telegram_takes(card: Card) -> None:
    assert 0 < html_units(card.text) <= MESSAGE_UNITS
    for row in card.buttons:
        for button in row:
            assert sum(value is not None for value in (button.data, button.url, button.copy)) == 1
            assert len((button.data or "").encode()) <= 64
            assert 1 <= len((button.copy or "x").encode("utf-16-le")) // 2 <= 256


@settings(max_examples=60, deadline=None)
@given(posts, st.sampled_from(STATES), st.sampled_from(LANGUAGES), st.booleans())
def test_every_card_of_a_post_fits(text: str, state: PostState, language: str, kept: bool):
    """HTML, emoji, right-to-left and texts beyond 3,000 characters, in every state and language."""
    shown = view(text, state, number=2, latest=12, keep_until=datetime(2026, 3, 9, 8, tzinfo=UTC) if kept else None)
    with speaking(language):
        for card in (cards.draft_card(shown, note="n" * 200), cards.directions_card(shown), cards.kept_card(shown)):
            assert_telegram_takes(card)
        for card in cards.copy_cards(text):
            assert_telegram_takes(card)


def test_ids_of_any_size_fit_a_button():
    """64 bytes, also for the longest names and numbers."""
    big = 2**63 - 1
    shown = view(number=999, latest=1000)
    for data in datas(cards.directions_card(shown)) + datas(cards.draft_card(shown)):
        assert len(data.replace("42", str(big)).encode()) <= 64


def test_a_users_html_stays_text():
    """The post reads as written, and is no markup."""
    card = cards.draft_card(view("<b>bold</b> & <script>"))
    assert "<b>bold</b> & <script>" in plain(card.text)
    assert "&lt;b&gt;bold&lt;/b&gt; &amp; &lt;script&gt;" in card.text


def test_a_draft_offers_the_three_choices():
    """Approve, Regenerate, Delete, and how long it is and who wrote it."""
    card = cards.draft_card(view())
    assert texts(card) == ["👍 Approve", "♻️ Regenerate", "🗑️ Delete"]
    assert datas(card) == ["d:approve:42:1:", "d:directions:42:1:", "d:delete:42:1:"]
    assert card.text.startswith("📝 <b>Draft</b>")
    assert f"{len(POST)} / 3,000 characters · offline writer" in card.text


@pytest.mark.parametrize(("number", "row"), [(1, ["1/3", "›"]), (2, ["‹", "2/3", "›"]), (3, ["‹", "3/3"])])
def test_versions_are_paged(number: int, row: list[str]):
    """No arrow leads nowhere."""
    card = cards.draft_card(view(number=number, latest=3))
    assert texts(card)[3:] == row
    assert f"version {number}/3" in card.text


def test_arrows_lead_to_the_neighbours():
    """The number is the version to show."""
    assert datas(cards.draft_card(view(number=2, latest=3)))[3:] == ["d:page:42:1:", "d:page:42:2:", "d:page:42:3:"]


def test_an_approved_post_offers_its_ways_out():
    """Copy, mail, LinkedIn, posted, keep, and back."""
    card = cards.draft_card(view(state=PostState.APPROVED))
    assert "✅ <b>Approved</b>" in card.text
    assert [data.split(":")[1] for data in datas(card)] == ["copy", "email", "posted", "keep", "unapprove"]
    assert "🔗 Open LinkedIn" in texts(card)


def test_a_short_text_is_copied_by_the_button_itself():
    """Telegram copies up to 256 units without a message."""
    button = cards.draft_card(view("Short & sweet", PostState.APPROVED)).buttons[0][0]
    assert button == Button("📋 Copy text", copy="Short & sweet")


def test_a_kept_post_names_its_local_date():
    """Eight in UTC is nine in Paris."""
    shown = view(state=PostState.APPROVED, keep_until=datetime(2026, 3, 9, 8, tzinfo=UTC))
    card = cards.draft_card(shown, timezone="Europe/Paris")
    assert plain(card.text).startswith("🕓 Kept for Mon, Mar 9, 09:00")
    assert "unkeep" in str(datas(card))


@pytest.mark.parametrize(("state", "action"), [(PostState.DELETED, "restore"), (PostState.POSTED, "unposted")])
def test_every_end_can_be_undone(state: PostState, action: str):
    """Nothing is lost."""
    assert datas(cards.draft_card(view(state=state)))[-1] == f"d:{action}:42:1:"


def test_the_fold_is_marked():
    """Where LinkedIn's readers must tap."""
    shown, hidden = plain(cards.draft_card(view()).text).split("┄┄┄ see more ┄┄┄")
    assert shown.rstrip().endswith("hurt the most.")
    assert hidden.strip().startswith("Then we removed it.")


def test_a_text_beyond_one_message_shows_its_beginning():
    """3,000 emoji are 6,000 units: the card says so, and the whole text is a tap away."""
    card = cards.draft_card(view("🙂" * 3000))
    assert "only the beginning" in card.text
    assert (card.buttons[0][0].text, card.buttons[0][0].data) == ("📄 Full text", "d:copy:42:1:")
    assert "".join(plain(copy.text) for copy in cards.copy_cards("🙂" * 3000)) == "🙂" * 3000


def test_too_long_for_linkedin_is_said():
    """An author's own text may be."""
    assert "⚠️ 3,001 / 3,000 characters" in cards.draft_card(view("x" * 3001)).text


@pytest.mark.parametrize(
    ("direction", "instruction", "said"),
    [
        ("shorter", "", "shorter"),
        ("own", "less <hype>", "“less &lt;hype&gt;”"),
        ("edit", "", "</b>\n"),
        ("?", "", "</b>\n"),
    ],
)
def test_a_version_says_what_changed(direction: str, instruction: str, said: str):
    """In the state line."""
    card = cards.draft_card(view(number=2, latest=2, direction=direction, instruction=instruction))
    assert said in card.text.partition("\n")[0] + "\n"


@pytest.mark.parametrize(
    ("writer", "name"),
    [("offline", "offline writer"), ("openai_compatible:llama-3", "llama-3"), ("user", "your own text")],
)
def test_the_writer_is_named(writer: str, name: str):
    """A reader knows whose words these are."""
    assert name in cards.draft_card(view(writer=writer)).text


@pytest.mark.parametrize(
    ("writer", "instruction", "is_said"),
    [
        ("offline", "thank the team", True),
        ("offline", "shorter", False),
        ("openai_compatible:m", "thank the team", False),
    ],
)
def test_a_wish_that_was_not_understood_is_admitted(writer: str, instruction: str, is_said: bool):
    """The offline writer knows some words only; a card shows only what really happened."""
    shown = view(POST, number=2, latest=2, writer=writer, direction=Direction.OWN, instruction=instruction)
    assert ("didn't understand" in cards.draft_card(shown).text) is is_said


def test_directions_name_their_change():
    """Each is one press; in one's own words is another; back leads back."""
    parts = [data.split(":") for data in datas(cards.directions_card(view()))]
    assert [part[-1] for part in parts] == ["shorter", "bolder", "personal", "story", "question", "hook", "", ""]
    assert [part[1] for part in parts] == ["write"] * 6 + ["own", "back"]


def test_a_reminder_names_its_day():
    """A press tomorrow must not act on today."""
    assert datas(cards.reminder_card(date(2026, 3, 2))) == ["r:draft:20260302", "r:snooze:20260302", "r:skip:20260302"]


def test_a_failure_says_why_and_offers_a_retry():
    """In plain words, never a code."""
    card = cards.gave_up_card(9, "telegram", "blocked", "draft")
    assert "I could not deliver a draft by Telegram: you have blocked the bot." in card.text
    assert datas(card) == ["v:retry:9"]


def test_an_unknown_failure_is_not_a_riddle():
    """A code nobody listed is the provider's problem."""
    assert "the provider reported a problem" in cards.gave_up_card(9, "email", "x_17", "kept").text


def test_a_request_for_access_shows_the_name_as_text():
    """A name is somebody else's input."""
    card = cards.access_request_card(3, "<a href='x'>Eve</a>")
    assert "&lt;a href" in card.text
    assert datas(card) == ["a:allow:3", "a:deny:3"]


@pytest.mark.parametrize(
    "card",
    [
        cards.message_card("s" * 200, "<" * 9000),
        cards.alert_card("🙂" * 4000),
        cards.writing_card("<idea>" * 900, note="n"),
    ],
)
def test_long_notices_fit(card: Card):
    """Whatever an admin or a user pastes."""
    assert_telegram_takes(card)
