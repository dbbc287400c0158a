"""What kind of mailbox an address is: thrown away, anybody's, or a firm's own; and a mark that does not name it."""

import hashlib
from functools import cache
from importlib.resources import files
from typing import Literal


def mail_kind(address: str) -> Literal["disposable", "freemail", "business"]:
    """By its domain and every domain above; what no list knows is a firm's own."""
    domain = address.rpartition("@")[2].lower()
    parents = [domain.split(".", cut)[-1] for cut in range(domain.count("."))]
    if any(parent in _domains("disposable") for parent in parents):
        return "disposable"
    return "freemail" if any(parent in _domains("freemail") for parent in parents) else "business"


def firm_of(address: str) -> str:
    """The domain by which a firm's people are known; empty where anybody can have an address."""
    return address.rpartition("@")[2].lower() if mail_kind(address) == "business" else ""


def email_mark(email: str) -> str:
    """Tells one address from another without naming it."""
    return hashlib.sha256(email.encode()).hexdigest()[:12]


@cache
def _domains(name: str) -> frozenset[str]:
    lines = files(__package__).joinpath("data", f"{name}.txt").read_text("utf-8").splitlines()
    return frozenset(line for line in lines if line and not line.startswith("#"))
