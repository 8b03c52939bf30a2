"""What the demo takes over, and what it leaves as it was set."""

from app import pointed_at_demo
from core.settings import Settings

DEMO, MAIL = "http://127.0.0.1:8081", "smtp://127.0.0.1:8025"


def test_without_anything_set_all_goes_to_the_demo():
    """Two commands and no account."""
    settings = pointed_at_demo(Settings(_env_file=None), DEMO, MAIL)
    assert settings.telegram.api_base == DEMO
    assert settings.smtp.url
    assert settings.smtp.url.get_secret_value() == MAIL
    assert settings.email_providers == ["smtp:1"]
    assert settings.sms_providers == settings.whatsapp_providers == settings.push_providers == ["sandbox:1"]
    assert settings.public_url == "http://127.0.0.1:8080"


def test_a_mail_provider_that_was_set_is_kept(monkeypatch):
    """Somebody tries their mail server before they have a token."""
    monkeypatch.setenv("SMTP_URL", "smtp://mail.example.org")
    monkeypatch.setenv("EMAIL_PROVIDERS", "sendgrid:1,smtp:2")
    settings = pointed_at_demo(Settings(_env_file=None), DEMO, MAIL)
    assert settings.smtp.url
    assert settings.smtp.url.get_secret_value() == "smtp://mail.example.org"
    assert settings.email_providers == ["sendgrid:1", "smtp:2"]


def test_a_phone_provider_that_was_named_is_kept(monkeypatch):
    """Its credentials alone are not enough in the demo: nobody is written to by accident."""
    monkeypatch.setenv("SMS_PROVIDERS", "twilio:1")
    monkeypatch.setenv("TWILIO_ACCOUNT_SID", "AC1")
    monkeypatch.setenv("PUBLIC_URL", "https://desk.example.org")
    settings = pointed_at_demo(Settings(_env_file=None), DEMO, MAIL)
    assert (settings.sms_providers, settings.whatsapp_providers) == (["twilio:1"], ["sandbox:1"])
    assert settings.public_url == "https://desk.example.org"
