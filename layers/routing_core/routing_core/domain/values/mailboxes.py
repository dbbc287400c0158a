"""Mail addresses: what kind of mailbox one is, and a mark that tells it apart without naming it.

A mailbox is thrown away after use, anybody's (freemail), or a firm's own.
"""

import hashlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Literal

MailKind = Literal["disposable", "freemail", "business"]


def mail_kind(address: str, own: Mapping[str, MailKind] | None = None) -> MailKind:
    """Give the kind by the domain and every domain above it, the narrowest first.

    What no list knows is a firm's own. ``own`` is what the programme says of domains, before any
    kept list.
    """
    domain = address.rpartition("@")[2].lower()
    for cut in range(domain.count(".")):
        parent = domain.split(".", cut)[-1]
        kind = own.get(parent) if own else None
        kind = kind or _listed(parent)
        if kind:
            return kind
    return "business"


def firm_of(address: str, own: Mapping[str, MailKind] | None = None) -> str:
    """Give the domain by which a firm's people are known; empty where anybody has an address."""
    if mail_kind(address, own) != "business":
        return ""
    return address.rpartition("@")[2].lower()


def email_mark(email: str) -> str:
    """Make a short mark that tells one address from another without naming it."""
    return hashlib.sha256(email.encode()).hexdigest()[:12]


def _listed(domain: str) -> MailKind | None:
    """Look a domain up in the kept lists, which ``infra.tools.mail_providers`` makes."""
    if _has_line(_list("disposable"), domain):
        return "disposable"
    return "freemail" if _has_line(_list("freemail"), domain) else None


def _has_line(text: str, line: str) -> bool:
    """Tell whether a line stands in a text of sorted lines, by binary search.

    Making a set of all lines would cost a cold start more than it ever saves.
    """
    low, high = 0, len(text)
    while low < high:
        # The line around the middle, from after one line end to the next.
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
