"""What is to be deployed and where, and how a finding about it is told."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Grade(StrEnum):
    """How a finding is meant."""

    FINE = "ok"
    WARNS = "look"
    STOPS = "STOP"


@dataclass(frozen=True)
class Finding:
    """What a check found, and what to do about it."""

    grade: Grade
    says: str


@dataclass(frozen=True)
class Plan:
    """What is to be deployed, and where."""

    sender: str
    region: str
    stack: str
    architecture: str
    template: Mapping[str, Any]
    said: Mapping[str, str]
    """The parameters that the command names."""
    regions_of: Callable[[str], list[str]]
    """Lists the regions that are known to have a service."""
    enquiries: int = 0
    """Enquiries that are expected in a day; 0 = nobody said."""

    def parameter(self, name: str, deployed: Mapping[str, str]) -> str:
        """Give the value that a parameter will have: as said, else as it is, else by default."""
        default = self.template["Parameters"][name].get("Default", "")
        return str(self.said.get(name, deployed.get(name, default)))


Findings = Iterator[Finding]
Client = Callable[[str], Any]
