"""Who may come in, under each ACCESS."""

from datetime import UTC, datetime

import pytest

from core.accounts.access import AccessPolicy
from core.model import Access, User

OPEN, APPROVE, LIST = (AccessPolicy.made_of(mode, ["5", "@Eve"], [1]) for mode in ("open", "approve", "list"))
ALLOWED, REQUESTED, DENIED = Access.ALLOWED, Access.REQUESTED, Access.DENIED


def user(access: Access, telegram_id: int = 9, username: str | None = None) -> User:
    return User(1, "x", telegram_id, "Ada", access, datetime(2026, 1, 1, tzinfo=UTC), username=username)


@pytest.mark.parametrize(
    ("policy", "stored", "expected"),
    [
        (OPEN, ALLOWED, ALLOWED),
        (OPEN, REQUESTED, ALLOWED),  # asked while approval was needed
        (OPEN, DENIED, DENIED),  # an admin's own decision stays
        (APPROVE, ALLOWED, ALLOWED),
        (APPROVE, REQUESTED, REQUESTED),
        (APPROVE, DENIED, DENIED),
        (LIST, ALLOWED, DENIED),
        (LIST, REQUESTED, DENIED),
    ],
)
def test_what_today_makes_of_a_stored_answer(policy: AccessPolicy, stored: Access, expected: Access):
    """ACCESS may have changed since they first came."""
    assert policy.of(user(stored)) is expected


@pytest.mark.parametrize("policy", [OPEN, APPROVE, LIST])
@pytest.mark.parametrize(("telegram_id", "username"), [(1, None), (5, None), (9, "eve"), (9, "EVE")])
def test_admins_and_listed_people_always_come_in(policy: AccessPolicy, telegram_id: int, username: str | None):
    """The operator's word counts for more than a button pressed long ago."""
    assert policy.of(user(DENIED, telegram_id, username)) is ALLOWED
    assert policy.at_first(telegram_id, username) is ALLOWED


@pytest.mark.parametrize(("policy", "expected"), [(OPEN, ALLOWED), (APPROVE, REQUESTED), (LIST, REQUESTED)])
def test_a_stranger_is_never_stored_as_denied(policy: AccessPolicy, expected: Access):
    """Else a later change of ACCESS would not let them in."""
    assert policy.at_first(9, "stranger") is expected


def test_a_person_without_a_name_is_not_on_a_list_with_an_empty_entry():
    """A stray comma must not open the door."""
    assert AccessPolicy.made_of("list", ["", "@"], []).of(user(ALLOWED)) is DENIED
