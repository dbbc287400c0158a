"""Read routing rules and conditions, written as sentences for people before machines.

    require certificate f-gas when product is heat-pump
    prefer tag listed-buildings when house in flats, business and area at least 500
    prefer specialisation answer house
    forbid tag no-tenants when ownership is tenant

A rule says what a partner must have, had better have, or must not have, and for which enquiries
(all, without ``when``). What a partner has is a product, specialisation, language, certificate
(valid on the day), tag or type; several, joined by ``or``, mean any of them; ``answer house`` means
whatever the enquiry answers there.

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
from typing import Literal, Self, cast

from routing_core.domain.values.sentence import worded

Verb = Literal["require", "prefer", "forbid"]
"""A partner must have it, had better have it, or must not have it."""
CapabilityKind = Literal["product", "specialisation", "language", "tag", "certificate", "type"]
"""A capability is of one of these kinds."""
CAPABILITY_KINDS: tuple[CapabilityKind, ...] = (
    "product",
    "specialisation",
    "language",
    "tag",
    "certificate",
    "type",
)
"""A partner has capabilities of these kinds."""
LEAD_FIELDS = ("product", "urgency", "language", "country", "region", "score", "weekday")
"""Conditions can look at these in every enquiry, beside the questions of its form."""
SEPARATOR = "|"
"""It stands between several answers to one question as they are stored, and in no option's id."""
NUMBER_OPS = ("at least", "at most", "between")
"""These compare numbers."""
ANSWERED = "is answered"
"""This comparison asks only whether anything was said."""

_OPS = "is not|is|in|at least|at most|between|has"
_DEMAND = re.compile(rf"(?P<field>[a-z0-9][a-z0-9_-]*)\s+{ANSWERED}")
_CONDITION = re.compile(rf"(?P<field>[a-z0-9][a-z0-9_-]*)\s+(?P<op>{_OPS})\s+(?P<values>\S.*)")
# Only an `and` with a condition behind it joins two: that of `between 1 and 5` does not.
_AND = re.compile(rf"\s+and\s+(?=[a-z0-9][a-z0-9_-]*\s+(?:{_OPS})\s)")
_RULE = re.compile(
    rf"(?P<verb>require|prefer|forbid)\s+(?P<kind>{'|'.join(CAPABILITY_KINDS)})\s+(?P<what>.+)"
)
_ANSWER = re.compile(r"answer\s+(?P<field>[a-z0-9][a-z0-9_-]*)")
_VALUE_SEPARATORS = {"in": ",", "between": " and "}
_HOW_RULE = "write require certificate f-gas when product is heat-pump, or prefer or forbid"
_HOW_CONDITION = "write product is heat-pump, house in flats, business or area at least 100"
_NO_RULE = f"{{value!r}} is not a rule: {_HOW_RULE}"
_HALF_RULE = f"{{value!r}} is not complete: {_HOW_RULE}"
_NO_CONDITION = f"{{value!r}} is not a condition: {_HOW_CONDITION}"
_HALF_CONDITION = f"{{value!r}} is not complete: {_HOW_CONDITION}"


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition compares one field of an enquiry with values."""

    field: str
    """The condition looks at this field of the enquiry."""
    op: str
    """The field is compared like this: ``is``, ``at least``, …."""
    values: tuple[str, ...]
    """They stand as they were written; numbers compare as numbers."""

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read one condition; raises ValueError saying what would be right."""
        plain = " ".join(text.split())
        demand = _DEMAND.fullmatch(plain)
        if demand:
            return cls(demand["field"], ANSWERED, ())
        found = _CONDITION.fullmatch(plain)
        if not found:
            raise ValueError(worded("no_condition", _NO_CONDITION, value=text[:80]))
        condition = cls(found["field"], found["op"], _split_values(found["op"], found["values"]))
        condition._check(text[:80])
        return condition

    def _check(self, text: str) -> None:
        is_pair = len(self.values) == 2
        if not all(self.values) or (self.op == "between" and not is_pair):
            raise ValueError(worded("half_condition", _HALF_CONDITION, value=text))
        if self.op not in NUMBER_OPS:
            return
        numbers: list[Decimal] = []
        for value in self.values:
            number = number_in(value)
            if number is None:
                how = f"{self.field} {self.op} 100"
                english = "{value!r} compares numbers: write {how}"
                raise ValueError(worded("condition_of_numbers", english, value=text, how=how))
            numbers.append(number)
        if numbers != sorted(numbers):
            english = "{value!r} runs backwards: write the smaller number first"
            raise ValueError(worded("condition_backwards", english, value=text))

    def __str__(self) -> str:
        joiner = {"in": ", ", "between": " and "}.get(self.op, "")
        return f"{self.field} {self.op} {joiner.join(self.values)}".rstrip()

    def holds(self, facts: Mapping[str, str]) -> bool | None:
        """Tell whether the enquiry says this; None if it says nothing there.

        Whether something is answered is always known.
        """
        said = facts.get(self.field)
        if self.op == ANSWERED:
            return bool(said)
        if said is None or said == "":
            return None
        return _HOLDS[self.op](said, self.values)


