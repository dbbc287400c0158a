"""Defines how an operation of the API is described, as far as its handler does not say it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Operation:
    """One route of the API, as far as its handler does not describe it."""

    summary: str
    """Says in a line what it does."""
    answer: str
    """The name of the schema of what comes back as JSON; empty if nothing does."""
    body: str = ""
    """The name of the schema of the JSON that is sent; empty if none is."""
    example: Any = None
    """A body that a test sends for real."""
    query: Mapping[str, str] | None = None
    """Each parameter of the address after the question mark, and what it means."""
    status: tuple[int, ...] = (200,)
    """The statuses of success."""
    also: Mapping[str, Any] | None = None
    """Other media types of the body, with an example each, beside JSON or instead of it."""
    may_use: str = ""
    """The scope of an API key that may come along, and need not."""
    answers_also: tuple[str, ...] = ()
    """Other media types of the answer, for whoever asks for them."""
    goes_on: str = ""
    """The name of the schema of an answer with status 202; empty if it is that of all others."""
    query_examples: Mapping[str, str] | None = None
    """Values of parameters of the address, which a test sends for real."""
