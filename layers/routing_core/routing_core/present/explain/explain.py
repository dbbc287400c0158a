"""A decision in sentences: who was chosen and why, who would be next, and why nobody else.

Reads the stored record, not the rules in force: what is told is what was known when it was decided.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from routing_core.domain.enquiry.location import BY_TOWN
from routing_core.domain.events import CommitRecord
from routing_core.domain.lead import Lead
from routing_core.domain.partner import Partner
from routing_core.domain.programme.programme import Programme
from routing_core.present.explain.timeline import instant
from routing_core.present.lead_summary import product_name
from routing_core.present.locale_context import LocaleContext

NEXT = 3
"""So many who would be asked next are named."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """One decision; ``sentences`` in the order in which a person would ask."""

    version: int
    """Of the lead, which the decision led to."""
    when: str
    sentences: tuple[str, ...]


def explained(
    rows: Iterable[CommitRecord],
    lead: Lead,
    reader: LocaleContext,
    programme: Programme,
    partners: Mapping[str, Partner],
) -> tuple[Explanation, ...]:
    """Every decision about the lead, the last first."""
    teller = _Teller(lead, reader, programme, partners)
    return tuple(
        Explanation(row.version, reader.when(row.at), teller.sentences(row.decision))
        for row in reversed(tuple(rows))
        if row.decision
    )


def sentences(
    record: Mapping[str, Any],
    lead: Lead,
    reader: LocaleContext,
    programme: Programme,
    partners: Mapping[str, Partner],
) -> tuple[str, ...]:
    """One record, told."""
    return _Teller(lead, reader, programme, partners).sentences(record)


def key_words(keys: Mapping[str, Any], reader: LocaleContext) -> tuple[str, ...]:
    """What ranks a partner, each criterion in words, in the order in which it counts."""
    return tuple(words for name, value in keys.items() if (words := _key(name, value, reader)))


def _key(name: str, value: Any, reader: LocaleContext) -> str:
    t = reader.t
    match name:
        case "served_before":
            return t("explain.key.served_before") if value else ""
        case "distance" if value is None:
            return t("explain.key.distance_unknown")
        case "distance":
            return t("explain.key.distance", value=reader.distance(float(value)))
        case "rank":
            return t("explain.key.rank_first") if value == 1 else t("explain.key.rank", value=value)
        case "load":
            return _load(str(value), reader)
        case "weight":
            return _weight(str(value), reader)
        case "last_offered":
            at = instant(value)
            return (
                t("explain.key.last_offered", when=reader.when(at))
                if at
                else t("explain.key.never_offered")
            )
        case _:
            return (
                t.find(f"explain.key.{name}", value=str(value))
                or f"{name.replace('_', ' ')}: {value}"
            )


def _load(value: str, reader: LocaleContext) -> str:
    """``2/10``, ``2``; ``0/10 as 0.40`` of an empty desk that counts with the usual share."""
    t = reader.t
    taken, _, counted = value.partition(" as ")
    held, _, cap = taken.partition("/")
    told = (
        t("explain.key.load_cap", held=held, cap=cap) if cap else t("explain.key.load", n=int(held))
    )
    return (
        f"{told} {t('explain.key.load_as', percent=round(float(counted) * 100))}"
        if counted
        else told
    )


def _weight(value: str, reader: LocaleContext) -> str:
    """``3/8 -0.125``; older records have the share alone."""
    t = reader.t
    share, _, ahead = value.partition(" ")
    told = t("explain.key.weight", value=share)
    if not ahead:
        return told
    rounds = float(ahead)
    where = "ahead" if rounds > 0 else "behind" if rounds < 0 else "even"
    return f"{told}, {t(f'explain.key.weight_{where}', rounds=reader.number(f'{abs(rounds):g}'))}"


@dataclass(frozen=True, slots=True)
class _Teller:
    lead: Lead
    reader: LocaleContext
    programme: Programme
    partners: Mapping[str, Partner]

    def sentences(self, record: Mapping[str, Any]) -> tuple[str, ...]:
        return tuple(
            each
            for each in (self._chosen(record), self._next(record), *self._others(record))
            if each
        )

    def _chosen(self, record: Mapping[str, Any]) -> str:
        t, offered = self.reader.t, _offered(record)
        if held := record.get("held"):
            until = instant(held["until"])
            return t(
                "explain.held",
                partner=self._name(held["partner"]),
                when=self.reader.when(until) if until else "",
            )
        if not offered:
            return t("explain.limited") if record.get("limited") else t("explain.nobody")
        if len(offered) > 1:
            first, *rest = offered
            return _listed(
                t("explain.wave", n=len(offered)),
                f"{self._reasoned(record, first)}, {self._names(rest)}",
            )
        kind = str(record.get("kind") or "routed")
        names, because = self._names(offered), self._because(record, offered[0])
        if kind == "routed" and because:
            return _listed(t("explain.chosen", partner=names), because)
        before = t("explain.limited_before") if record.get("limited") else ""
        stands_in = record.get("stands_in", {})
        whose = self._name(stands_in.get("partner", ""))
        told = t.find(f"explain.backup_of.{stands_in.get('source')}", partner=names, whose=whose)
        return f"{told or t(f'explain.{kind}', partner=names)} {before}".strip()

    def _next(self, record: Mapping[str, Any]) -> str:
        """Who comes after, among those who could be asked."""
        t, offered = self.reader.t, _named_first(record)
        late = record.get("late", {}).get("examples", ())
        rest = [
            each["partner"]
            for each in record.get("ranked", ())
            if each["partner"] not in (*offered, *late)
        ]
        if not rest:
            return ""
        told = "; ".join(self._reasoned(record, partner) for partner in rest[:NEXT])
        told_of = len(rest[:NEXT]) + sum(p in _ids(record) for p in offered)
        passed_over = int(record.get("late", {}).get("count", 0))
        more = int(record.get("eligible", len(rest))) - told_of - passed_over
        after = f" {t('explain.more', n=more)}" if more > 0 else ""
        return _listed(t("explain.next"), told) + after

    def _others(self, record: Mapping[str, Any]) -> Iterable[str]:
        t = self.reader.t
        excluded = record.get("excluded", {})
        number = sum(int(seen["count"]) for seen in excluded.values())
        if number:
            because = "; ".join(
                self._excluded(record, reason, seen) for reason, seen in excluded.items()
            )
            place = self.lead.postcode or self.reader.country(self.lead.country)
            yield _listed(t("explain.others", n=number, place=place), because)
        if late := record.get("late"):
            named = self._names(late["examples"]) if late["count"] <= NEXT else ""
            told = t("explain.late", n=int(late["count"]))
            yield _listed(f"{told}:", named) if named else f"{told}."
        if record.get("nobody_in_time"):
            yield t("explain.nobody_in_time")
        if record.get("located_by") == BY_TOWN:
            yield t("explain.located_by_town", postcode=self.lead.postcode)
        if record.get("nowhere"):
            yield t(
                "explain.nowhere",
                place=self.lead.postcode or self.reader.country(self.lead.country),
            )
        if passed_over := record.get("passed_over"):
            each = (
                f"{self._names(who)} ({t.code('facts.excluded', reason)})"
                for reason, who in passed_over.items()
            )
            yield _listed(t("explain.passed_over"), "; ".join(each))
        if record.get("beyond"):
            yield t("explain.beyond", n=int(record["beyond"]))
        if record.get("contended"):
            yield t("explain.contended")

    def _excluded(self, record: Mapping[str, Any], reason: str, seen: Mapping[str, Any]) -> str:
        t, number = self.reader.t, int(seen["count"])
        opens = instant(record.get("opens")) if reason == "closed" else None
        failed = self._failed(reason, seen)
        product = failed if reason == "product" and failed else self._product(self.lead.product)
        words = (
            t("explain.closed_until", n=number, when=self.reader.when(opens))
            if opens
            else t.find(f"explain.excluded.{reason}", n=number, product=product)
        )
        told = words or f"{number} × {t.code('facts.excluded', reason)}"
        if failed and reason != "product":
            told = f"{told}: {failed}"
        names = self._names(seen.get("examples", ())) if number <= NEXT else ""
        return f"{told} ({names})" if names else told

    def _failed(self, reason: str, seen: Mapping[str, Any]) -> str:
        """What was asked and is lacking (or is there, though forbidden), and of how many if not of
        all.
        """
        return ", ".join(
            self._either(reason, what) + (f" ({number})" if number != seen["count"] else "")
            for what, number in seen.get("asked", {}).items()
        )

    def _either(self, reason: str, what: str) -> str:
        named = {"language": self.reader.language_name, "product": self._product}.get(reason, str)
        return f" {self.reader.t('explain.or')} ".join(named(each) for each in what.split(" or "))

    def _product(self, product: str) -> str:
        return product_name(self.programme, product, self.reader)

    def _reasoned(self, record: Mapping[str, Any], partner: str) -> str:
        because = self._because(record, partner)
        return f"{self._name(partner)} ({because})" if because else self._name(partner)

    def _because(self, record: Mapping[str, Any], partner: str) -> str:
        keys = dict(
            next(
                (each["keys"] for each in record.get("ranked", ()) if each["partner"] == partner),
                {},
            )
        )
        if record.get("nowhere"):
            keys.pop("distance", None)  # of everybody: it is said once
        return ", ".join(key_words(keys, self.reader))

    def _names(self, partners: Iterable[str]) -> str:
        return ", ".join(self._name(partner) for partner in partners)

    def _name(self, partner: str) -> str:
        known = self.partners.get(partner)
        return known.name if known else partner


def _listed(words: str, items: str) -> str:
    """``words: items.`` (Joined here, because what is filled into words is cut to one short
    line.)
    """
    return f"{words} {items}."


def _offered(record: Mapping[str, Any]) -> tuple[str, ...]:
    """Whoever the decision led to an offer for; a record may name one or several."""
    offered = record.get("offered")
    return (offered,) if isinstance(offered, str) else tuple(offered or ())


def _named_first(record: Mapping[str, Any]) -> tuple[str, ...]:
    """Of whom the first sentence tells."""
    held = record.get("held")
    return (held["partner"],) if held else _offered(record)


def _ids(record: Mapping[str, Any]) -> set[str]:
    return {each["partner"] for each in record.get("ranked", ())}