def _split_values(op: str, written: str) -> tuple[str, ...]:
    separator = _VALUE_SEPARATORS.get(op)
    if not separator:
        return (written,)
    return tuple(part.strip() for part in written.split(separator))


def conditions(text: str) -> tuple[Condition, ...]:
    """Read several conditions joined by ``and``; raises ValueError saying what would be right."""
    plain = " ".join(text.split())
    return tuple(Condition.parse(part) for part in _AND.split(plain))


def all_hold(wanted: Iterable[Condition], facts: Mapping[str, str]) -> bool:
    """Tell whether the enquiry says all of this; what it does not say does not hold."""
    return all(condition.holds(facts) for condition in wanted)


@dataclass(frozen=True, slots=True)
class RoutingRule:
    """A routing rule says what a partner must have, had better have, or must not have."""

    verb: Verb
    """The rule requires, prefers or forbids."""
    kind: CapabilityKind
    """The rule is about capabilities of this kind."""
    values: tuple[str, ...]
    """Any of these will do."""
    answer: str = ""
    """The answer in this field stands instead of values; empty = the values count."""
    when: tuple[Condition, ...] = ()
    """The rule is for enquiries that meet all of these; none = for all of them."""

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a rule; raises ValueError saying what would be right."""
        # The space at the end lets a rule that stops after `when` be read, and refused, as such.
        rule, when, asked = f"{' '.join(text.split())} ".partition(" when ")
        found = _RULE.fullmatch(rule.strip())
        if not found:
            raise ValueError(worded("no_rule", _NO_RULE, value=text[:80]))
        wanted = conditions(asked) if when else ()
        # The pattern takes no other words than these.
        verb = cast(Verb, found["verb"])
        kind = cast(CapabilityKind, found["kind"])
        answer = _ANSWER.fullmatch(found["what"])
        if answer:
            return cls(verb, kind, values=(), answer=answer["field"], when=wanted)
        values = tuple(value.strip() for value in found["what"].split(" or "))
        if not all(values):
            raise ValueError(worded("half_rule", _HALF_RULE, value=text[:80]))
        return cls(verb, kind, values, when=wanted)

    def __str__(self) -> str:
        what = f"answer {self.answer}" if self.answer else " or ".join(self.values)
        when = f" when {' and '.join(map(str, self.when))}" if self.when else ""
        return f"{self.verb} {self.kind} {what}{when}"

    def wanted(self, facts: Mapping[str, str]) -> frozenset[str]:
        """Give what the rule names for this enquiry, any of which will do.

        It is nothing where the rule does not apply.
        """
        if not all_hold(self.when, facts):
            return frozenset()
        if not self.answer:
            return frozenset(self.values)
        said = facts.get(self.answer)
        return single_answers(said) if said else frozenset()


def single_answers(answer: str) -> frozenset[str]:
    """Give the answer and, where a question takes several, each of them."""
    return frozenset((answer, *answer.split(SEPARATOR)))


def number_in(text: str) -> Decimal | None:
    """Give the number that conditions compare; None if the text is none."""
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


# ── how each comparison is made ───────────────────────────────────────────────────────────────────

_Comparison = Callable[[str, tuple[str, ...]], bool]


def _is(said: str, values: tuple[str, ...]) -> bool:
    return values[0] in single_answers(said)


def _is_not(said: str, values: tuple[str, ...]) -> bool:
    return values[0] not in single_answers(said)


def _in(said: str, values: tuple[str, ...]) -> bool:
    return not single_answers(said).isdisjoint(values)


def _at_least(said: str, values: tuple[str, ...]) -> bool:
    number = number_in(said)
    return number is not None and number >= Decimal(values[0])


def _at_most(said: str, values: tuple[str, ...]) -> bool:
    number = number_in(said)
    return number is not None and number <= Decimal(values[0])


def _between(said: str, values: tuple[str, ...]) -> bool:
    number = number_in(said)
    return number is not None and Decimal(values[0]) <= number <= Decimal(values[1])


def _has(said: str, values: tuple[str, ...]) -> bool:
    # Not `\b`: a value may begin or end with a sign that is no letter, as in `f-gas (2)`.
    word = re.escape(values[0].casefold())
    return re.search(rf"(?<!\w){word}(?!\w)", said.casefold()) is not None


_HOLDS: Mapping[str, _Comparison] = {
    "is": _is,
    "is not": _is_not,
    "in": _in,
    "at least": _at_least,
    "at most": _at_most,
    "between": _between,
    "has": _has,
}
