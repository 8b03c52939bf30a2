"""What a browser calls itself, in words by which its owner tells it from their others."""

import re

# The first that fits: browsers name each other, and the ones they are made from.
BROWSERS = {
    "Edg": "Edge", "OPR/": "Opera", "SamsungBrowser": "Samsung Internet", "Vivaldi": "Vivaldi", "YaBrowser": "Yandex",
    "Firefox": "Firefox", "FxiOS": "Firefox", "CriOS": "Chrome", "Chrome": "Chrome", "Safari": "Safari",
}  # fmt: skip
SYSTEMS = {
    "Android": "Android", "iPhone": "iPhone", "iPad": "iPad", "CrOS": "ChromeOS", "Windows": "Windows",
    "Mac OS X": "Mac", "Linux": "Linux",
}  # fmt: skip
APP = re.compile(r"^[\w .-]{1,40}")


def browser_name(agent: str) -> str:
    """`Firefox on Linux` from a User-Agent header; the beginning of it for what is no browser."""
    browser = next((name for sign, name in BROWSERS.items() if sign in agent), "")
    system = next((name for sign, name in SYSTEMS.items() if sign in agent), "")
    if browser and system:
        return f"{browser} on {system}"
    found = APP.match(agent)
    return browser or system or (found[0].strip() if found else "") or "?"
