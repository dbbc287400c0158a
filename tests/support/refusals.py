"""Calls that a role of the template would have refused, whether anybody noticed or not."""

REFUSED: list[str] = []
"""Since the last test, in words."""


def refused_meanwhile() -> list[str]:
    """Gives what was refused since the last time, each once."""
    told = sorted(set(REFUSED))
    REFUSED.clear()
    return told
