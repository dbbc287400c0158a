"""Asks what routing says of every partner, wherever they work.

It asks ``decide`` as if everybody were there, and then looks who is not: so the report knows every
rule that routing knows, except how full partners are at the moment, and can tell whether somebody
need only come back. It asks for every weekday, not for that of today.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta

from routing_core.domain.absences import back_after
from routing_core.domain.calendar.business_time import WEEKDAYS, zone_of
from routing_core.domain.partner import Load, Partner
from routing_core.domain.programme.document import most_specific_rule
from routing_core.domain.programme.programme import Programme
from routing_core.domain.programme.rules import Condition, RoutingRule, all_hold
from routing_core.domain.territory.territory import Territory
from routing_core.routing.decide.backups import CANNOT_BE_HAD
from routing_core.routing.decide.decision import Decision, decide
from routing_core.routing.decide.eligibility import day_in, has_any, local_day
from routing_core.routing.decide.situation import LoadsByPartner, Situation
from routing_core.routing.index.network import Network
from routing_core.routing.policy import Enquiry, Policy
from routing_core.routing.report.coverage import Demand, KeptOut

_SAID = frozenset({"product", "urgency", "language", "country", "region"})
# What conditions look at and each enquiry of the survey says; the weekday is looked at apart.


_Week = Mapping[datetime, Mapping[frozenset[str], tuple[str, ...]]]
# By noon at HQ on one weekday for all on which the rules say the same: who takes nothing, and on
# which of these weekdays.


@dataclass(frozen=True, slots=True)
class Verdict:
    """What routing says of every partner for one product and demand, wherever they work."""

    could: frozenset[str]
    """Names the partners who could be asked."""
    kept_out: Mapping[str, KeptOut]
    """Gives of all others why they could not."""
    asks_backups: bool
    """Tells whether the backup partner of somebody who cannot be had is asked."""
    backup: str
    """Names the programme's backup partner, if that one could take it; else empty."""


