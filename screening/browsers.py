"""A browser in a word or two, for its owner to know it again. What it says of itself is not kept."""

from __future__ import annotations

# Most also say the names further down: the first that is found counts.
BROWSERS = {
    "Edg": "Edge",
    "OPR/": "Opera",
    "SamsungBrowser/": "Samsung Internet",
    "Firefox/": "Firefox",
    "FxiOS/": "Firefox",
    "CriOS/": "Chrome",
    "Chrome/": "Chrome",
    "Safari/": "Safari",
}
SYSTEMS = {
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Android": "Android",
    "Windows": "Windows",
    "CrOS": "ChromeOS",
    "Macintosh": "Mac",
    "Linux": "Linux",
}
UNKNOWN = "Another browser"


def browser_named(user_agent: str) -> str:
    """Such as "Firefox on Windows", from what a browser says of itself."""
    browser = next((name for mark, name in BROWSERS.items() if mark in user_agent), UNKNOWN)
    system = next((f" on {name}" for mark, name in SYSTEMS.items() if mark in user_agent), "")
    return browser + system
