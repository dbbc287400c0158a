"""Gives everything that may be asked of a partner a bit.

So most partners are judged by comparing two numbers. A partner's *mask* says what it has and how it
stands: a bitmap index. A ``MaskQuery`` is what one enquiry asks, over those bits: it gives the same
reason as ``eligibility`` would, and leaves to it whoever needs a closer look (absences, what a
partner takes).
"""

from collections.abc import Iterable, Mapping, Sequence

from routing_core.domain.partner import Partner
from routing_core.domain.programme.rules import CAPABILITY_KINDS
from routing_core.routing.policy import Requirements

STANDING_REASONS = ("unconfirmed", "bounced", "paused", "no_share")
"""Names the reasons that hang on how a partner stands; a partner who is *not* so has the bit."""
CLOSER = 1 << len(STANDING_REASONS)
"""The bit of who has absences, or conditions of its own: not to be judged by the mask alone."""
DATED = CLOSER << 1
"""The bit of who has a certificate that ends: which ones count depends on the day."""
FIRST_TRAIT = len(STANDING_REASONS) + 2
"""The number of the first bit that stands for a trait."""
LOW = (1 << 30) - 1
"""The bits that Python compares fastest: they fill one digit of its integers.

Products stand last, for lookups are by product anyway.
"""
WORD_BITS = 64
"""Counts the bits of a mask that are stored together."""
QUERIES_KEPT = 1_000
"""A network keeps at most this many queries; answers of a form may make many."""


def traits_of(partner: Partner) -> Iterable[tuple[str, str]]:
    """Give everything the partner has that rules can name, as (kind, value)."""
    yield from (("product", value) for value in partner.products)
    yield from (("specialisation", value) for value in partner.specialisations)
    yield from (("language", value) for value in partner.spoken)
    yield from (("tag", value) for value in partner.tags)
    yield from (("certificate", value) for value in partner.certificates)
    yield ("type", partner.type)


class Features:
    """Knows the bits of one network: every trait that some partner has."""

    def __init__(self, traits: Iterable[tuple[str, str]]):
        """Give each trait a bit, in the order in which they come."""
        self.traits = tuple(traits)
        self.bits: Mapping[tuple[str, str], int] = {
            trait: 1 << number for number, trait in enumerate(self.traits, FIRST_TRAIT)
        }
        self._queries: dict[Requirements, MaskQuery] = {}

    @classmethod
    def of(cls, partners: Iterable[Partner]) -> "Features":
        """Find the traits of all these partners.

        Products come last, each kind in the order of the alphabet.
        """
        found: set[tuple[str, str]] = set()
        for partner in partners:
            found.update(traits_of(partner))
        # Sorted, so that equal networks get equal bits, and with them equal bytes.
        return cls(sorted(found, key=_place_of_trait))

    @property
    def products(self) -> dict[str, int]:
        """Number the products from 0, for the slices by product."""
        names = [value for kind, value in self.traits if kind == "product"]
        return {name: number for number, name in enumerate(names)}

    @property
    def words(self) -> int:
        """Count the 64-bit words that a mask fills."""
        bits = FIRST_TRAIT + len(self.traits)
        return (bits + WORD_BITS - 1) // WORD_BITS

    def mask(self, partner: Partner) -> int:
        """Give the partner's bits."""
        # In the order of STANDING_REASONS; a set bit is no obstacle.
        stands_well = (
            partner.confirmed,
            not partner.bounced,
            not partner.paused,
            partner.weight > 0,
        )
        mask = 0
        for number, well in enumerate(stands_well):
            if well:
                mask |= 1 << number
        if partner.absences or partner.lead_filters:
            mask |= CLOSER
        if any(partner.certificates.values()):
            mask |= DATED
        for trait in traits_of(partner):
            mask |= self.bits[trait]
        return mask

    def query(self, requirements: Requirements) -> "MaskQuery":
        """Give the query for these requirements, the same one each time.

        Most enquiries ask what others did.
        """
        query = self._queries.get(requirements)
        if query is None:
            if len(self._queries) >= QUERIES_KEPT:
                # All at once: that is rare, and cheaper than to note which was used last.
                self._queries.clear()
            query = MaskQuery(self, requirements)
            self._queries[requirements] = query
        return query

    def any_of(self, kind: str, wanted: Iterable[str]) -> int:
        """Give the bits of all these values; what no partner has has none."""
        return sum(self.bits.get((kind, value), 0) for value in wanted)


def _place_of_trait(trait: tuple[str, str]) -> tuple[int, str]:
    kind, value = trait
    return -CAPABILITY_KINDS.index(kind), value


