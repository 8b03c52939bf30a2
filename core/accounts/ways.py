"""By which providers people can be reached here."""

from core.model import Channel
from core.ports import UnitOfWork


async def provider_names(uow: UnitOfWork) -> dict[Channel, tuple[str, ...]]:
    """The providers that are set up today, by channel, the first ones first; a channel without any is missing."""
    found: dict[Channel, tuple[str, ...]] = {}
    for row in await uow.providers.all():
        if row.is_configured:
            found[row.provider_type] = (*found.get(row.provider_type, ()), row.provider_name)
    return found
