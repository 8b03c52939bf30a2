"""Changes of a provider as admins write them."""

from decimal import Decimal

import pytest

from core.errors import AppError
from core.operations.provider_words import Edit, Topic, parse_edit


@pytest.mark.parametrize(
    ("text", "edit"),
    [
        ("price 0.0079", Edit(Topic.PRICE, Decimal("0.0079"))),
        ("Price fr 0,065", Edit(Topic.PRICE, Decimal("0.065"), "FR")),
        ("price: 0", Edit(Topic.PRICE, Decimal(0))),
        ("price none", Edit(Topic.PRICE)),
        ("precio FR ninguno", Edit(Topic.PRICE, None, "FR")),
        ("limit 60/min 1000/day", Edit(Topic.LIMITS, {"minute": 60, "day": 1000})),
        ("limits 6 per minute, 5 an hour and 10 per day", Edit(Topic.LIMITS, {"minute": 6, "hour": 5, "day": 10})),
        ("límite 10/h", Edit(Topic.LIMITS, {"hour": 10})),
        ("limite 10/jour", Edit(Topic.LIMITS, {"day": 10})),
        ("limit none", Edit(Topic.LIMITS, {})),
        ("coverage FR, de ES", Edit(Topic.COVERAGE, ("DE", "ES", "FR"))),
        ("coverage everywhere", Edit(Topic.COVERAGE)),
        ("couverture partout", Edit(Topic.COVERAGE)),
        ("share 70 %", Edit(Topic.SHARE, 70)),
        ("share none", Edit(Topic.SHARE)),
        ("priority 2", Edit(Topic.PRIORITY, 2)),
        ("prioridad default", Edit(Topic.PRIORITY)),
    ],
)  # fmt: skip
def test_a_change_in_words(text: str, edit: Edit):
    """In three languages, with a comma or a point."""
    assert parse_edit(text) == edit


@pytest.mark.parametrize(
    "text",
    ["", "price", "price much", "price FR", "price FR DE 1", "price 1 2", "price -1", "price 1e9", "limit 60",
     "limit many", "limit 60/min 70/min", "limit 60/min or so", "share half", "share 1000",
     "priority 1.5", "weight 2", "coverage"],
)  # fmt: skip
def test_what_is_no_change_is_refused(text: str):
    """With an example of each; nothing is half understood."""
    with pytest.raises(AppError, match=r"price 0\.0079|is no country"):
        parse_edit(text)


@pytest.mark.parametrize("text", ["price XX 1", "coverage FR, Narnia"])
def test_a_country_that_is_none_is_named(text: str):
    """Two letters, as in ISO 3166."""
    with pytest.raises(AppError, match="no country"):
        parse_edit(text)
