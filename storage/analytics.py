"""The documents' four views, as SQL that SQLite and PostgreSQL both read.

They hold no data, so they are no part of a migration: `storage/migrations/env.py` drops them before a migration changes
a table that they read (SQLite copies tables to change them, PostgreSQL refuses to drop a column that a view reads), and
makes them anew from here when the schema is the newest.

What the documents count otherwise: success is delivered or read, of those providers alone that can report arrival; an
invitation counts once for each action, however often it was opened; nothing is divided by zero.
"""
# ruff: noqa: S608 - put together from constants of this file alone

from sqlalchemy import Connection, MetaData, event, text

# A provider can tell of an arrival where the list in its row of the registry says so.
REPORTS = "CAST(registry.supported_features AS TEXT) LIKE '%\"reports_arrival\"%'"
REGISTRY = """LEFT JOIN provider_registry registry
  ON registry.provider_name = nd.provider_name AND registry.provider_type = nd.provider_type"""
HANDED_OVER = "nd.provider_name IS NOT NULL AND nd.status IN ('sent', 'delivered', 'read', 'failed', 'bounced')"
ARRIVED = "COUNT(CASE WHEN nd.status IN ('delivered', 'read') THEN 1 END)"
FAILED = "COUNT(CASE WHEN nd.status IN ('failed', 'bounced') THEN 1 END)"
CAN_TELL = f"CASE WHEN {REPORTS} THEN 1 END"
ARRIVED_OF_THOSE = f"COUNT(CASE WHEN nd.status IN ('delivered', 'read') THEN {CAN_TELL} END)"


def _invitations(action: str) -> str:
    return f"COUNT(DISTINCT CASE WHEN ih.action = '{action}' THEN ih.invitation_id END)"


def _rate(part: str, whole: str) -> str:
    """Per cent with two digits; null where there is nothing to be a part of."""
    return f"ROUND(100.0 * {part} / NULLIF({whole}, 0), 2)"


VIEWS = {
    "user_invitation_summary": f"""
SELECT u.id AS user_id, u.email,
  {_invitations("sent")} AS invitations_sent,
  {_invitations("received")} AS invitations_received,
  {_invitations("accepted")} AS invitations_accepted,
  {_invitations("declined")} AS invitations_declined,
  {_invitations("expired")} AS invitations_expired,
  {_rate(_invitations("accepted"), _invitations("received"))} AS acceptance_rate,
  MAX(ih.action_timestamp) AS last_activity
FROM users u LEFT JOIN user_invitation_history ih ON u.id = ih.user_id
GROUP BY u.id, u.email""",
    "user_notification_analytics": f"""
SELECT si.inviter_id AS user_id, nd.delivery_type,
  COUNT(*) AS total_sent,
  {ARRIVED} AS successful_deliveries,
  {FAILED} AS failed_deliveries,
  {_rate(ARRIVED_OF_THOSE, f"COUNT({CAN_TELL})")} AS success_rate
FROM invitations si
JOIN notification_deliveries nd ON si.id = nd.invitation_id
{REGISTRY}
WHERE {HANDED_OVER}
GROUP BY si.inviter_id, nd.delivery_type""",
    "provider_performance_summary": f"""
SELECT nd.provider_name, nd.provider_type,
  COUNT(*) AS total_deliveries,
  {ARRIVED} AS successful_deliveries,
  {FAILED} AS failed_deliveries,
  {_rate(ARRIVED_OF_THOSE, f"COUNT({CAN_TELL})")} AS success_rate,
  MAX(nd.currency) AS currency,
  CASE WHEN COUNT(DISTINCT nd.currency) < 2 THEN ROUND(AVG(nd.cost_per_message), 6) END AS avg_cost_per_message,
  CASE WHEN COUNT(DISTINCT nd.currency) < 2 THEN ROUND(SUM(nd.cost_per_message), 6) END AS total_cost,
  MIN(nd.sent_at) AS first_delivery,
  MAX(nd.sent_at) AS last_delivery
FROM notification_deliveries nd
{REGISTRY}
WHERE {HANDED_OVER}
GROUP BY nd.provider_name, nd.provider_type""",
    "invitation_conversion_funnel": f"""
SELECT si.invitation_type, si.conversation_style,
  COUNT(DISTINCT si.id) AS total_invitations,
  {_invitations("sent")} AS invitations_sent,
  {_invitations("viewed")} AS invitations_viewed,
  {_invitations("accepted")} AS invitations_accepted,
  {_rate(_invitations("viewed"), _invitations("sent"))} AS view_rate,
  {_rate(_invitations("accepted"), _invitations("viewed"))} AS conversion_rate
FROM invitations si LEFT JOIN user_invitation_history ih ON si.id = ih.invitation_id
GROUP BY si.invitation_type, si.conversation_style""",
}


def create_views(connection: Connection) -> None:
    """Make all of them as they are today; the tables are as this program knows them."""
    drop_views(connection)
    for name, query in VIEWS.items():
        connection.execute(text(f"CREATE VIEW {name} AS {query}"))


def drop_views(connection: Connection) -> None:
    """Out of the way of a change of a table; safe where there are none."""
    for name in VIEWS:
        connection.execute(text(f"DROP VIEW IF EXISTS {name}"))


def come_with(metadata: MetaData) -> None:
    """Whoever makes all tables without a migration gets the views too."""
    event.listen(metadata, "after_create", lambda target, connection, **_: create_views(connection))
    event.listen(metadata, "before_drop", lambda target, connection, **_: drop_views(connection))
