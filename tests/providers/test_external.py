"""Adapters of other packages, installed as packages are: a module and its dist-info on the path."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from core.delivery.budget import Budget
from core.errors import SettingsError
from core.model import Channel, Message, Receipt
from core.providers.registry import Registry, build_registry
from core.settings import Settings

ADAPTER = '''
"""A pigeon post."""

from core.model import Channel, Receipt
from core.providers.base import BaseProvider

channels = (Channel.SMS, Channel.PUSH)


class Pigeon(BaseProvider):
    name = "pigeon"

    def __init__(self, parts):
        self.channel = parts.channel

    async def send(self, message, key):
        return Receipt(f"pigeon:{key}")


def build(parts):
    return Pigeon(parts)
'''


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.syspath_prepend(str(tmp_path))
    yield tmp_path
    sys.modules.pop("pigeon_post", None)


def install(folder: Path, source: str = ADAPTER, value: str = "pigeon_post") -> None:
    """What `pip install pigeon-post` leaves behind."""
    (folder / "pigeon_post.py").write_text(source)
    info = folder / "pigeon_post-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: pigeon-post\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[postrider.providers]\npigeon = {value}\n")


def built(**values: Any) -> Registry:
    return build_registry(Settings(_env_file=None, **values), Budget(25))


async def test_a_package_brings_a_provider(folder: Path):
    """Named like any other, for each channel that it serves."""
    install(folder)
    registry = built(sms_providers=["pigeon:1", "sandbox:2"], push_providers=["pigeon:1"])
    provider = registry.get(Channel.SMS, "pigeon")
    assert await provider.send(Message(Channel.SMS, "+14155550123", "coo"), "k") == Receipt("pigeon:k")
    assert registry.get(Channel.PUSH, "pigeon").channel is Channel.PUSH
    await registry.close()


async def test_it_serves_only_the_channels_that_it_names(folder: Path):
    """For another it is as unknown as any."""
    install(folder)
    with pytest.raises(SettingsError, match="EMAIL_PROVIDERS: knows no provider 'pigeon'"):
        built(email_providers=["pigeon:1"])


async def test_a_package_that_nobody_names_is_not_even_imported(folder: Path):
    """It could do anything."""
    install(folder, "raise SystemExit('imported')")
    registry = built(sms_providers=["sandbox"])
    assert "pigeon_post" not in sys.modules
    await registry.close()


@pytest.mark.parametrize(
    ("source", "value", "said"),
    [
        ("import no_such_module", "pigeon_post", "can't be loaded: ModuleNotFoundError"),
        ("", "pigeon_post", "can't be loaded: AttributeError"),
        (ADAPTER, "pigeon_post:nothing", "can't be loaded: AttributeError"),
        (ADAPTER.replace('"pigeon"', '"dove"'), "pigeon_post", "calls itself by another name or channel"),
        (ADAPTER + "\ndef build(parts):\n    raise ValueError('no\\nfeed')", "pigeon_post", "ValueError: no feed"),
    ],
)  # fmt: skip
def test_a_package_that_does_not_work_is_one_clear_line(folder: Path, source: str, value: str, said: str):
    """That names the setting and where the provider comes from."""
    install(folder, source, value)
    with pytest.raises(SettingsError) as raised:
        built(sms_providers=["pigeon:1"])
    line = str(raised.value)
    assert line.startswith(f"SMS_PROVIDERS: the provider 'pigeon' of {value} ")
    assert said in line
    assert "\n" not in line


def test_what_it_says_of_its_own_settings_is_told_as_it_is(folder: Path):
    """An adapter names its missing credential as ours do."""
    source = ADAPTER + (
        "\ndef build(parts):\n"
        "    from core.errors import SettingsError\n"
        "    raise SettingsError('PIGEON_KEY: is needed by the provider pigeon')"
    )
    install(folder, source)
    with pytest.raises(SettingsError, match=r"^PIGEON_KEY: is needed"):
        built(sms_providers=["pigeon:1"])
