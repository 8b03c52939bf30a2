"""What is counted, for Prometheus. Labels name channels, providers and outcomes, never people."""

from prometheus_client import Counter, Gauge, Histogram

from core.model import Channel

SECONDS = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)

attempts = Histogram(
    "postrider_attempt_seconds", "Provider calls by outcome", ["channel", "provider", "outcome"], buckets=SECONDS
)
updates = Histogram("postrider_update_seconds", "Updates from Telegram, handled", ["outcome"], buckets=SECONDS)
webhooks = Counter("postrider_webhooks", "Requests of providers", ["provider", "outcome"])
waiting = Gauge("postrider_updates_waiting", "Updates stored and not handled yet")
overdue = Gauge("postrider_delivery_overdue_seconds", "How long the longest waiting delivery has been due")
deliveries = Gauge("postrider_deliveries", "Deliveries by channel and status", ["channel", "status"])


def observe_attempt(channel: Channel, provider: str, outcome: str, seconds: float) -> None:
    """One provider call (`core.delivery.engine.Observe`)."""
    attempts.labels(channel.value, provider, outcome).observe(seconds)
