"""Telegram's HTML mode: a text with tags becomes plain text and entities counted in UTF-16 units.

Source of the rules: core.telegram.org/bots/api#html-style. Errors are worded as the real server words them.
"""

import html
import re
from dataclasses import dataclass
from typing import Any

from demo import utf16
from demo.entities import Entity, detect, tidy

TAGS = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "span": "spoiler",
    "tg-spoiler": "spoiler",
    "a": "text_link",
    "tg-emoji": "custom_emoji",
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
}
SPACE = " \t\r\n\0\v"
_REFERENCE = re.compile(r"&(?:#x([0-9a-fA-F]+)|#([0-9]+)|(lt|gt|amp|quot));?")
_NAME_TOKEN = re.compile(r"[0-9A-Za-z.\-]*")


class MarkupError(ValueError):
    """The text is not valid HTML of Telegram's mode; says where, as a byte offset."""


@dataclass(slots=True)
class _Open:
    tag: str
    argument: str
    offset: int


class _Parser:
    def __init__(self, source: str) -> None:
        self.source = source
        self.at = 0
        self.text: list[str] = []
        self.offset = 0
        self.open: list[_Open] = []
        self.entities: list[Entity] = []

    def run(self) -> tuple[str, list[Entity]]:
        while self.at < len(self.source):
            character = self.source[self.at]
            if character == "<":
                self._tag()
            elif character == "&":
                self._put(self._reference())
            else:
                self._put(self._until("<&"))
        if self.open:
            raise MarkupError(f'Can\'t find end tag corresponding to start tag "{self.open[-1].tag}"')
        return "".join(self.text), self.entities

    def _put(self, piece: str) -> None:
        self.text.append(piece)
        self.offset += utf16.length(piece)

    def _take(self) -> str:
        self.at += 1
        return self.source[self.at - 1]

    def _peek(self) -> str:
        return self.source[self.at] if self.at < len(self.source) else ""

    def _reference(self) -> str:
        match = _REFERENCE.match(self.source, self.at)
        if match is None or not (character := _referred(match)):
            return self._take()
        self.at = match.end()
        return character

    def _tag(self) -> None:
        start = self.at
        self.at += 1
        if self._peek() == "/":
            self.at += 1
            self._end_tag(start)
        else:
            self._start_tag(start)

    def _where(self, start: int) -> str:
        return f"at byte offset {len(self.source[:start].encode())}"

    def _until(self, stops: str) -> str:
        begin, size = self.at, len(self.source)
        while self.at < size and self.source[self.at] not in stops:
            self.at += 1
        return self.source[begin : self.at]

    def _skip_space(self) -> None:
        while self._peek() and self._peek() in SPACE:
            self.at += 1

    def _start_tag(self, start: int) -> None:
        tag = self._until(SPACE + ">").lower()
        if not self._peek():
            raise MarkupError(f"Unclosed start tag {self._where(start)}")
        if tag not in TAGS:
            raise MarkupError(f'Unsupported start tag "{tag}" {self._where(start)}')
        argument = ""
        while (found := self._attribute(tag, start)) is not None:
            argument = _argument(tag, *found) or argument
        self.at += 1
        if tag == "span" and argument != "spoiler":
            raise MarkupError(f'Tag "span" must have class "tg-spoiler" {self._where(start)}')
        self.open.append(_Open(tag, argument, self.offset))

    def _attribute(self, tag: str, start: int) -> tuple[str, str] | None:
        self._skip_space()
        if self._peek() == ">":
            return None
        name = self._until(SPACE + "=>").lower()
        if not name:
            raise MarkupError(f'Empty attribute name in the tag "{tag}" {self._where(start)}')
        self._skip_space()
        if self._peek() != "=":
            if tag == "blockquote" and name == "expandable" and self._peek():
                return name, ""
            raise MarkupError(
                f'Expected equal sign in declaration of an attribute of the tag "{tag}" {self._where(start)}'
            )
        self.at += 1
        self._skip_space()
        value = self._quoted() if self._peek() in ("'", '"') else self._name_token()
        if not self._peek():
            raise MarkupError(f"Unclosed start tag {self._where(start)}")
        return name, value

    def _quoted(self) -> str:
        quote = self._take()
        pieces = []
        while self._peek() and self._peek() != quote:
            pieces.append(self._reference() if self._peek() == "&" else self._take())
        self.at += 1
        return "".join(pieces)

    def _name_token(self) -> str:
        begin = self.at
        match = _NAME_TOKEN.match(self.source, begin)
        self.at = match.end() if match else begin
        if self._peek() and self._peek() not in SPACE + ">":
            raise MarkupError(f"Unexpected end of name token {self._where(begin)}")
        return self.source[begin : self.at].lower()

    def _end_tag(self, start: int) -> None:
        if not self.open:
            raise MarkupError(f"Unexpected end tag {self._where(start)}")
        tag = self._until(SPACE + ">").lower()
        self._skip_space()
        if self._peek() != ">":
            raise MarkupError(f"Unclosed end tag {self._where(start)}")
        self.at += 1
        opened = self.open.pop()
        if tag not in ("", opened.tag):
            raise MarkupError(f'Unmatched end tag {self._where(start)}, expected "</{opened.tag}>", found "</{tag}>"')
        if self.offset > opened.offset:
            self._close(opened)

    def _close(self, opened: _Open) -> None:
        entity = Entity(TAGS[opened.tag], opened.offset, self.offset - opened.offset)
        if opened.tag == "a":
            inside = utf16.cut("".join(self.text), entity.offset, entity.length)
            if (link := checked_link(opened.argument or inside)) is None:
                return
            entity.url = link
        elif opened.tag == "code" and opened.argument:
            entity.language = opened.argument
        elif opened.tag == "pre" and self._joins_code(entity):
            return
        elif opened.tag == "tg-emoji":
            entity.custom_emoji_id = opened.argument
        elif opened.tag == "blockquote" and opened.argument:
            entity.type = "expandable_blockquote"
        self.entities.append(entity)

    def _joins_code(self, entity: Entity) -> bool:
        """`<pre><code class="language-x">` is one entity with a language."""
        last = self.entities[-1] if self.entities else None
        if last and last.type == "code" and last.language and (last.offset, last.length) == entity.span:
            last.type = "pre"
            return True
        return False


