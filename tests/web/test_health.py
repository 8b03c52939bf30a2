"""Health, readiness, metrics, and the headers of every answer."""

import pytest

from web.security import HEADERS


async def test_a_living_process_says_so(browser):
    """Whatever else is wrong: restarting would not help."""
    answer = await browser.get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


async def test_ready_means_that_everything_it_needs_answers(make_browser):
    """Each part by its name."""

    async def polling() -> str | None:
        return None

    answer = await make_browser(checks={"polling": polling}).get("/readyz")
    assert answer.status_code == 200
    assert answer.json() == {"status": "ready", "checks": {"database": "ok", "polling": "ok"}}


async def test_not_ready_names_what_is_missing(make_browser):
    """503: a balancer sends nobody here."""

    async def polling() -> str | None:
        return "Telegram has not answered for 95 s"

    async def relay() -> str | None:
        raise ConnectionError("postgresql://user:secret@host")

    answer = await make_browser(checks={"polling": polling, "relay": relay}).get("/readyz")
    assert answer.status_code == 503
    checks = answer.json()["checks"]
    assert checks == {"database": "ok", "polling": "Telegram has not answered for 95 s", "relay": "ConnectionError"}


async def test_a_database_that_is_away_is_seen(browser, database, monkeypatch):
    """The answer says which part, and nothing secret."""

    def no_connection():
        raise OSError("postgresql://user:secret@host")

    monkeypatch.setattr(type(database), "read", lambda self: no_connection())
    answer = await browser.get("/readyz")
    assert (answer.status_code, answer.json()["checks"]["database"]) == (503, "OSError")


METRICS = "postrider_updates_waiting 0.0"


async def test_this_machine_reads_the_metrics(browser):
    """A Prometheus beside us needs no token."""
    answer = await browser.get("/metrics")
    assert answer.status_code == 200
    assert METRICS in answer.text


@pytest.mark.parametrize("name", ["X-Forwarded-For", "X-Forwarded-Proto", "Forwarded", "X-Real-IP", "Via"])
async def test_what_a_proxy_passed_on_is_not_this_machine(browser, name):
    """The proxy runs here, whoever asked does not, and may write into the header what they like."""
    assert (await browser.get("/metrics", headers={name: "127.0.0.1"})).status_code == 401


async def test_others_need_the_token(make_browser):
    """And without a configured one, nobody else gets in."""
    stranger = ("203.0.113.9", 4711)
    assert (await make_browser(client=stranger).get("/metrics")).status_code == 401
    assert (
        await make_browser(client=stranger).get("/metrics", headers={"Authorization": "Bearer "})
    ).status_code == 401
    browser = make_browser(client=stranger, metrics_token="long and secret")
    for given, status in (("Bearer wrong", 401), ("long and secret", 401), ("Bearer long and secret", 200)):
        assert (await browser.get("/metrics", headers={"Authorization": given})).status_code == status


@pytest.mark.parametrize("path", ["/healthz", "/nowhere", "/u/wrong", "/metrics"])
async def test_every_answer_carries_the_security_headers(make_browser, path):
    """Errors too."""
    answer = await make_browser(client=("203.0.113.9", 1)).get(path)
    assert {name: answer.headers[name] for name in HEADERS} == HEADERS
    assert "strict-transport-security" not in answer.headers


async def test_https_is_remembered_where_we_are_reached_by_it(make_browser):
    """PUBLIC_URL says so."""
    answer = await make_browser(public_url="https://desk.example.org").get("/healthz")
    assert "max-age" in answer.headers["strict-transport-security"]


async def test_our_own_fault_has_the_headers_and_tells_nothing(browser, database, monkeypatch):
    """The reason is in the log, not in the answer."""
    monkeypatch.setattr(type(database), "read", lambda self: (_ for _ in ()).throw(ValueError("secret")))
    answer = await browser.get("/u/" + "a" * 43)
    assert answer.status_code == 500
    assert "secret" not in answer.text
    assert answer.headers["x-frame-options"] == "DENY"


async def test_errors_are_json_with_a_detail(browser):
    """One shape for whoever calls."""
    answer = await browser.get("/nowhere")
    assert answer.json() == {"detail": "Not Found"}