class MaskQuery:
    """Asks what one enquiry asks, over the bits of one network."""

    def __init__(self, features: Features, requirements: Requirements):
        """Translate the requirements into bits, once."""
        self.checks = _checks(features, requirements)
        """Pairs of reason and bits: whoever has none of the bits is excluded for the reason.

        The first pair that applies counts.
        """
        self.forbidden = 0
        """The bits of which none may be set."""
        for kind, wanted in requirements.forbidden:
            self.forbidden |= features.any_of(kind, wanted)
        self.preferences: Sequence[int] = [
            features.any_of(kind, wanted) for kind, wanted in requirements.preferred
        ]
        """The bits of each thing that the programme prefers."""
        self.needed = 0
        """The bits that must all be set.

        Who has them may still lack one of several, or have what is forbidden.
        """
        self.needs_exact_check = bool(self.forbidden)
        """Tells whether having the needed bits is not enough to be eligible."""
        self.relevant = self.forbidden
        """All bits that a reason hangs on."""
        for _, bits in self.checks:
            self.relevant |= bits
            if _is_single(bits):
                self.needed |= bits
            else:
                self.needs_exact_check = True
        self.product_number = features.products.get(requirements.product)
        """The number of the product; None if nobody offers it."""
        self.low = self.needed & LOW
        """The needed bits that are compared while postings are read."""
        product_bit = features.any_of("product", [requirements.product])
        self.high = self.needed & ~LOW & ~product_bit
        """The needed bits that postings by product do not tell by themselves."""
        self.dated = _looks_at_certificates(requirements)
        """Tells whether it matters which certificates are still valid on the day."""
        self._known: dict[int, str | None] = {}
        self._named = _named(features, requirements)
        self.explained = frozenset((*self._named, "not_taken"))
        """The reasons of which there is more to say than how many they exclude."""

    def reason(self, mask: int) -> str | None:
        """Give the reason why a partner with that mask is excluded; None if it is not."""
        key = mask & self.relevant
        if key not in self._known:
            self._known[key] = self._first_reason(key)
        return self._known[key]

    def _first_reason(self, mask: int) -> str | None:
        for reason, bits in self.checks:
            if not mask & bits:
                return reason
        return "forbidden" if mask & self.forbidden else None

    def missing(self, reason: str, mask: int) -> list[str]:
        """Name what a partner excluded for that reason lacks of what is asked.

        Of what is forbidden it names what the partner has.
        """
        has_what_counts = reason == "forbidden"
        return [
            words for words, bits in self._named[reason] if bool(mask & bits) is has_what_counts
        ]

    def preferences_met(self, mask: int) -> int:
        """Count the preferences that a partner with that mask meets."""
        return sum(1 for bits in self.preferences if mask & bits)


def _checks(features: Features, requirements: Requirements) -> list[tuple[str, int]]:
    checks = [(reason, 1 << number) for number, reason in enumerate(STANDING_REASONS)]
    for kind in CAPABILITY_KINDS:
        several = requirements.required.get(kind, ())
        checks += [(kind, features.any_of(kind, wanted)) for wanted in several]
    return checks


def _is_single(bits: int) -> bool:
    """Tell whether exactly one bit is set: taking 1 away clears the lowest."""
    return bits != 0 and bits & (bits - 1) == 0


def _looks_at_certificates(requirements: Requirements) -> bool:
    if "certificate" in requirements.required:
        return True
    return any(
        kind == "certificate" for kind, _ in (*requirements.forbidden, *requirements.preferred)
    )


def _named(features: Features, requirements: Requirements) -> dict[str, list[tuple[str, int]]]:
    """Give by reason the words for what is asked, and its bits.

    That the enquiry's product is goes without saying.
    """
    checks: list[tuple[str, str, frozenset[str]]] = []
    for kind, several in requirements.required.items():
        if kind == "product" and len(several) == 1:
            continue
        checks += [(kind, kind, wanted) for wanted in several]
    checks += [("forbidden", kind, wanted) for kind, wanted in requirements.forbidden]
    named: dict[str, list[tuple[str, int]]] = {}
    for reason, kind, wanted in checks:
        words = [
            word for word in sorted(wanted) if _may_be_named(word, kind, features, requirements)
        ]
        if words:
            named.setdefault(reason, []).append((" or ".join(words), features.any_of(kind, wanted)))
    return named


def _may_be_named(word: str, kind: str, features: Features, requirements: Requirements) -> bool:
    """Tell whether a record may keep the word.

    What only the person said is personal, what partners have is not.
    """
    return word not in requirements.answered or (kind, word) in features.bits
