"""Adapters that other packages bring: entry points of the group `postrider.providers`.

The entry point's name is the provider's. What it names has `channels`, those it can serve, and `build(parts)`, which
makes the provider for `parts.channel`.
"""

from importlib.metadata import entry_points

from core.errors import SettingsError
from core.ports import Provider
from core.providers.parts import Parts

GROUP = "postrider.providers"


def build_external(name: str, parts: Parts) -> Provider | None:
    """The provider of another package; None where none brings it for the channel. Raises `SettingsError` for one that
    can't be loaded or does not do what an adapter does."""
    for point in entry_points(group=GROUP, name=name):
        where = f"{parts.channel.upper()}_PROVIDERS: the provider {name!r} of {point.value}"
        try:
            brought = point.load()
            is_ours = parts.channel in brought.channels
            provider: Provider | None = brought.build(parts) if is_ours else None
        except SettingsError:
            raise
        except Exception as error:  # whatever a stranger's module does while it is imported or built
            raise SettingsError(
                f"{where} can't be loaded: {type(error).__name__}: {' '.join(str(error).split())}"
            ) from error
        if provider is None:
            continue
        if (getattr(provider, "name", ""), getattr(provider, "channel", None)) != (name, parts.channel):
            raise SettingsError(f"{where} calls itself by another name or channel")
        return provider
    return None
