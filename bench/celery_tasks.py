"""The same post as a Celery task: retries as ours, and a row that says how it stands. For bench/deliveries.py."""

import os
import sqlite3

import httpx
from celery import Celery

app = Celery("bench", broker=os.environ.get("BENCH_REDIS", "redis://127.0.0.1:6379/9"))
app.conf.update(task_ignore_result=True, worker_prefetch_multiplier=25, task_acks_late=True, broker_pool_limit=10)
http: httpx.Client | None = None
rows: sqlite3.Connection | None = None


def opened() -> tuple[httpx.Client, sqlite3.Connection]:
    """One client and one connection for each worker process."""
    global http, rows
    if http is None or rows is None:
        http = httpx.Client(timeout=20)
        rows = sqlite3.connect(os.environ["BENCH_ROWS"], timeout=30, isolation_level=None)
        rows.execute("PRAGMA journal_mode=WAL")
    return http, rows


@app.task(bind=True, max_retries=3)
def deliver(self, number: int) -> None:
    """Post, then write the row; 5 min, 15 min, 1 h where it fails."""
    client, table = opened()
    body = {"to": "+14155550123", "subject": "", "text": os.environ["BENCH_TEXT"], "html": "", "key": str(number)}
    try:
        answer = client.post(os.environ["BENCH_URL"], json=body, headers={"Authorization": "Bearer sandbox"})
        answer.raise_for_status()
    except httpx.HTTPError as error:
        raise self.retry(exc=error, countdown=(300, 900, 3600)[self.request.retries]) from error
    table.execute("UPDATE deliveries SET status = 'sent', message_id = ? WHERE id = ?", (answer.json()["id"], number))
