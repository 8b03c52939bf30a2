"""What lists have in common: the buttons that turn pages, and rows of buttons."""

from collections.abc import Callable, Sequence

from core.model import Button, Buttons, Page


def page_buttons(page: Page, data_of: Callable[[int], str]) -> tuple[Button, ...]:
    """‹ 2/5 ›, or nothing where all of it is on one page."""
    if page.pages == 1:
        return ()
    labels = {"‹": page.number - 1, f"{page.number}/{page.pages}": page.number, "›": page.number + 1}
    return tuple(Button(label, data=data_of(to)) for label, to in labels.items() if 1 <= to <= page.pages)


def in_rows(buttons: Sequence[Button], width: int) -> Buttons:
    """Side by side as many as fit."""
    return tuple(tuple(buttons[start : start + width]) for start in range(0, len(buttons), width))
