"""What kind of mailbox an address is: thrown away, anybody's, or a firm's own; and a mark that does
not name it.
"""

import hashlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Literal

MailKind = Literal["disposable", "freemail", "business"]


def mail_kind(address: str, own: Mapping[str, MailKind] | None = None) -> MailKind:
    """By its domain and every domain above, the narrowest first; what no list knows is a firm's
    own.

    ``own``: what the programme says of domains, before any kept list.
    """
    domain = address.rpartition("@")[2].lower()
    for cut in range(domain.count(".")):
        parent = domain.split(".", cut)[-1]
        kind = (own or {}).get(parent) or _listed(parent)
        if kind:
            return kind
    return "business"


def firm_of(address: str, own: Mapping[str, MailKind] | None = None) -> str:
    """The domain by which a firm's people are known; empty where anybody can have an address."""
    return address.rpartition("@")[2].lower() if mail_kind(address, own) == "business" else ""


def email_mark(email: str) -> str:
    """Tells one address from another without naming it."""
    return hashlib.sha256(email.encode()).hexdigest()[:12]


def _listed(domain: str) -> MailKind | None:
    """What the kept lists say; ``infra.tools.mail_providers`` makes them."""
    if _has_line(_list("disposable"), domain):
        return "disposable"
    return "freemail" if _has_line(_list("freemail"), domain) else None


def _has_line(text: str, line: str) -> bool:
    """Whether that line stands in a text of sorted lines: a binary search in what was read, because
    making a set of all lines would cost a cold start more than it ever saves.
    """
    low, high = 0, len(text)
    while low < high:
        start = text.rfind("\n", low, (low + high) // 2) + 1 or low
        end = text.find("\n", start)
        found = text[start:end]
        if found == line:
            return True
        if found < line:
            low = end + 1
        else:
            high = start
    return False


@cache
def _list(name: str) -> str:
    return (Path(__file__).parents[1].joinpath("data") / f"{name}.txt").read_text("ascii")
