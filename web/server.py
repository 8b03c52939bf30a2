"""The web role: uvicorn inside our event loop, without signal handlers or an access log (paths hold tokens)."""

import contextlib
import socket
from collections.abc import Iterator

import uvicorn
from starlette.types import ASGIApp

from core.errors import SettingsError

GRACE = 5  # seconds for requests under way


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leaves signals to the program."""
        yield


class WebRole:
    """Serves until `stop`. `url` is known after `listen`."""

    def __init__(self, app: ASGIApp, host: str, port: int) -> None:
        self._host, self._port = host, port
        # proxy_headers would let anybody say where they come from.
        self._server = _Server(
            uvicorn.Config(
                app, log_config=None, access_log=False, lifespan="off", server_header=False, proxy_headers=False,
                timeout_graceful_shutdown=GRACE, ws="none",
            )
        )  # fmt: skip
        self._socket: socket.socket | None = None

    @property
    def url(self) -> str:
        """Where it answers."""
        assert self._socket is not None
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"http://{host}:{self._socket.getsockname()[1]}"

    def listen(self) -> None:
        """Takes the port; raises `SettingsError` where it is taken."""
        family = socket.AF_INET6 if ":" in self._host else socket.AF_INET
        listener = socket.socket(family, socket.SOCK_STREAM)
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind((self._host, self._port))
        except OSError as error:
            listener.close()
            where = f"{self._host}:{self._port}"
            raise SettingsError(
                f"WEB_PORT: can't listen on {where}: {error.strerror} (example: WEB_PORT=8090)"
            ) from None
        self._socket = listener

    async def run(self) -> None:
        """Serves; returns once it was stopped and requests under way have finished."""
        if self._socket is None:
            self.listen()
        assert self._socket is not None
        await self._server.serve([self._socket])

    def stop(self) -> None:
        """Takes no more requests."""
        self._server.should_exit = True
