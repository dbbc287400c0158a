"""What may be asked of a partner, one bit each, so that most partners are judged by comparing two
numbers.

A partner's *mask* says what it has and how it stands. A ``Question`` is what one enquiry asks, over
those bits: it gives the same reason as ``eligibility`` would, and leaves to it whoever needs a
closer look (absences, what a partner takes).
"""

from collections.abc import Iterable, Mapping, Sequence

from routing_core.domain.partner import Partner
from routing_core.domain.programme.rules import KINDS
from routing_core.routing.policy import Asked

STATUS = ("unconfirmed", "bounced", "paused", "no_share")
"""A bit each for a partner who is *not* so; the names are those of the reasons."""
CLOSER = 1 << len(STATUS)
"""Absences, or conditions of its own: not to be judged by the mask alone."""
DATED = CLOSER << 1
"""Some certificate ends: which ones count depends on the day."""
FIRST = len(STATUS) + 2
LOW = (1 << 30) - 1
"""The bits that Python compares fastest; products stand last, for lookups are by product anyway."""
MOST_KEPT = 1_000
"""Questions of one network; answers of a form may make many."""


def traits_of(partner: Partner) -> Iterable[tuple[str, str]]:
    """Everything the partner has that rules can name, as (kind, value)."""
    yield from (("product", value) for value in partner.products)
    yield from (("specialisation", value) for value in partner.specialisations)
    yield from (("language", value) for value in partner.spoken)
    yield from (("tag", value) for value in partner.tags)
    yield from (("certificate", value) for value in partner.certificates)
    yield ("type", partner.type)


class Features:
    """The bits of one network: every trait that some partner has."""

    def __init__(self, traits: Iterable[tuple[str, str]]):
        self.traits = tuple(traits)
        self.bits: Mapping[tuple[str, str], int] = {
            trait: 1 << (FIRST + n) for n, trait in enumerate(self.traits)
        }
        self._questions: dict[Asked, Question] = {}

    @classmethod
    def of(cls, partners: Iterable[Partner]) -> "Features":
        found = {trait for partner in partners for trait in traits_of(partner)}
        return cls(sorted(found, key=lambda trait: (-KINDS.index(trait[0]), trait[1])))

    @property
    def products(self) -> dict[str, int]:
        """Numbered from 0, for the slices by product."""
        return {
            value: n
            for n, value in enumerate(value for kind, value in self.traits if kind == "product")
        }

    @property
    def words(self) -> int:
        """64-bit words that a mask fills."""
        return (FIRST + len(self.traits) + 63) // 64

    def mask(self, partner: Partner) -> int:
        has = (partner.confirmed, not partner.bounced, not partner.paused, partner.weight > 0)
        mask = sum(1 << n for n, yes in enumerate(has) if yes)
        mask |= CLOSER if partner.absences or partner.takes else 0
        mask |= DATED if any(partner.certificates.values()) else 0
        for trait in traits_of(partner):
            mask |= self.bits[trait]
        return mask

    def question(self, asked: Asked) -> "Question":
        """The same one for the same ``asked``: most enquiries ask what others did."""
        question = self._questions.get(asked)
        if question is None:
            if len(self._questions) >= MOST_KEPT:
                self._questions.clear()
            question = self._questions[asked] = Question(self, asked)
        return question

    def any_of(self, kind: str, wanted: Iterable[str]) -> int:
        return sum(self.bits.get((kind, value), 0) for value in wanted)


class Question:
    """What one enquiry asks, over the bits of one network."""

    def __init__(self, features: Features, asked: Asked):
        self.checks: list[tuple[str, int]] = [(reason, 1 << n) for n, reason in enumerate(STATUS)]
        for kind in KINDS:
            self.checks += [
                (kind, features.any_of(kind, wanted)) for wanted in asked.required.get(kind, ())
            ]
        self.forbidden = 0
        for kind, wanted in asked.forbidden:
            self.forbidden |= features.any_of(kind, wanted)
        self.wishes: Sequence[int] = [
            features.any_of(kind, wanted) for kind, wanted in asked.preferred
        ]
        self.need = 0
        """These bits must all be set; who has them may still lack one of several, or have what is
        forbidden.
        """
        self.subtle = bool(self.forbidden)
        for _, bits in self.checks:
            if bits and not bits & (bits - 1):
                self.need |= bits
            else:
                self.subtle = True
        self.number = features.products.get(asked.product)
        """Of the product; None if nobody offers it."""
        self.low = self.need & LOW
        self.high = self.need & ~LOW & ~features.any_of("product", [asked.product])
        """What spots by product do not tell by themselves."""
        kinds = [*asked.required, *(kind for kind, _ in (*asked.forbidden, *asked.preferred))]
        self.dated = "certificate" in kinds
        self.relevant = self.forbidden
        """All bits that a reason hangs on."""
        for _, bits in self.checks:
            self.relevant |= bits
        self._known: dict[int, str | None] = {}
        self._named = _named(features, asked)
        self.tells = frozenset((*self._named, "not_taken"))
        """Reasons of which there is more to tell than how many."""

    def reason(self, mask: int) -> str | None:
        """Why a partner with that mask is excluded; None if it is not."""
        key = mask & self.relevant
        if key not in self._known:
            self._known[key] = next(
                (reason for reason, bits in self.checks if not key & bits), None
            ) or ("forbidden" if key & self.forbidden else None)
        return self._known[key]

    def missing(self, reason: str, mask: int) -> list[str]:
        """What a partner excluded for that reason lacks of what is asked; or has, if it is
        forbidden.
        """
        return [
            what
            for what, bits in self._named[reason]
            if bool(mask & bits) is (reason == "forbidden")
        ]

    def met(self, mask: int) -> int:
        """So many of the wishes."""
        return sum(1 for bits in self.wishes if mask & bits)


def _named(features: Features, asked: Asked) -> dict[str, list[tuple[str, int]]]:
    """By reason, the words for what is asked, and its bits. That the enquiry's product is goes
    without saying.
    """
    named: dict[str, list[tuple[str, int]]] = {}
    checks = [
        (kind, kind, wanted) for kind, several in asked.required.items() for wanted in several
    ]
    checks += [("forbidden", kind, wanted) for kind, wanted in asked.forbidden]
    if len(asked.required["product"]) == 1:
        checks = [check for check in checks if check[0] != "product"]
    for reason, kind, wanted in checks:
        words = [
            word
            for word in sorted(wanted)
            if word not in asked.answered or (kind, word) in features.bits
        ]
        if words:
            named.setdefault(reason, []).append((" or ".join(words), features.any_of(kind, wanted)))
    return named
