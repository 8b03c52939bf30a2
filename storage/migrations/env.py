"""Alembic's entry: runs on the connection that `storage.migrate` hands over."""

from typing import Any, Literal

from alembic import context

from storage.tables import metadata
from storage.types import BigId, Json, UtcDateTime

OUR_TYPES = {id(BigId): "BigId", id(Json): "Json"}


def render_item(kind: str, item: Any, autogenerate: Any) -> str | Literal[False]:
    """Write our column types into new migrations by name, so that both databases get their own variant."""
    if kind != "type":
        return False
    name = "UtcDateTime()" if isinstance(item, UtcDateTime) else OUR_TYPES.get(id(item))
    return f"storage.types.{name}" if name else False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    compare_type=True,
    render_item=render_item,
    transaction_per_migration=True,
)
with context.begin_transaction():
    context.run_migrations()
