"""Whether a process may take over what another had in hand, without waiting for its lease to end."""

import pytest

from app import ROLES, works_alone

SQLITE, POSTGRES = "sqlite+aiosqlite:///var/postrider.db", "postgresql+asyncpg://postgres@db/postrider"


@pytest.mark.parametrize(
    ("names", "url", "alone"),
    [(ROLES, SQLITE, True), (("bot", "web"), SQLITE, False), (ROLES, POSTGRES, False), (("worker",), POSTGRES, False)],
)
def test_only_a_locked_file_is_proof_that_nobody_else_works(names: tuple[str, ...], url: str, alone: bool):
    """Two whole programs on one PostgreSQL would handle each other's updates a second time at every start."""
    assert works_alone(names, url) is alone
