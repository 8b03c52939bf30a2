"""How much one person may ask for in a day (UTC)."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from core.errors import AppError
from core.i18n import N_
from core.model import Account
from core.ports import UnitOfWork


def day_start(now: datetime) -> datetime:
    """The last UTC midnight: counts begin anew there."""
    return datetime.combine(now.astimezone(UTC).date(), time(), UTC)


async def check_drafts(uow: UnitOfWork, account: Account, limit: int, now: datetime) -> None:
    """Raises `AppError` when the user has had all drafts of the day, those being written included."""
    if await uow.posts.drafts_since(account.user.id, day_start(now), now) >= limit:
        raise AppError(
            N_("Today's drafts are used up: {limit} a day are allowed. The count starts anew at {time} your time."),
            {"limit": limit, "time": local_reset(now, account.preferences.timezone)},
        )


def local_reset(now: datetime, timezone: str) -> str:
    """The next UTC midnight on the user's clock, as HH:MM."""
    return (day_start(now) + timedelta(days=1)).astimezone(ZoneInfo(timezone)).strftime("%H:%M")
