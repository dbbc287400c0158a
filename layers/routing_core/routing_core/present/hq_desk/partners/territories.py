"""A partner's territories told in words, and how far they reach."""

from collections.abc import Iterable
from dataclasses import dataclass

from routing_core.domain.programme.programme import Programme
from routing_core.domain.territory.states import states
from routing_core.domain.territory.territory import Territory, TerritoryKind
from routing_core.present.lead_summary import region_name
from routing_core.present.locale_context import LocaleContext
from routing_core.routing.report.reach import CountryReach, Reach

ENTRIES_TOLD = 12
"""Entries that are told one by one; of more it is said how many there are."""


@dataclass(frozen=True, slots=True)
class TerritoryWords:
    """Tells territories to one reader."""

    programme: Programme
    locale: LocaleContext

    def told(self, entries: Iterable[Territory]) -> list[str]:
        """Say by country what is covered, and what is taken away of it."""
        by_country: dict[str, list[Territory]] = {}
        for entry in entries:
            by_country.setdefault(entry.country, []).append(entry)
        return [self._of_country(country, there) for country, there in by_country.items()]

    def _of_country(self, country: str, entries: list[Territory]) -> str:
        covered = [self._entry(each) for each in entries if not each.excluded]
        taken = [self._entry(each) for each in entries if each.excluded]
        fill = {"where": self._listed(covered), "without": self._listed(taken)}
        key = "told" if not taken else "told_without"
        if not covered:
            key = "told_only_without"
        sentence = self.locale.translate(f"hq_partners.territory.{key}", **fill)
        if not country:
            return sentence
        name = self.locale.country(country)
        return self.locale.translate("hq_partners.territory.of", country=name, told=sentence)

    def _listed(self, words: list[str]) -> str:
        told = ", ".join(words[:ENTRIES_TOLD])
        more = len(words) - ENTRIES_TOLD
        if more <= 0:
            return told
        return self.locale.translate("hq_partners.territory.and_more", told=told, n=more)

    def _entry(self, entry: Territory) -> str:
        words = self._where(entry)
        if entry.rank > 1:
            words = self.locale.translate("hq_partners.territory.rank", where=words, n=entry.rank)
        if entry.backup:
            words = self.locale.translate("hq_partners.territory.backup", where=words)
        return words

    def _where(self, entry: Territory) -> str:
        key, fill = self._place(entry)
        return self.locale.translate(f"hq_partners.territory.{key}", **fill)

    def _place(self, entry: Territory) -> tuple[str, dict[str, str]]:
        """Give the words for an entry, and what is filled in."""
        before, _, behind = entry.value.partition("-")
        km, _, middle = entry.value.partition("km ")
        words: dict[TerritoryKind, tuple[str, dict[str, str]]] = {
            TerritoryKind.WORLD: ("world", {}),
            TerritoryKind.COUNTRY: ("country", {}),
            TerritoryKind.PREFIX: ("prefix", {"start": entry.value}),
            TerritoryKind.RANGE: ("range", {"first": before, "last": behind}),
            TerritoryKind.RADIUS: ("radius", {"km": km, "middle": middle}),
            TerritoryKind.STATE: ("state", {"name": self._state(entry)}),
            TerritoryKind.REGION: ("region", {"name": self._region(entry.value)}),
            TerritoryKind.AREA: ("area", {"name": self._area(entry.value)}),
        }
        return words.get(entry.reach, ("state", {"name": entry.value}))

    def _state(self, entry: Territory) -> str:
        known = states(entry.country).get(entry.value)
        return known.name if known else entry.value

    def _region(self, region: str) -> str:
        return region_name(self.programme, region, self.locale) or region

    def _area(self, area: str) -> str:
        outlined = self.programme.areas.get(area)
        return (self.locale.say(outlined.name) if outlined else "") or area

    # ── counted ───────────────────────────────────────────────────────────────────────────────────

    def reach(self, reach: Reach) -> list[str]:
        """Say how many postcodes are covered, with whom they are shared, and what covers nothing."""
        sentences = [self._counted(each) for each in reach.countries]
        sentences.append(self._shared(reach))
        if reach.unresolved:
            entries = ", ".join(reach.unresolved[:ENTRIES_TOLD])
            sentences.append(self.locale.translate("hq_partners.reach.unresolved", entries=entries))
        return sentences

    def _counted(self, there: CountryReach) -> str:
        country = self.locale.country(there.country)
        if there.postcodes is None:
            return self.locale.translate("hq_partners.reach.uncounted", country=country)
        key = "known" if there.known else "possible"
        counted = self.locale.number(str(there.postcodes))
        return self.locale.translate(
            f"hq_partners.reach.{key}",
            n=there.postcodes,
            counted=counted,
            all=self.locale.number(str(there.all)),
            country=country,
        )

    def _shared(self, reach: Reach) -> str:
        if not reach.shared_with:
            return self.locale.translate("hq_partners.reach.alone")
        names = [
            self.locale.translate(
                "hq_partners.reach.with", name=each.name, n=self.locale.number(str(each.postcodes))
            )
            for each in reach.shared
        ]
        more = reach.shared_with - len(reach.shared)
        told = ", ".join(names)
        if more > 0:
            told = self.locale.translate("hq_partners.territory.and_more", told=told, n=more)
        return self.locale.translate("hq_partners.reach.shared", partners=told)
