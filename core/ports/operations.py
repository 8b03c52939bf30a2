"""Where what admins look at comes from. Reading only."""

from typing import Protocol

from core.model.analytics import FunnelStep, InvitationSummary, NotificationAnalytics, ProviderPerformance


class Views(Protocol):
    """The documents' four views (storage/views.py)."""

    async def invitation_summary(self, user_id: int) -> InvitationSummary | None: ...

    async def notification_analytics(self, user_id: int) -> list[NotificationAnalytics]: ...

    async def provider_performance(self) -> list[ProviderPerformance]: ...

    async def conversion_funnel(self) -> list[FunnelStep]: ...
