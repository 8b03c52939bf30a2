"""How long the program takes from nothing to its first getUpdates, and what memory it holds then.

    .venv/bin/python bench/start.py [--runs 5]

Each run starts the real process, `app.py run` with all roles, against a small Bot API server in this one, and stops it.
"cold" begins without a database and migrates first; "again" starts on the database that this left.
"""

import argparse
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
PATIENCE = 60.0  # seconds for the first poll, and for the stop
SETTLE = 1.0  # seconds after the first poll until memory is read: the menu of commands is set meanwhile
TARGET_SECONDS, TARGET_MB = 4.0, 300
ME = {"id": 1, "is_bot": True, "first_name": "Bench", "username": "bench_bot"}
ANSWERS: dict[str, Any] = {"getme": ME, "getmycommands": [], "getmydescription": {"description": ""},
                           "getmyshortdescription": {"short_description": ""}}  # fmt: skip


class BotApi(ThreadingHTTPServer):
    """Answers what a starting bot asks. `polled` is set by the first getUpdates, and none is ever answered."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Methods)
        self.polled, self.closing = threading.Event(), threading.Event()
        self.polled_at = 0.0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class Methods(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: BotApi

    def do_POST(self) -> None:
        method = self.path.rpartition("/")[2].lower()
        if method == "getupdates":
            now = time.perf_counter()
            if not self.server.polled.is_set():
                self.server.polled_at = now
                self.server.polled.set()
            self.server.closing.wait(PATIENCE)
            self.close_connection = True
            return
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        body = json.dumps({"ok": True, "result": ANSWERS.get(method, True)}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments: Any) -> None:
        """Nothing."""


@contextmanager
def bot_api() -> Iterator[BotApi]:
    server = BotApi()
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server
    finally:
        server.closing.set()
        server.shutdown()
        server.server_close()


def environment(folder: Path, api_base: str) -> dict[str, str]:
    """This machine's environment without any setting of ours."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
    return kept | {
        "TELEGRAM_BOT_TOKEN": "1:bench",
        "TELEGRAM_API_BASE": api_base,
        "DATABASE_URL": f"sqlite+aiosqlite:///{folder}/bench.db",
        "WEB_PORT": "0",
    }


def one_start(folder: Path) -> tuple[float, float]:
    """Seconds to the first poll, and resident megabytes a moment later."""
    with bot_api() as api, (folder / "log").open("wb") as log:
        began = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, str(ROOT / "app.py"), "run"], cwd=folder, env=environment(folder, api.url), stderr=log
        )
        try:
            if not api.polled.wait(PATIENCE):
                raise SystemExit(f"no poll within {PATIENCE:.0f} s:\n{(folder / 'log').read_text()}")
            time.sleep(SETTLE)
            return api.polled_at - began, resident(process.pid)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(PATIENCE)


def resident(pid: int) -> float:
    """Megabytes of 1,000,000 bytes; ps speaks of KiB."""
    told = subprocess.run(["ps", "-o", "rss=", "-p", str(pid)], capture_output=True, text=True, check=True)
    return int(told.stdout) * 1024 / 1e6


def main(runs: int) -> None:
    """Print the medians beside the targets."""
    starts: dict[str, list[tuple[float, float]]] = {"cold": [], "again": []}
    for _run in range(runs):
        with tempfile.TemporaryDirectory() as folder:
            for found in starts.values():
                found.append(one_start(Path(folder)))
    for name, found in starts.items():
        seconds, megabytes = (statistics.median(column) for column in zip(*found, strict=True))
        print(f"{name:6} {seconds:5.2f} s to the first poll (target {TARGET_SECONDS:.0f}), "
              f"{megabytes:4.0f} MB resident (target {TARGET_MB})")  # fmt: skip


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=5)
    main(parser.parse_args().runs)
