"""Say in two words what a browser is, from what it tells of itself."""

BROWSERS = (
    ("EdgA/", "Edge"),
    ("EdgiOS/", "Edge"),
    ("Edg/", "Edge"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("OPR/", "Opera"),
    ("FxiOS/", "Firefox"),
    ("Firefox/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
"""What a User-Agent holds → the family of the browser; the first that fits, for each of them also
names those that it descends from.
"""
SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("CrOS", "ChromeOS"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)
"""What a User-Agent holds → the system it runs on; the first that fits."""


def browser_family(user_agent: str) -> str:
    """Give the family of a browser and of its system, ``Firefox, Android``; empty if unknown.

    No version and nothing else of it is kept.
    """
    families = (_first_in(user_agent, BROWSERS), _first_in(user_agent, SYSTEMS))
    return ", ".join(filter(None, families))


def _first_in(text: str, table: tuple[tuple[str, str], ...]) -> str:
    return next((name for sign, name in table if sign in text), "")
