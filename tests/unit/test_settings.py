"""Settings: what the environment says, and one clear line where it is wrong."""

import os

import pytest

from core.errors import SettingsError
from core.settings import EXAMPLES, Settings, load_settings, priorities


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch, tmp_path):
    """Nothing of this machine, and no .env."""
    for name in os.environ:
        if name.split("_")[0] in {
            "TELEGRAM",
            "WEB",
            "SMTP",
            "SENDGRID",
            "LLM",
            "EMAIL",
            "PUBLIC",
            "DATABASE",
            "SECRET",
        }:
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def load(monkeypatch, **environment: str) -> Settings:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return load_settings()


def test_a_nested_name_reaches_its_block(monkeypatch):
    """`SENDGRID_API_KEY` is `sendgrid.api_key`, and so on, however many underscores follow."""
    settings = load(
        monkeypatch,
        SENDGRID_API_KEY="SG.x",
        SENDGRID_WEBHOOK_PUBLIC_KEY="MFkw",
        DAILY_DRAFT_LIMIT="3",
        DEMO_SMTP_PORT="2525",
    )
    assert settings.sendgrid.api_key
    assert settings.sendgrid.api_key.get_secret_value() == "SG.x"
    assert settings.sendgrid.webhook_public_key == "MFkw"
    assert (settings.daily.draft_limit, settings.demo.smtp_port) == (3, 2525)


def test_lists_are_written_with_commas(monkeypatch):
    """No brackets, no quotes."""
    settings = load(
        monkeypatch,
        ADMIN_TELEGRAM_IDS="1, 2",
        EMAIL_PROVIDERS="smtp:1,sendgrid:2",
        RETRY_BACKOFF="1,2.5",
        ACCESS_LIST="7,@ada",
    )
    assert settings.admin_telegram_ids == [1, 2]
    assert priorities(settings.email_providers) == {"smtp": 1, "sendgrid": 2}
    assert settings.retry_backoff == [1, 2.5]
    assert settings.access_list == ["7", "@ada"]


def test_a_dotenv_file_is_read_and_the_environment_wins(monkeypatch, tmp_path):
    """As people expect it."""
    (tmp_path / ".env").write_text("WEB_PORT=9000\nSENDER_EMAIL=file@example.org\n")
    settings = load(monkeypatch, WEB_PORT="9001")
    assert (settings.web.port, settings.sender_email) == (9001, "file@example.org")


def test_secrets_are_not_shown(monkeypatch):
    """Settings end up in tracebacks and shells."""
    settings = load(
        monkeypatch, TELEGRAM_BOT_TOKEN="123456:the-secret", SMTP_URL="smtp://me:the-secret@mail.example.org"
    )
    assert "the-secret" not in repr(settings)


WRONG = {
    "ACCESS": "everybody",
    "ADMIN_TELEGRAM_IDS": "me",
    "DATABASE_URL": "mysql://x",
    "DEFAULT_TIMEZONE": "Paris",
    "EMAIL_PROVIDERS": "smtp:first",
    "LLM_BASE_URL": "localhost:11434",
    "LOG_FORMAT": "xml",
    "PUBLIC_URL": "desk.example.org",
    "RETRY_BACKOFF": "0",
    "SECRET_KEY": "short",
    "SENDER_EMAIL": "nobody",
    "SMTP_URL": "mail.example.org:25",
    "TELEGRAM_API_BASE": "api.telegram.org",
    "TELEGRAM_BOT_TOKEN": "abc",
    "TELEGRAM_MODE": "push",
    "TELEGRAM_WEBHOOK_SECRET": "spaces are not allowed",
    "WEB_PORT": "eighty",
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_setting_is_one_line_with_its_name_and_an_example(monkeypatch, name):
    """And the value itself is not repeated where it may be a secret."""
    with pytest.raises(SettingsError) as caught:
        load(monkeypatch, **{name: WRONG[name]})
    line = str(caught.value)
    assert line.startswith(f"{name}: ")
    assert f"(example: {name}={EXAMPLES[name]})" in line
    assert "\n" not in line
    if name in {"TELEGRAM_BOT_TOKEN", "SECRET_KEY", "SMTP_URL", "TELEGRAM_WEBHOOK_SECRET"}:
        assert WRONG[name] not in line


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SMTP_URL", "smtp://me:the-secret@mail.example.org:mail"),
        ("SMTP_URL", "smtps://me:the-secret@"),
        ("SMTP_URL", "smtp://[::1"),
        ("MAILGUN_BASE_URL", "https://"),
        ("MAILGUN_BASE_URL", "http://127.0.0.1:99999"),
    ],
)
def test_an_address_without_a_host_or_with_a_port_that_is_none_stops_the_start(monkeypatch, name, value):
    """Else every delivery would find it out for itself. A password in it is not repeated."""
    with pytest.raises(SettingsError, match=f"^{name}: names no host, or a port that is none") as caught:
        load(monkeypatch, **{name: value})
    assert "the-secret" not in str(caught.value)


@pytest.mark.parametrize("name", sorted(EXAMPLES.keys() - {"DATABASE_URL"}))
def test_every_example_is_right(monkeypatch, name):
    """An example that is refused itself would be a poor joke."""
    load(monkeypatch, **{name: EXAMPLES[name]})


def test_what_belongs_together_is_asked_for_together(monkeypatch):
    """PostgreSQL means several machines, which must sign alike."""
    with pytest.raises(SettingsError, match="SECRET_KEY is required"):
        load(monkeypatch, DATABASE_URL="postgresql+asyncpg://desk@db/desk")
    monkeypatch.delenv("DATABASE_URL")
    with pytest.raises(SettingsError, match="PUBLIC_URL is required"):
        load(monkeypatch, TELEGRAM_MODE="webhook")


@pytest.mark.parametrize(
    ("environment", "mode"),
    [
        ({}, "polling"),
        ({"PUBLIC_URL": "https://desk.example.org"}, "webhook"),
        ({"PUBLIC_URL": "http://desk.example.org"}, "polling"),
        ({"PUBLIC_URL": "http://127.0.0.1:8080", "TELEGRAM_API_BASE": "http://127.0.0.1:8081"}, "webhook"),
        ({"PUBLIC_URL": "https://desk.example.org", "TELEGRAM_MODE": "polling"}, "polling"),
    ],
)
def test_a_webhook_where_it_can_be_called(monkeypatch, environment, mode):
    """Telegram calls https addresses only; a Bot API server of one's own calls any."""
    assert load(monkeypatch, **environment).telegram_mode == mode
