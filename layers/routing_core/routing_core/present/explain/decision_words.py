"""A decision in sentences: who was chosen and why, who would be next, and why nobody else.

Reads the stored record, not the rules in force: what is told is what was known when it was decided.
A record may be years old, so whatever it lacks is simply not said.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from routing_core.domain.enquiry.location import BY_TOWN
from routing_core.domain.events import CommitRecord
from routing_core.domain.lead import Lead
from routing_core.domain.partner import Partner
from routing_core.domain.programme.programme import Programme
from routing_core.present.explain.timeline import instant
from routing_core.present.lead_summary import partner_name, product_name
from routing_core.present.locale_context import LocaleContext

NAMED_NEXT = 3
"""So many partners who would be asked next are named.

A group of no more than that is named in full.
"""


@dataclass(frozen=True, slots=True)
class Explanation:
    """Tells of one decision, in the order in which a person would ask."""

    version: int
    """The version of the lead that the decision led to."""
    when: str
    """The instant of the decision, in words."""
    sentences: tuple[str, ...]
    """Names who was chosen and why, who would be next, and why nobody else."""


def explained(
    rows: Iterable[CommitRecord],
    lead: Lead,
    locale: LocaleContext,
    programme: Programme,
    partners: Mapping[str, Partner],
) -> tuple[Explanation, ...]:
    """Explain every decision about the lead, the last first."""
    teller = _Teller(lead, locale, programme, partners)
    explanations = []
    # The last first: what HQ wants to know is why the lead is where it is now.
    for row in reversed(tuple(rows)):
        if row.decision:
            told = teller.sentences(row.decision)
            explanations.append(Explanation(row.version, locale.when(row.at), told))
    return tuple(explanations)


def sentences(
    record: Mapping[str, Any],
    lead: Lead,
    locale: LocaleContext,
    programme: Programme,
    partners: Mapping[str, Partner],
) -> tuple[str, ...]:
    """Explain the record of one decision about the lead."""
    return _Teller(lead, locale, programme, partners).sentences(record)


def sentences_beside_ranking(
    record: Mapping[str, Any],
    lead: Lead,
    locale: LocaleContext,
    programme: Programme,
    partners: Mapping[str, Partner],
) -> tuple[str, ...]:
    """Explain what a list of whom is asked does not say: what is waited for, why nobody else."""
    return _Teller(lead, locale, programme, partners).beside_ranking(record)


def key_words(keys: Mapping[str, Any], locale: LocaleContext) -> tuple[str, ...]:
    """Say what ranks a partner, one criterion after the other in the order in which they count."""
    words = (_key(name, value, locale) for name, value in keys.items())
    return tuple(filter(None, words))


def _key(name: str, value: Any, locale: LocaleContext) -> str:
    """Say one criterion; empty where it says nothing for the partner."""
    in_words = _OF_KEY.get(name)
    if in_words is not None:
        return in_words(value, locale)
    # A criterion of old that nobody has words for any more is still told, readably.
    known = locale.catalog.find(f"explain.key.{name}", value=str(value))
    return known or f"{name.replace('_', ' ')}: {value}"


def _served_before(value: Any, locale: LocaleContext) -> str:
    return locale.translate("explain.key.served_before") if value else ""


def _distance(value: Any, locale: LocaleContext) -> str:
    if value is None:
        return locale.translate("explain.key.distance_unknown")
    return locale.translate("explain.key.distance", value=locale.distance(float(value)))


def _rank(value: Any, locale: LocaleContext) -> str:
    if value == 1:
        return locale.translate("explain.key.rank_first")
    return locale.translate("explain.key.rank", value=value)


def _load(value: Any, locale: LocaleContext) -> str:
    """Say ``2/10``, ``2``, or ``0/10 as 0.40``: an empty desk that counts with the usual share."""
    load, _, counted_as = str(value).partition(" as ")
    open_count, _, cap = load.partition("/")
    if cap:
        told = locale.translate("explain.key.load_cap", held=open_count, cap=cap)
    else:
        told = locale.translate("explain.key.load", n=int(open_count))
    if not counted_as:
        return told
    percent = round(float(counted_as) * 100)
    return f"{told} {locale.translate('explain.key.load_as', percent=percent)}"


def _weight(value: Any, locale: LocaleContext) -> str:
    """Say ``3/8 -0.125``, the share and the rounds ahead; older records have the share alone."""
    share, _, ahead = str(value).partition(" ")
    told = locale.translate("explain.key.weight", value=share)
    if not ahead:
        return told
    rounds = float(ahead)
    where = "even"
    if rounds > 0:
        where = "ahead"
    elif rounds < 0:
        where = "behind"
    number = locale.number(f"{abs(rounds):g}")
    return f"{told}, {locale.translate(f'explain.key.weight_{where}', rounds=number)}"


def _last_offered(value: Any, locale: LocaleContext) -> str:
    at = instant(value)
    if at is None:
        return locale.translate("explain.key.never_offered")
    return locale.translate("explain.key.last_offered", when=locale.when(at))


_OF_KEY = {
    "served_before": _served_before,
    "distance": _distance,
    "rank": _rank,
    "load": _load,
    "weight": _weight,
    "last_offered": _last_offered,
}
"""Criterion → its words; any other has one text for every value."""


@dataclass(frozen=True, slots=True)
class _Teller:
    """Tells the decisions about one lead to one reader."""

    lead: Lead
    locale: LocaleContext
    programme: Programme
    partners: Mapping[str, Partner]

    def sentences(self, record: Mapping[str, Any]) -> tuple[str, ...]:
        told = (self._chosen(record), self._next(record), *self._others(record))
        return tuple(filter(None, told))

    def beside_ranking(self, record: Mapping[str, Any]) -> tuple[str, ...]:
        is_listed = bool(_offered(record)) and not record.get("held")
        told = ("" if is_listed else self._chosen(record), *self._others(record))
        return tuple(filter(None, told))

    # Who was chosen.

    def _chosen(self, record: Mapping[str, Any]) -> str:
        offered = _offered(record)
        if record.get("held"):
            return self._kept_until_opening(record["held"])
        if not offered:
            key = "explain.limited" if record.get("limited") else "explain.nobody"
            return self.locale.translate(key)
        if len(offered) > 1:
            return self._wave(record, offered)
        return self._one(record, offered[0])

    def _kept_until_opening(self, held: Mapping[str, Any]) -> str:
        when = self.locale.when_known(instant(held["until"]))
        partner = self._name(held["partner"])
        return self.locale.translate("explain.held", partner=partner, when=when)

    def _wave(self, record: Mapping[str, Any], offered: Collection[str]) -> str:
        first, *rest = offered
        words = self.locale.translate("explain.wave", n=len(offered))
        return _listed(words, f"{self._reasoned(record, first)}, {self._names(rest)}")

    def _one(self, record: Mapping[str, Any], offered: str) -> str:
        kind = str(record.get("kind") or "routed")
        name = self._name(offered)
        because = self._because(record, offered)
        if kind == "routed" and because:
            return _listed(self.locale.translate("explain.chosen", partner=name), because)
        told = self._stands_in(record, name) or self.locale.translate(
            f"explain.{kind}", partner=name
        )
        if not record.get("limited"):
            return told
        return f"{told} {self.locale.translate('explain.limited_before')}"

    def _stands_in(self, record: Mapping[str, Any], name: str) -> str | None:
        """Say for whom a backup was asked; None where the record does not tell of any."""
        stands_in = record.get("stands_in", {})
        return self.locale.catalog.find(
            f"explain.backup_of.{stands_in.get('source')}",
            partner=name,
            whose=self._name(stands_in.get("partner", "")),
        )

    # Who comes after, among those who could be asked.

    def _next(self, record: Mapping[str, Any]) -> str:
        told_already = _told_first(record)
        late = record.get("late", {})
        left_out = {*told_already, *late.get("examples", ())}
        ranked = _ranked_ids(record)
        rest = [partner for partner in ranked if partner not in left_out]
        if not rest:
            return ""
        named = rest[:NAMED_NEXT]
        told = _listed(
            self.locale.translate("explain.next"),
            "; ".join(self._reasoned(record, partner) for partner in named),
        )
        # A record lists the first of the ranking only; how many there were is a number of its own.
        ranked_and_told = [partner for partner in told_already if partner in ranked]
        # Records of before this was counted say nothing of who is not listed.
        could_be_asked = int(record.get("eligible", len(rest)))
        more = could_be_asked - len(named) - len(ranked_and_told) - int(late.get("count", 0))
        if more <= 0:
            return told
        return f"{told} {self.locale.translate('explain.more', n=more)}"

    # Why nobody else.

    def _others(self, record: Mapping[str, Any]) -> Iterator[str]:
        yield self._all_excluded(record)
        yield self._too_late(record)
        if record.get("nobody_in_time"):
            yield self.locale.translate("explain.nobody_in_time")
        if record.get("located_by") == BY_TOWN:
            yield self.locale.translate("explain.located_by_town", postcode=self.lead.postcode)
        if record.get("nowhere"):
            yield self.locale.translate("explain.nowhere", place=self._place())
        yield self._passed_over(record)
        if record.get("beyond"):
            yield self.locale.translate("explain.beyond", n=int(record["beyond"]))
        if record.get("contended"):
            yield self.locale.translate("explain.contended")

    def _all_excluded(self, record: Mapping[str, Any]) -> str:
        excluded = record.get("excluded", {})
        number = sum(int(seen["count"]) for seen in excluded.values())
        if not number:
            return ""
        because = [self._excluded(record, reason, seen) for reason, seen in excluded.items()]
        words = self.locale.translate("explain.others", n=number, place=self._place())
        return _listed(words, "; ".join(because))

    def _place(self) -> str:
        return self.lead.postcode or self.locale.country(self.lead.country)

    def _too_late(self, record: Mapping[str, Any]) -> str:
        """Say who would open too late for what was promised."""
        late = record.get("late")
        if not late:
            return ""
        words = self.locale.translate("explain.late", n=int(late["count"]))
        named = self._names(late["examples"])
        # A few names say more than their number, many say less.
        if not named or late["count"] > NAMED_NEXT:
            return f"{words}."
        return _listed(f"{words}:", named)

    def _passed_over(self, record: Mapping[str, Any]) -> str:
        """Say who could be asked and was left out, so that others get their share."""
        passed_over = record.get("passed_over")
        if not passed_over:
            return ""
        groups = []
        for reason, who in passed_over.items():
            words = self.locale.catalog.of_code("facts.excluded", reason)
            groups.append(f"{self._names(who)} ({words})")
        return _listed(self.locale.translate("explain.passed_over"), "; ".join(groups))

    def _excluded(self, record: Mapping[str, Any], reason: str, seen: Mapping[str, Any]) -> str:
        """Say how many were not asked for one reason, and who if they are few."""
        # The record names a few examples at most; of thousands it keeps the count.
        number = int(seen["count"])
        failed = self._failed(reason, seen)
        told = self._excluded_words(record, reason, number, failed)
        if failed and reason != "product":
            told = f"{told}: {failed}"
        if number > NAMED_NEXT:
            return told
        return _with_brackets(told, self._names(seen.get("examples", ())))

    def _excluded_words(
        self, record: Mapping[str, Any], reason: str, number: int, failed: str
    ) -> str:
        opens_at = instant(record.get("opens")) if reason == "closed" else None
        if opens_at:
            when = self.locale.when(opens_at)
            return self.locale.translate("explain.closed_until", n=number, when=when)
        product = self._product(self.lead.product)
        if reason == "product" and failed:
            product = failed
        catalog = self.locale.catalog
        known = catalog.find(f"explain.excluded.{reason}", n=number, product=product)
        return known or f"{number} × {catalog.of_code('facts.excluded', reason)}"

    def _failed(self, reason: str, seen: Mapping[str, Any]) -> str:
        """Say what was asked and is lacking (or is there, though forbidden), and with how many."""
        parts = []
        for asked, number in seen.get("asked", {}).items():
            words = self._either(reason, asked)
            concerns_all = number == seen["count"]
            parts.append(_with_brackets(words, "" if concerns_all else str(number)))
        return ", ".join(parts)

    def _either(self, reason: str, asked: str) -> str:
        """Say ``German or English`` for ``de or en``."""
        in_words = {"language": self.locale.language_name, "product": self._product}.get(
            reason, str
        )
        alternatives = map(in_words, asked.split(" or "))
        return f" {self.locale.translate('explain.or')} ".join(alternatives)

    def _product(self, product: str) -> str:
        return product_name(self.programme, product, self.locale)

    def _reasoned(self, record: Mapping[str, Any], partner: str) -> str:
        """Name a partner with what ranks them: ``Huber (4 km away, 2 of 10 open)``."""
        return _with_brackets(self._name(partner), self._because(record, partner))

    def _because(self, record: Mapping[str, Any], partner: str) -> str:
        keys = dict(_keys_of(record, partner))
        if record.get("nowhere"):
            # No place, so the distance is unknown for everybody: that is said once, for all.
            keys.pop("distance", None)
        return ", ".join(key_words(keys, self.locale))

    def _names(self, partners: Iterable[str]) -> str:
        return ", ".join(map(self._name, partners))

    def _name(self, partner: str) -> str:
        return partner_name(self.partners, partner)


def _with_brackets(words: str, inside: str) -> str:
    """Write ``words (inside)``; the words alone if there is nothing inside."""
    return f"{words} ({inside})" if inside else words


def _listed(words: str, items: str) -> str:
    """Write ``words: items.`` without the catalogue, which cuts what it fills in to a line."""
    return f"{words} {items}."


def _offered(record: Mapping[str, Any]) -> tuple[str, ...]:
    """Give the ids of those the decision led to an offer for; a record may name one or several."""
    offered = record.get("offered")
    if isinstance(offered, str):
        return (offered,)
    return tuple(offered or ())


def _told_first(record: Mapping[str, Any]) -> tuple[str, ...]:
    """Give the ids of those of whom the first sentence tells."""
    held = record.get("held")
    return (held["partner"],) if held else _offered(record)


def _ranked_ids(record: Mapping[str, Any]) -> list[str]:
    return [each["partner"] for each in record.get("ranked", ())]


def _keys_of(record: Mapping[str, Any], partner: str) -> Mapping[str, Any]:
    """Give what ranked a partner, criterion by criterion; nothing for one who is not listed."""
    for each in record.get("ranked", ()):
        if each["partner"] == partner:
            keys: Mapping[str, Any] = each["keys"]
            return keys
    return {}
