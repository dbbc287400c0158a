"""Routing rules and conditions, written as sentences and read by people before machines.

    require certificate f-gas when product is heat-pump
    prefer tag listed-buildings when house in flats, business and area at least 500
    prefer specialisation answer house
    forbid tag no-tenants when ownership is tenant

A rule says what a partner must have, had better have, or must not have, and for which enquiries
(all, without
``when``). What a partner has is a product, specialisation, language, certificate (valid on the
day), tag or type;
several, joined by ``or``, mean any of them; ``answer house`` means whatever the enquiry answers
there.

A condition looks at one field of the enquiry: a question of its form, or product, urgency,
language, country, region, score, weekday (``mon`` … ``sun``). Several are joined by ``and``.

    is, is not     exactly that                   in            one of several, by commas
    at least       a number, or more              at most       a number, or less
    between        two numbers, both included     has           a word of a text, in any letter case
    is answered    whatever it says

What an enquiry does not say meets no condition of a rule. In what a partner ``takes`` it keeps
nobody away, unless the partner demands the answer: ``kind is company`` lets unanswered questions
through, ``kind is answered`` beside it does not.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Literal, Self

Verb = Literal["require", "prefer", "forbid"]
Kind = Literal["product", "specialisation", "language", "tag", "certificate", "type"]
KINDS: tuple[Kind, ...] = ("product", "specialisation", "language", "tag", "certificate", "type")
LEAD_FIELDS = ("product", "urgency", "language", "country", "region", "score", "weekday")
"""What conditions can look at in every enquiry, beside the questions of its form."""
SEPARATOR = "|"
"""Between several answers to one question, as they are stored: it stands in no option's id."""
NUMBER_OPS = ("at least", "at most", "between")

_OPS = "is not|is|in|at least|at most|between|has"
ANSWERED = "is answered"
_DEMAND = re.compile(rf"(?P<field>[a-z0-9][a-z0-9_-]*)\s+{ANSWERED}")
_CONDITION = re.compile(rf"(?P<field>[a-z0-9][a-z0-9_-]*)\s+(?P<op>{_OPS})\s+(?P<values>\S.*)")
_AND = re.compile(rf"\s+and\s+(?=[a-z0-9][a-z0-9_-]*\s+(?:{_OPS})\s)")
_RULE = re.compile(rf"(?P<verb>require|prefer|forbid)\s+(?P<kind>{'|'.join(KINDS)})\s+(?P<what>.+)")
_ANSWER = re.compile(r"answer\s+(?P<field>[a-z0-9][a-z0-9_-]*)")
_HOW_RULE = "write require certificate f-gas when product is heat-pump, or prefer or forbid"
_HOW_CONDITION = "write product is heat-pump, house in flats, business or area at least 100"


@dataclass(frozen=True, slots=True)
class Condition:
    """``values`` as written; numbers compare as numbers."""

    field: str
    op: str
    values: tuple[str, ...]

    @classmethod
    def parse(cls, text: str) -> Self:
        """Raises ValueError saying what would be right."""
        demand = _DEMAND.fullmatch(" ".join(text.split()))
        if demand:
            return cls(demand["field"], ANSWERED, ())
        found = _CONDITION.fullmatch(" ".join(text.split()))
        if not found:
            raise ValueError(f"{text[:80]!r} is not a condition: {_HOW_CONDITION}")
        op, written = found["op"], found["values"]
        split = {"in": ",", "between": " and "}.get(op)
        values = tuple(part.strip() for part in written.split(split)) if split else (written,)
        if not all(values) or (op == "between" and len(values) != 2):
            raise ValueError(f"{text[:80]!r} is not complete: {_HOW_CONDITION}")
        if op in NUMBER_OPS:
            numbers = [number_in(value) for value in values]
            if None in numbers:
                raise ValueError(f"{text[:80]!r} compares numbers: write {found['field']} {op} 100")
            if op == "between" and numbers[0] > numbers[1]:  # type: ignore[operator]
                raise ValueError(f"{text[:80]!r} runs backwards: write the smaller number first")
        return cls(found["field"], op, values)

    def __str__(self) -> str:
        joined = {"in": ", ", "between": " and "}.get(self.op, "").join(self.values)
        return f"{self.field} {self.op} {joined}".rstrip()

    def holds(self, facts: Mapping[str, str]) -> bool | None:
        """None: the enquiry does not say, and that is not what is asked."""
        said = facts.get(self.field)
        if self.op == ANSWERED:
            return bool(said)
        return None if said is None or said == "" else _HOLDS[self.op](said, self.values)


