"""Cards in the chat: edited where they were pressed, sent anew where that is gone."""

from core import buttons


async def test_a_stranger_button_is_answered(chat):
    await chat.presses_data(buttons.draft("approve", 1, 1))
    assert chat.alerts


async def test_sticker(chat):
    await chat.sends(
        sticker={
            "file_id": "1",
            "file_unique_id": "1",
            "type": "regular",
            "width": 1,
            "height": 1,
            "is_animated": False,
            "is_video": False,
        }
    )
    assert chat.replies
