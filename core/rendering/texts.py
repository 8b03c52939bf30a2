"""One part of a message: the text that an admin wrote where there is one, else the product's own from templates/."""

from collections.abc import Mapping
from typing import Any

from core.errors import RenderError
from core.model import Channel, StoredTemplate
from core.rendering.overrides import fill_override
from core.rendering.templating import fill
from core.rendering.variables import HTML, variables_of

Values = Mapping[str, Any]


def written(part: str, key: str, channel: Channel, values: Values, override: StoredTemplate | None) -> str:
    """The part with its values. Raises `RenderError`."""
    source = source_of(part, override)
    return own(part, key, channel, values) if source is None else overridden(part, key, source, values)


def own(part: str, key: str, channel: Channel, values: Values) -> str:
    """The product's text of a part, in the language that is being spoken. Raises `RenderError`."""
    return fill(f"{channel}/{key}.{part}.j2", dict(values))


def overridden(part: str, key: str, source: str, values: Values) -> str:
    """An admin's text of a part; it gets no more than the declared variables. Raises `RenderError`, for a blank one
    too."""
    declared = {name: values[name] for name in variables_of(key) if name in values}
    text = fill_override(source, declared, html=part == HTML)
    if not text.strip():
        raise RenderError(f"{key}: its {part} is blank")
    return text


def source_of(part: str, override: StoredTemplate | None) -> str | None:
    """What an admin wrote for a part; None where the product's own stands."""
    source: str | None = getattr(override.texts, part) if override else None
    return source
