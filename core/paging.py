"""Pages of a longer list."""


def place(page: int, total: int, size: int) -> tuple[int, int]:
    """The page that is shown where `page` is asked for, and how many there are: 1 at least."""
    pages = max(1, -(-total // size))
    return min(max(1, page), pages), pages
