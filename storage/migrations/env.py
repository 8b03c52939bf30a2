"""Alembic's entry: runs on the connection that `storage.migrate` hands over."""

from typing import Any, Literal

from alembic import context

from storage.analytics import create_views, drop_views
from storage.tables import metadata
from storage.types import BigId, Json, UtcDateTime

OUR_TYPES = {id(BigId): "BigId", id(Json): "Json"}


def render_item(kind: str, item: Any, autogenerate: Any) -> str | Literal[False]:
    """Write our column types into new migrations by name, so that both databases get their own variant."""
    if kind != "type":
        return False
    name = "UtcDateTime()" if isinstance(item, UtcDateTime) else OUR_TYPES.get(id(item))
    return f"storage.types.{name}" if name else False


connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=metadata,
    render_as_batch=True,
    compare_type=True,
    render_item=render_item,
    transaction_per_migration=True,
)
with context.begin_transaction():
    drop_views(connection)
    context.run_migrations()
    if context.get_context().get_current_revision() == context.get_head_revision():  # not on the way back
        create_views(connection)
