"""What people type about a post, checked: ideas, instructions, texts of their own. Pure."""

from core.errors import AppError
from core.i18n import N_
from core.posts.writing import MAX_POST

MAX_IDEA = 4_000  # characters
MIN_IDEA = 5  # letters: a number alone says nothing
MAX_INSTRUCTION = 500  # characters


def checked_idea(text: str) -> str:
    """An idea worth writing about. Raises `AppError` that says why it isn't."""
    idea = text.strip()
    if sum(character.isalpha() for character in idea) < MIN_IDEA:
        raise AppError(
            N_(
                "That is too short for a post. Tell me a little more, in a sentence or two. "
                "Example: We cut our release time from two weeks to one day by deleting half of our tests."
            )
        )
    if len(idea) > MAX_IDEA:
        raise AppError(
            N_(
                "That idea has {length} characters; up to {limit} work. "
                "Send the heart of it. Example: Three things I learned when our biggest customer left."
            ),
            {"length": len(idea), "limit": MAX_IDEA},
        )
    return idea


def checked_instruction(text: str) -> str:
    """What the author wants changed, in their own words."""
    instruction = text.strip()
    if not instruction:
        raise AppError(N_("Tell me in a few words what to change. Example: mention the launch date, drop the emoji"))
    if len(instruction) > MAX_INSTRUCTION:
        raise AppError(
            N_(
                "That has {length} characters; up to {limit} work. Example: mention the launch date, drop the emoji. "
                "To replace the text itself, reply to the draft card."
            ),
            {"length": len(instruction), "limit": MAX_INSTRUCTION},
        )
    return instruction


def checked_text(text: str) -> str:
    """A post as the author wrote it."""
    post = text.strip()
    if not post:
        raise AppError(N_("There is no text in that. Reply to the card with the whole new text of the post."))
    if len(post) > MAX_POST:
        raise AppError(
            N_(
                "Your text has {length} characters, and LinkedIn takes {limit}. Shorten it by {over} and send it again."
            ),
            {"length": len(post), "limit": MAX_POST, "over": len(post) - MAX_POST},
        )
    return post
