"""Which providers the settings set up, and what is said where something is missing."""

from pathlib import Path
from typing import Any

import pytest

from core.delivery.budget import Budget
from core.errors import SettingsError
from core.model import Channel
from core.providers.registry import PROVIDERS, Entry, Registry, build_registry
from core.providers.vapid import new_key
from core.routing.selection import Candidate
from core.settings import EXAMPLES, Settings

SMTP = {"smtp": {"url": "smtp://mail.example.org"}}
SENDGRID = {"sendgrid": {"api_key": "SG.x", "webhook_public_key": "key"}}
MAIL = {
    **SMTP,
    "mailgun": {"api_key": "key-x", "domain": "mg.example.org", "webhook_signing_key": "x"},
    **SENDGRID,
    "postmark": {"server_token": "x", "webhook_user": "u", "webhook_password": "p"},
    "amazonses": {"access_key_id": "AKIA", "secret_access_key": "x", "region": "eu-west-1", "topic_arn": "arn:aws:sns"},
    "googleworkspace": {"client_id": "x", "client_secret": "x", "refresh_token": "x"},
}
TOKEN = {"telegram": {"bot_token": "123456:AAE"}}


def built(*, also: tuple[Channel, str] | None = None, **values: Any) -> Registry:
    return build_registry(Settings(_env_file=None, **values), Budget(25), also=also)


@pytest.mark.parametrize(
    ("values", "names"),
    [
        (SMTP | SENDGRID | {"email_providers": ["sendgrid:1", "smtp:2"]}, {"sendgrid": 1, "smtp": 2}),
        (SMTP | SENDGRID, {"smtp": 1, "sendgrid": 2}),
        (SENDGRID, {"sendgrid": 1}),
        (MAIL, {name: place for place, name in enumerate(MAIL, start=1)}),
        ({"amazonses": MAIL["amazonses"] | {"region": None}}, {}),
        ({"email_providers": ["sandbox"]}, {"sandbox": 1}),
        ({}, {}),
    ],
)
async def test_email_providers_and_their_priorities(values: dict[str, Any], names: dict[str, int]):
    """As EMAIL_PROVIDERS has them; without it, whatever is set up."""
    registry = built(**values)
    assert {one.name: one.priority for one in registry.candidates(Channel.EMAIL)} == names
    await registry.close()


async def test_telegram_needs_a_token_and_the_inbox_nothing():
    """Without one, the pretend Telegram's is handed in."""
    registry = built(**TOKEN)
    assert [one.name for one in registry.candidates(Channel.TELEGRAM)] == ["telegram"]
    assert registry.get(Channel.IN_APP, "in_app").name == "in_app"
    await registry.close()
    without = built()
    assert without.candidates(Channel.TELEGRAM) == []
    await without.close()


async def test_a_provider_that_only_serves_who_names_it_comes_last():
    """The command line asks for one that no delivery takes otherwise."""
    registry = built(**SMTP, also=(Channel.EMAIL, "sandbox"))
    assert registry.candidates(Channel.EMAIL) == [Candidate("smtp", 1), Candidate("sandbox", 99)]
    await registry.close()


@pytest.mark.parametrize(
    ("values", "line"),
    [
        ({"email_providers": ["smpt:1"]}, "EMAIL_PROVIDERS: knows no provider 'smpt', only smtp, mailgun, sendgrid, "),
        ({"email_providers": ["smtp:1"]}, "SMTP_URL: is needed by the provider smtp"),
        ({"email_providers": ["sendgrid:1"]}, "SENDGRID_API_KEY: is needed by the provider sendgrid"),
    ],
)
def test_what_is_missing_is_said_in_one_line(values: dict[str, Any], line: str):
    """With an example."""
    with pytest.raises(SettingsError) as raised:
        built(**values)
    assert str(raised.value).startswith(line)
    assert "(example: " in str(raised.value)
    assert "\n" not in str(raised.value)


async def test_webhooks_are_found_by_name():
    """Only of providers that are set up and have one."""
    registry = built(**SMTP, **SENDGRID)
    assert registry.reporting("sendgrid") is registry.get(Channel.EMAIL, "sendgrid")
    assert registry.reporting("smtp") is None
    assert registry.reporting("mailgun") is None
    await registry.close()


async def test_every_provider_of_the_table_can_be_built_and_says_who_it_is(tmp_path: Path):
    """The table and the classes agree."""
    for channel, table in PROVIDERS.items():
        for name, entry in table.items():
            registry = built(**credentials_of(entry, tmp_path), also=(channel, name))
            provider = registry.get(channel, name)
            assert (provider.channel, provider.name) == (channel, name)
            await registry.close()


def credentials_of(entry: Entry, folder: Path) -> dict[str, dict[str, str]]:
    """The examples of what a provider can't do without, by block; a file and a key that an example can only describe
    are made."""
    (folder / "key.json").write_text('{"client_email": "desk@example.org", "private_key": "x"}')
    made = {"FCM_CREDENTIALS_FILE": str(folder / "key.json"), "WEBPUSH_VAPID_PRIVATE_KEY": new_key()}
    found = dict(TOKEN)
    for variable in entry.credentials:
        block, _, field = variable.lower().partition("_")
        found[block] = found.get(block, {}) | {field: made.get(variable, EXAMPLES[variable])}
    return found


async def test_an_old_name_means_the_provider_of_today():
    """In the settings, and where its reports come in."""
    vonage = {"vonage": {"api_key": "abcd1234", "api_secret": "secret", "from": "Postrider"}}
    registry = built(**vonage, sms_providers=["nexmo:1"])
    assert [one.name for one in registry.candidates(Channel.SMS)] == ["vonage"]
    assert registry.reporting("nexmo") is registry.reporting("vonage") is registry.get(Channel.SMS, "vonage")
    await registry.close()


async def test_mail_providers_that_report_have_a_webhook():
    """Built as the settings say, all of them at once."""
    registry = built(**MAIL)
    reporting = {name for name in MAIL if registry.reporting(name)}
    assert reporting == {"mailgun", "sendgrid", "postmark", "amazonses"}
    await registry.close()