@dataclass
class Judge:
    """Asks routing, once for all weekdays and regions of which it says the same."""

    programme: Programme
    """Holds the rules."""
    network: Network
    """Knows the partners."""
    now: datetime
    """Gives the instant for which it is asked."""
    loads: LoadsByPartner
    """Says who was paused after lapses: it stands there alone."""

    def __post_init__(self) -> None:
        """Look who is away, and what hangs on weekdays and regions.

        That is the same for every demand.
        """
        # At what time of day somebody asks does not matter here.
        self.policy = replace(Policy.of(self.programme, 0), skips_closed=frozenset())
        """Holds the programme's rules as they are asked here."""
        self.by_region = "region" in _fields_looked_at(
            self.policy.rules, self.network.partners.values()
        )
        """Tells whether it matters in which region somebody asks."""
        self.away = self._find_away()
        """Gives the partners from whom something keeps every enquiry, whatever it asks for."""
        # As if nothing had been offered yet; a cap of 0 is kept, it keeps every enquiry away.
        self._unused: LoadsByPartner = {
            name: Load(name, active=True, caps=partner.caps, extra_open=partner.extra_open)
            for name, partner in self.network.partners.items()
        }
        self._everywhere: dict[str, Network] = {}
        self._weekday_conditions = {
            name: _of_weekdays(partner.lead_filters)
            for name, partner in self.network.partners.items()
        }
        self._week = self._by_weekday()

    def _find_away(self) -> dict[str, KeptOut]:
        away: dict[str, KeptOut] = {}
        for name, partner in self.network.partners.items():
            out = _away(partner, self.loads.get(name), self.now)
            if out:
                away[name] = out
        return away

    @property
    def parts_of_week(self) -> int:
        """Count the parts of the week in each of which the same is said of all weekdays."""
        return sum(map(len, self._week.values()))

    def verdicts(
        self, country: str, region: str, product: str, demand: Demand
    ) -> Iterator[tuple[Verdict, Demand]]:
        """Give what is said, with the demand on those weekdays on which it is said."""
        enquiry = Enquiry(country, "", product, demand.urgency, demand.language, region=region)
        for noon, weekdays_off in self._week.items():
            decision = self._decide(enquiry, noon)
            for off, weekdays in weekdays_off.items():
                yield self._verdict(decision, off), demand._replace(weekdays=weekdays)

    def _decide(self, enquiry: Enquiry, noon: datetime) -> Decision:
        """Decide as if everybody worked everywhere in the country, on every weekday.

        Beside the territories, rules look at the region at most: so it is decided once for all of
        it, and for all regions if no rule looks.
        """
        everybody = max(len(self.network.partners), 1)
        network = self._working_everywhere(enquiry.country)
        return decide(Situation(enquiry, network, self.policy, noon, self._unused), everybody)

    def _verdict(self, decision: Decision, off: frozenset[str]) -> Verdict:
        """Say who could be asked; ``off`` names who takes nothing on that weekday."""
        ranked = frozenset(each.partner for each in decision.ranked)
        could = ranked - off
        kept_out: dict[str, KeptOut] = {}
        for reason, names in decision.excluded.items():
            for name in names:
                kept_out[name] = KeptOut(name, reason)
        for name in ranked & off:
            kept_out[name] = KeptOut(name, "not_taken")
        # Who would be asked, were they there: only of them being away is the reason.
        kept_out |= {name: out for name, out in self.away.items() if name in could}
        enquiry = decision.enquiry
        order = most_specific_rule(
            self.programme.fallback.backup, product=enquiry.product, urgency=enquiry.urgency
        ).order
        last = self._takes_whatever_comes(kept_out) if "programme" in order else ""
        return Verdict(could.difference(self.away), kept_out, "partner" in order, last)

    def _takes_whatever_comes(self, kept_out: Mapping[str, KeptOut]) -> str:
        """Name the programme's backup partner.

        That one takes also what others of that profile would not. The name is empty if that one
        cannot be had.
        """
        last = self.programme.fallback.backup_partner
        if not last or last not in self.network.partners or last in self.away:
            return ""
        out = kept_out.get(last)
        return "" if out and out.reason in CANNOT_BE_HAD else last

    def _by_weekday(self) -> _Week:
        """Put the weekdays together on which rules say the same, and partners take the same."""
        zone = self.programme.time_zone
        noon = time(12, tzinfo=zone_of(zone))
        today = day_in(zone, self.now)
        noons: dict[tuple[object, ...], datetime] = {}
        week: dict[datetime, dict[frozenset[str], tuple[str, ...]]] = {}
        for number, weekday in enumerate(WEEKDAYS):
            day = today + timedelta(number - today.weekday())
            says = self._what_rules_say_on(weekday)
            first_alike = noons.setdefault(says, datetime.combine(day, noon))
            alike = week.setdefault(first_alike, {})
            off = self._who_takes_nothing_on(weekday)
            alike[off] = (*alike.get(off, ()), weekday)
        return week

    def _what_rules_say_on(self, weekday: str) -> tuple[object, ...]:
        """Give what tells weekdays apart by the programme's rules: equal values, equal rules."""
        says: list[object] = []
        for rule in self.policy.rules:
            if rule.answer == "weekday":
                says.append(weekday)
            says += [part.holds({"weekday": weekday}) for part in _of_weekdays(rule.when)]
        return tuple(says)

    def _who_takes_nothing_on(self, weekday: str) -> frozenset[str]:
        names: set[str] = set()
        for name, conditions in self._weekday_conditions.items():
            if not all_hold(conditions, {"weekday": weekday}):
                names.add(name)
        return frozenset(names)

    def _working_everywhere(self, country: str) -> Network:
        if country not in self._everywhere:
            zone = self.programme.time_zone
            partners = (
                _there(partner, country, zone, self.now)
                for partner in self.network.partners.values()
            )
            self._everywhere[country] = Network.compile("", partners, {})
        return self._everywhere[country]


def _fields_looked_at(rules: Iterable[RoutingRule], partners: Iterable[Partner]) -> set[str]:
    names: set[str] = set()
    for rule in rules:
        names.add(rule.answer)
        names.update(part.field for part in rule.when)
    for partner in partners:
        names.update(part.field for part in partner.lead_filters)
    return names


def _of_weekdays(conditions: Iterable[Condition]) -> list[Condition]:
    return [part for part in conditions if part.field == "weekday"]


def _there(partner: Partner, country: str, zone: str, now: datetime) -> Partner:
    """Make a partner who is in office on every weekday, and at work all over the country.

    The clock is that of the zone. Certificates are those of today; of what is taken only that
    counts which is asked here.
    """
    today = local_day(partner, now)
    valid = [
        name
        for name in partner.certificates
        if has_any(partner, "certificate", frozenset({name}), today)
    ]
    return replace(
        partner,
        territories=(Territory(country),),
        confirmed_email=partner.contact.email,
        bounced=False,
        paused=False,
        absences=(),
        lead_filters=tuple(part for part in partner.lead_filters if part.field in _SAID),
        certificates=dict.fromkeys(valid),
        time_zone=zone,
    )


def _away(partner: Partner, load: Load | None, now: datetime) -> KeptOut | None:
    """Say what keeps every enquiry from this partner, whatever it asks for; None for nothing."""
    if not partner.confirmed:
        return KeptOut(partner.id, "unconfirmed")
    if partner.bounced:
        return KeptOut(partner.id, "bounced")
    if partner.paused:
        return KeptOut(partner.id, "paused")
    if load is not None and not load.active:
        return KeptOut(partner.id, "lapsed" if load.lapses else "paused")
    last = back_after(partner.absences, local_day(partner, now))
    return KeptOut(partner.id, "absent", last) if last else None
