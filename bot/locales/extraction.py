"""Finds marked texts in Python files, for `make texts`.

Babel's own way reads tokens, and before Python 3.12 an f-string is one token: `f"<b>{_('Draft')}</b>"` would never
reach the catalogues. The syntax tree has it on every version.
"""

import ast
from collections.abc import Collection, Iterator
from typing import Any, BinaryIO

Found = tuple[int, str, str | tuple[str | None, ...], list[str]]


def extract(
    fileobj: BinaryIO, keywords: Collection[str], comment_tags: Collection[str], options: dict[str, Any]
) -> Iterator[Found]:
    """Every call of a keyword with a literal text, in Babel's form: line, function, arguments, comments."""
    for node in ast.walk(ast.parse(fileobj.read())):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in keywords:
            texts = tuple(_literal(argument) for argument in node.args)
            if any(texts):
                yield node.lineno, node.func.id, texts if len(texts) > 1 else texts[0] or "", []


def _literal(argument: ast.expr) -> str | None:
    text = argument.value if isinstance(argument, ast.Constant) else None
    return text if isinstance(text, str) else None
