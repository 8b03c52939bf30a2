"""`python -m demo`: the pretend Telegram by itself, for a bot that runs elsewhere."""

import argparse
import asyncio
import contextlib
import logging
import signal
import sys
from pathlib import Path

from demo.service import DEMO_TOKEN, Demo


def arguments(given: list[str] | None = None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m demo", description="A pretend Telegram, mailbox and phones.")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: this machine only)")
    parser.add_argument("--port", type=int, default=8081, help="the page and the Bot API; 0 picks a free port")
    parser.add_argument("--smtp-port", type=int, default=8025, help="the mail server; 0 picks a free port")
    parser.add_argument("--state", type=Path, default=None, help="a JSON file that keeps chats over restarts")
    parser.add_argument("--reports-to", default="", help="who hears what phones answer: http://.../webhooks/sandbox")
    parser.add_argument("--gateway-key", default="sandbox", help="SANDBOX_API_KEY of who sends through the gateway")
    return parser.parse_args(given)


async def run(options: argparse.Namespace) -> None:
    """Serves until SIGINT or SIGTERM."""
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
    demo = Demo(
        options.host, options.port, options.smtp_port, options.state, options.reports_to, options.gateway_key
    )  # fmt: skip
    async with demo:
        lines = (
            f"Open              {demo.url}",
            f"TELEGRAM_API_BASE={demo.api_base}",
            f"TELEGRAM_BOT_TOKEN={DEMO_TOKEN}",
            f"SMTP_URL={demo.smtp_url}",
        )
        sys.stdout.write("\n".join(lines) + "\n")
        sys.stdout.flush()
        await stop.wait()


def main() -> int:
    """0 after a clean stop, 1 where a port is taken."""
    logging.basicConfig(level=logging.WARNING)
    options = arguments()
    try:
        asyncio.run(run(options))
    except OSError as wrong:
        sys.stderr.write(f"can't listen: {wrong.strerror}; choose other ports with --port and --smtp-port\n")
        return 1
    except KeyboardInterrupt:
        pass
    return 0


if __name__ == "__main__":
    sys.exit(main())
