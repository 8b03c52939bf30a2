"""Where what admins look at comes from."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Protocol

from core.model import Delivery, Notification
from core.model.analytics import FunnelStep, InvitationSummary, NotificationAnalytics, ProviderPerformance
from core.model.dead_letters import Cause, Which
from core.model.figures import DayCost, Sendings, Taken, Unit, Volume


class Figures(Protocol):
    """Numbers about deliveries (storage/figures.py). `since` belongs to a stretch of time, `until` does not."""

    async def volume(self, since: datetime, until: datetime, unit: Unit) -> list[Volume]: ...

    async def taken(self, since: datetime, until: datetime, unit: Unit) -> list[Taken]: ...

    async def sendings(self, since: datetime, until: datetime) -> list[Sendings]: ...


class DeadLetterRows(Protocol):
    """Deliveries that gave up (storage/dead_letters.py)."""

    async def causes(self) -> list[Cause]: ...

    async def count(self, which: Which) -> int: ...

    async def page(self, which: Which, *, offset: int, limit: int) -> list[tuple[Delivery, Notification]]: ...

    async def ids(self, which: Which, *, after: int, limit: int) -> list[int]: ...

    async def taken_over(self, delivery_ids: Collection[int]) -> set[int]: ...


class Costs(Protocol):
    """`provider_cost_analysis` (storage/costs.py)."""

    async def of_days(self, first: date, last: date) -> list[DayCost]: ...

    async def keep(self, costs: Sequence[DayCost], now: datetime) -> None: ...


class Views(Protocol):
    """The documents' four views (storage/views.py)."""

    async def invitation_summary(self, user_id: int) -> InvitationSummary | None: ...

    async def notification_analytics(self, user_id: int) -> list[NotificationAnalytics]: ...

    async def provider_performance(self) -> list[ProviderPerformance]: ...

    async def conversion_funnel(self) -> list[FunnelStep]: ...
