"""The unit of work over one SQLAlchemy connection. A repository is one file and one line here."""

from functools import cached_property

from sqlalchemy.ext.asyncio import AsyncConnection


class SqlUnitOfWork:
    """All repositories of one transaction. `has_outbox` says that deliveries were queued in it."""

    def __init__(self, connection: AsyncConnection) -> None:
        self.connection = connection
        self.has_outbox = False