def _referred(match: re.Match[str]) -> str:
    hexadecimal, decimal, name = match.groups()
    if name:
        return html.unescape(f"&{name};")
    code = int(hexadecimal, 16) if hexadecimal else int(decimal)
    return "" if code == 0 or code >= 0x10FFFF or 0xD800 <= code <= 0xDFFF else chr(code)


def _argument(tag: str, name: str, value: str) -> str:
    if (tag, name) in {("a", "href"), ("tg-emoji", "emoji-id")}:
        return value
    if (tag, name) == ("code", "class") and value.startswith("language-"):
        return value.removeprefix("language-")
    if (tag, name) == ("span", "class") and value.startswith("tg-"):
        return value.removeprefix("tg-")
    return "expandable" if (tag, name) == ("blockquote", "expandable") else ""


def checked_link(url: str) -> str | None:
    """The link as Telegram would store it, or None where it would silently drop it."""
    url = url.strip()
    if re.match(r"(?:tg|ton)://", url, re.IGNORECASE):
        return url
    if not re.match(r"[a-z][a-z0-9+.\-]*://", url, re.IGNORECASE):
        url = "http://" + url
    match = re.match(r"https?://(?:[^/?#@\s]*@)?(\[[0-9a-fA-F:]+\]|[^/?#:\s]+)(?::\d{1,5})?(?:[/?#]\S*)?$", url, re.I)
    if match is None or ("." not in match[1] and not match[1].startswith("[")):
        return None
    return url


def parse_html(source: str) -> tuple[str, list[Entity]]:
    """The plain text and the entities the tags gave, before trimming; raises MarkupError."""
    text, entities = _Parser(source).run()
    for entity in entities:
        if entity.type == "code":
            entity.language = ""
    return text, sorted(entities, key=lambda entity: (entity.offset, -entity.length))


def formatted(source: str, mode: str) -> tuple[str, list[dict[str, Any]]]:
    """What Telegram stores for a text: trimmed, with given and found entities. `mode` is "" or "HTML"."""
    source = source.replace("\r", "")
    text, entities = parse_html(source) if mode.lower() == "html" else (source, [])
    text, entities = tidy(text, entities)
    return text, [entity.as_json() for entity in detect(text, entities)]
