"""Where somebody is, by every way to say it."""

import pytest

from tests.bot.conftest import ChatDriver


async def timezone(chat: ChatDriver) -> tuple[str, bool]:
    preferences = (await chat.account()).preferences
    return preferences.timezone, preferences.timezone_confirmed


async def test_a_shared_location_sets_it(chat: ChatDriver):
    """The button that shares it goes away."""
    await chat.says("/start")
    assert any(getattr(c.reply_markup, "keyboard", None) for c in chat.session.calls if hasattr(c, "reply_markup"))
    await chat.sends(location={"latitude": 48.85, "longitude": 2.35})
    assert await timezone(chat) == ("Europe/Paris", True)
    assert chat.session.calls[-1].reply_markup.remove_keyboard


async def test_a_city_answers_the_question(chat: ChatDriver):
    """With the time there, so that a mistake is seen."""
    await chat.says("/start")
    await chat.says("lyon")
    assert await timezone(chat) == ("Europe/Paris", True)
    assert "Lyon, France" in chat.replies[0]
    assert "10:00" in chat.replies[0]


async def test_the_location_button_goes_away_where_other_places_are_offered(chat: ChatDriver):
    """And the newcomer reads what comes next; who only changes the timezone later does not."""
    await chat.says("/start")
    await chat.says("london")
    assert "Perhaps here" in chat.replies[0]
    assert "send me an idea" in chat.replies[1]
    assert chat.session.calls[-1].reply_markup.remove_keyboard
    await chat.says("/timezone lyon")
    assert len(chat.replies) == 1


async def test_a_guess_answers_the_question(chat: ChatDriver):
    """And then the first idea is asked for."""
    await chat.says("/start")
    await chat.presses("New York")
    assert await timezone(chat) == ("America/New_York", True)
    assert "America/New_York" in chat.edits[0]
    assert "send me an idea" in chat.replies[0]


async def test_other_places_of_the_name_are_offered(chat: ChatDriver):
    """The largest is taken, the others are a tap away."""
    await chat.says("/timezone London")
    assert await timezone(chat) == ("Europe/London", True)
    await chat.presses("Canada")
    assert await timezone(chat) == ("America/Toronto", True)


@pytest.mark.parametrize("name", ["Europe/Paris", "europe/paris", "Paris", "Paris, France"])
async def test_a_command_sets_it(chat: ChatDriver, name: str):
    """By its own name or a city's."""
    await chat.says(f"/timezone {name}")
    assert await timezone(chat) == ("Europe/Paris", True)


async def test_an_idea_is_not_taken_for_a_city(chat: ChatDriver):
    """Who goes on writing has left the question, and a short idea later is one too."""
    await chat.says("/start")
    await chat.says("We cut our build from ten minutes to one.")
    assert chat.writer.briefs[0].idea.startswith("We cut")
    await chat.says("Remote work")
    assert chat.writer.briefs[1].idea == "Remote work"
    assert await timezone(chat) == ("UTC", False)


async def test_an_unknown_place_may_be_tried_again(chat: ChatDriver):
    """The answer also says what to do if it was an idea."""
    await chat.says("/start")
    await chat.says("Lyyon")
    assert "/new Lyyon" in chat.replies[0]
    await chat.says("Lyon")
    assert await timezone(chat) == ("Europe/Paris", True)


async def test_the_panel_marks_the_chosen_one(chat: ChatDriver):
    """And a press shows the whole panel with it."""
    await chat.says("/settings")
    await chat.presses("Timezone")
    await chat.presses("Los Angeles")
    assert "America/Los_Angeles" in chat.edits[0]
    assert "⚙️" in chat.edits[0]


async def test_a_forged_timezone_is_answered(chat: ChatDriver):
    """And none is set."""
    await chat.says("/start")
    await chat.presses_data("t:Mars/Olympus:start", message=chat.last.raw)
    assert "no longer works" in chat.alerts[0]
    assert await timezone(chat) == ("UTC", False)
