"""The web role, built for its process."""

from collections.abc import Callable, Mapping

import structlog

from core.accounts.devices import Devices
from core.accounts.links import Links
from core.delivery.aftermath import Aftermath
from core.delivery.deliveries import Deliveries
from core.delivery.events import Events
from core.delivery.inbound import Inbound
from core.parts import Parts
from core.ports import Reporting
from web.app import build_web
from web.checks import no_backlog
from web.parts import Check, WebParts
from web.server import WebRole

log = structlog.get_logger(__name__)


def build_web_role(
    parts: Parts,
    reporting: Callable[[str], Reporting | None],
    *,
    on_update: Callable[[], None] = lambda: None,
    checks: Mapping[str, Check],
) -> WebRole:
    """Listens already, so that a taken port stops the start. `on_update` wakes a bot in this process."""
    ours, database, clock = parts.settings, parts.database, parts.clock
    web = WebParts(
        database=database,
        clock=clock,
        links=Links(database, clock, parts.keys, ours.public_url),
        events=Events(
            database,
            reporting,
            Aftermath(parts.keys, ours.admin_telegram_ids),
            Inbound(parts.keys, ours.sender_name),
            clock,
        ),
        devices=Devices(database, clock, parts.keys, ours),
        telegram_secret=parts.webhook_secret,
        metrics_token=ours.web.metrics_token.get_secret_value() if ours.web.metrics_token else None,
        public_url=ours.public_url,
        on_update=on_update,
        checks={"deliveries": no_backlog(Deliveries(database, clock)), **checks},
    )
    role = WebRole(build_web(web), ours.web.host, ours.web.port)
    role.listen()
    log.info("web server listens", url=role.url)
    return role