def conditions(text: str) -> tuple[Condition, ...]:
    """Several joined by ``and``. Raises ValueError."""
    return tuple(Condition.parse(part) for part in _AND.split(" ".join(text.split())))


def all_hold(wanted: Iterable[Condition], facts: Mapping[str, str]) -> bool:
    """Whether the enquiry says all of this; what it does not say does not hold."""
    return all(condition.holds(facts) for condition in wanted)


@dataclass(frozen=True, slots=True)
class RoutingRule:
    verb: Verb
    kind: Kind
    values: tuple[str, ...]
    """Any of these."""
    answer: str = ""
    """Instead of values: what the enquiry says in this field."""
    when: tuple[Condition, ...] = ()

    @classmethod
    def parse(cls, text: str) -> Self:
        """Raises ValueError saying what would be right."""
        rule, when, asked = f"{' '.join(text.split())} ".partition(" when ")
        found = _RULE.fullmatch(rule.strip())
        if not found:
            raise ValueError(f"{text[:80]!r} is not a rule: {_HOW_RULE}")
        wanted = conditions(asked) if when else ()
        verb, kind, what = found["verb"], found["kind"], found["what"]
        if answer := _ANSWER.fullmatch(what):
            return cls(verb, kind, (), answer["field"], wanted)  # type: ignore[arg-type]
        values = tuple(value.strip() for value in what.split(" or "))
        if not all(values):
            raise ValueError(f"{text[:80]!r} is not complete: {_HOW_RULE}")
        return cls(verb, kind, values, "", wanted)  # type: ignore[arg-type]

    def __str__(self) -> str:
        what = f"answer {self.answer}" if self.answer else " or ".join(self.values)
        when = f" when {' and '.join(map(str, self.when))}" if self.when else ""
        return f"{self.verb} {self.kind} {what}{when}"

    def wanted(self, facts: Mapping[str, str]) -> frozenset[str]:
        """Any of what the rule names for this enquiry; nothing where it does not apply."""
        if not all_hold(self.when, facts):
            return frozenset()
        if not self.answer:
            return frozenset(self.values)
        said = facts.get(self.answer)
        return said_in(said) if said else frozenset()


def said_in(answer: str) -> frozenset[str]:
    """The answer; where a question takes several, each of them."""
    return frozenset((answer, *answer.split(SEPARATOR)))


def number_in(text: str) -> Decimal | None:
    """What conditions compare; None if it is no number."""
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _compared(
    holds: Callable[[Decimal, tuple[Decimal, ...]], bool],
) -> Callable[[str, tuple[str, ...]], bool]:
    def compare(said: str, values: tuple[str, ...]) -> bool:
        number = number_in(said)
        return number is not None and holds(number, tuple(Decimal(value) for value in values))

    return compare


def _has(said: str, values: tuple[str, ...]) -> bool:
    return (
        re.search(rf"(?<!\w){re.escape(values[0].casefold())}(?!\w)", said.casefold()) is not None
    )


_HOLDS: Mapping[str, Callable[[str, tuple[str, ...]], bool]] = {
    "is": lambda said, values: values[0] in said_in(said),
    "is not": lambda said, values: values[0] not in said_in(said),
    "in": lambda said, values: not said_in(said).isdisjoint(values),
    "at least": _compared(lambda number, values: number >= values[0]),
    "at most": _compared(lambda number, values: number <= values[0]),
    "between": _compared(lambda number, values: values[0] <= number <= values[1]),
    "has": _has,
}
