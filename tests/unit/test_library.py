"""The author's shelf: pages, states, words, and how each post's deliveries fared."""

import pytest

from core.errors import AppError
from core.model import Account, Channel, Page
from core.posts.approvals import Approvals
from core.posts.drafts import Drafts
from core.posts.library import Library, Shelf, checked_word
from core.secrets import Keys
from core.settings import Settings
from storage.database import Database
from tests.accounts import an_account, saved
from tests.conftest import SteppedClock
from tests.writers import ScriptedWriter


@pytest.fixture
def drafts(database: Database, clock: SteppedClock, keys: Keys) -> Drafts:
    return Drafts(database, clock, keys, ScriptedWriter(), Settings.model_construct())


@pytest.fixture
async def author(database: Database) -> Account:
    return await saved(database, an_account())


@pytest.fixture
def library(database: Database) -> Library:
    return Library(database)


def ids(page: Page) -> list[int]:
    return [line.view.post.id for line in page.items]


async def test_five_posts_make_a_page(library: Library, drafts: Drafts, author: Account) -> None:
    """A page beyond the last is the last: posts may have gone since the button was made."""
    for number in range(6):
        await drafts.start(author, f"Idea number {number}", source_key=f"update:{number}")
    first, last, beyond = [await library.page(author, number) for number in (1, 2, 9)]
    assert (ids(first), first.pages, first.total) == ([6, 5, 4, 3, 2], 2, 6)
    assert (ids(last), beyond) == ([1], last)


async def test_an_empty_shelf_has_one_empty_page(library: Library, author: Account) -> None:
    """There is something to show before the first idea."""
    assert await library.page(author) == Page((), 1, 1, 0)


async def test_deleted_posts_show_only_on_their_own_shelf(
    library: Library, drafts: Drafts, author: Account, database: Database, clock: SteppedClock, keys: Keys
) -> None:
    """The others are where their state says."""
    approvals = Approvals(database, clock, keys)
    for number in range(4):
        await drafts.start(author, f"Idea number {number}", source_key=f"update:{number}")
    await approvals.delete(author, 1)
    for post_id in (2, 3):
        await approvals.approve(author, post_id, 1)
    await approvals.mark_posted(author, 3)
    shelves = {shelf: ids(await library.page(author, shelf=shelf)) for shelf in Shelf}
    assert shelves == {
        Shelf.ALL: [4, 3, 2],
        Shelf.DRAFT: [4],
        Shelf.APPROVED: [2],
        Shelf.POSTED: [3],
        Shelf.DELETED: [1],
    }


async def test_a_line_has_the_last_delivery_of_each_channel(library: Library, drafts: Drafts, author: Account) -> None:
    """A newer mail stands for the older ones."""
    await drafts.start(author, "Idea number one", source_key="update:1")
    await drafts.edit(author, 1, "My own words")
    (line,) = (await library.page(author)).items
    keys = {delivery.delivery_type: delivery.idempotency_key for delivery in line.deliveries}
    assert keys == {Channel.TELEGRAM: "post:1:v2:telegram", Channel.EMAIL: "post:1:v2:email"}


async def test_a_search_finds_words_of_one_s_own_posts(
    library: Library, drafts: Drafts, author: Account, database: Database
) -> None:
    """And none of somebody else's."""
    other = await saved(database, an_account(telegram_id=2, public_id="other", email=None))
    await drafts.start(author, "Idea about launching", source_key="update:1")
    await drafts.start(author, "Idea about hiring", source_key="update:2")
    assert ids(await library.page(author, word="LAUNCH")) == [1]
    assert ids(await library.page(other, word="launch")) == []


def test_a_word_must_fit_a_button() -> None:
    """Spaces are tidied; more than 40 bytes are refused with an example."""
    assert checked_word("  big \n launch ") == "big launch"
    assert checked_word("é" * 20) == "é" * 20
    with pytest.raises(AppError, match="Example: /posts launch"):
        checked_word("é" * 21)
