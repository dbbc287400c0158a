"""Define what the programme says about who may have a lead, and who comes first."""

from typing import Annotated, Literal

from pydantic import Field

from routing_core.domain.programme.document import Doc
from routing_core.domain.programme.intake_rules import MOST_RULES

CriterionName = Literal[
    "served_before",
    "preferred",
    "territory",
    "rank",
    "tier",
    "distance",
    "weight",
    "load",
    "last_offered",
    "performance",
    "exploration",
]
"""Candidates are compared by these; ``routing.decide.ranking`` says how."""
Measure = Literal["acceptance", "speed", "conversion", "value", "returns"]
"""A performance is made of these; ``routing.decide.performance`` says how."""


class Performance(Doc):
    """Partners are compared by what they did so far; 1 is the average partner."""

    of: list[Measure] = Field(
        ["acceptance", "speed", "conversion", "value", "returns"], min_length=1, max_length=5
    )
    """Partners are compared by these measures.

    They are: accepted of what was offered, how much of the accept window is used, won of what was
    decided, order value, and what had to be taken back for want of contact. What is still open
    counts as the average partner's.
    """
    prior: int = Field(10, ge=1, le=10_000)
    """Everybody is judged as if this many more offers had gone as the average partner's do.

    Few offers tell little; beyond ten thousand nobody ever differs from the average.
    """
    newcomers: int = Field(5, ge=0, le=10_000)
    """Nobody with fewer offers than this counts as worse than the average.

    Beyond ten thousand nobody ever would.
    """
    order_value: int = Field(10_000, ge=1, le=10**12)
    """The usual order is worth so much, in the programme's currency; twelve digits at most."""


class Routing(Doc):
    """These settings say who may have a lead, and who comes first."""

    rules: list[Annotated[str, Field(max_length=1_000)]] = Field([], max_length=MOST_RULES)
    """Rules are sentences: ``require certificate f-gas when product is heat-pump``.

    ``prefer`` and ``forbid`` are written likewise (``programme.rules``).
    """
    order: list[CriterionName] = Field(
        ["served_before", "preferred", "territory", "rank", "tier", "load", "last_offered"],
        min_length=1,
        max_length=20,
    )
    """The first criterion decides, the next only between equals."""
    back: Literal["in_line", "keep", "accrue"] = "in_line"
    """A partner back from an absence stands in line, or has missed turns made up.

    ``keep`` gives them the one turn that was due, ``accrue`` every offer they missed. ``in_line``
    also means that an empty desk (after a pause, of a newcomer too) is not filled at once.
    """
    performance: Performance = Performance()
    """The criterion ``performance`` compares partners by these measures."""
