"""What routing says of every partner for one product and need, wherever they work.

It asks ``decide`` as if everybody were there, and then looks who is not: so the report knows every
rule that routing knows, except how full partners are at the moment, and can tell whether somebody
need only come back. It asks for every weekday, not for that of today.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from itertools import chain

from routing_core.domain.absences import back_after
from routing_core.domain.calendar.business_time import WEEKDAYS, zone_of
from routing_core.domain.partner import Load, Partner
from routing_core.domain.programme.document import pick
from routing_core.domain.programme.programme import Programme
from routing_core.domain.programme.rules import Condition, all_hold
from routing_core.domain.territory.territory import Territory
from routing_core.routing.decide.backups import CANNOT_BE_HAD
from routing_core.routing.decide.decision import Decision, decide
from routing_core.routing.decide.eligibility import day_in, has_any, local_day
from routing_core.routing.index.network import Network
from routing_core.routing.policy import Enquiry, Policy
from routing_core.routing.report.coverage import KeptOut, Need

_SAID = frozenset({"product", "urgency", "language", "country", "region"})
"""What conditions look at and each enquiry of the survey says; the weekday is looked at apart."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What routing says of every partner for one product and need, wherever they work."""

    could: frozenset[str]
    kept_out: Mapping[str, KeptOut]
    asks_backups: bool
    """Whether the backup partner of somebody who cannot be had is asked."""
    backup: str
    """The programme's backup partner, if that one could take it; else empty."""


@dataclass
class Judge:
    """Asks routing, once for all weekdays and regions of which it says the same."""

    programme: Programme
    network: Network
    now: datetime
    loads: Mapping[str, Load]

    def __post_init__(self) -> None:
        # at what time of day somebody asks does not matter here
        self.policy = replace(Policy.of(self.programme, 0), skips_closed=frozenset())
        partners = self.network.partners
        answers = (rule.answer for rule in self.policy.rules)
        conditions = chain(
            *(rule.when for rule in self.policy.rules), *(each.takes for each in partners.values())
        )
        self.by_region = "region" in chain(answers, (part.field for part in conditions))
        """Whether it matters in which region somebody asks."""
        outs = (
            _away(partner, self.loads.get(name), self.now) for name, partner in partners.items()
        )
        self.away = {out.partner: out for out in outs if out}
        """Partners from whom something keeps every enquiry, whatever it asks for."""
        # as if nothing had been offered yet; a cap of 0 is kept, it keeps every enquiry away
        self._unused = {
            name: Load(name, active=True, caps=partner.caps) for name, partner in partners.items()
        }
        self._wide: dict[str, Network] = {}
        self._week = self._by_weekday()

    @property
    def parts_of_week(self) -> int:
        """Counts the parts of the week in each of which the same is said of all weekdays."""
        return sum(map(len, self._week.values()))

    def verdicts(
        self, country: str, region: str, product: str, need: Need
    ) -> Iterator[tuple[Verdict, Need]]:
        """Gives what is said, with the need on those weekdays on which it is said."""
        for noon, weekdays_off in self._week.items():
            decision = self._decide(country, region, product, need, noon)
            for off, weekdays in weekdays_off.items():
                yield self._judge(decision, off), need._replace(weekdays=weekdays)

    def _decide(
        self, country: str, region: str, product: str, need: Need, noon: datetime
    ) -> Decision:
        """Beside the territories, rules look at the region at most: so it is decided once for all
        of it (for all regions if no rule looks), as if everybody worked everywhere, on every
        weekday.
        """
        enquiry = Enquiry(country, "", product, need.urgency, need.language, region=region)
        most = max(len(self.network.partners), 1)
        return decide(enquiry, self._everywhere(country), self.policy, self._unused, noon, most)

    def _judge(self, decision: Decision, off: frozenset[str]) -> Verdict:
        """``off``: who takes nothing on that weekday."""
        ranked = frozenset(candidate.partner for candidate in decision.ranked)
        unfit: dict[str, KeptOut] = {}
        for reason, names in decision.excluded.items():
            unfit |= {name: KeptOut(name, reason) for name in names}
        unfit |= {name: KeptOut(name, "not_taken") for name in ranked & off}
        could = ranked - off
        away = {name: out for name, out in self.away.items() if name in could}
        asked = decision.enquiry
        order = pick(
            self.programme.fallback.backup, product=asked.product, urgency=asked.urgency
        ).order
        kept_out = unfit | away
        last = self._takes_whatever_comes(kept_out) if "programme" in order else ""
        return Verdict(could.difference(away), kept_out, "partner" in order, last)

    def _takes_whatever_comes(self, kept_out: Mapping[str, KeptOut]) -> str:
        """The programme's backup partner, who takes also what others of that profile would not;
        empty if that one cannot be had.
        """
        last = self.programme.fallback.backup_partner
        if not last or last not in self.network.partners or last in self.away:
            return ""
        out = kept_out.get(last)
        return "" if out and out.reason in CANNOT_BE_HAD else last

    def _by_weekday(self) -> Mapping[datetime, Mapping[frozenset[str], tuple[str, ...]]]:
        """Noon at HQ on one weekday for all on which the rules say the same → who takes nothing, on
        which of them.
        """
        rules = self.policy.rules
        looking = _of_weekdays(chain.from_iterable(rule.when for rule in rules))
        by_name = any(rule.answer == "weekday" for rule in rules)
        takes = {
            name: _of_weekdays(partner.takes) for name, partner in self.network.partners.items()
        }
        zone = self.programme.time_zone
        today, noon = day_in(zone, self.now), time(12, tzinfo=zone_of(zone))
        noons: dict[tuple[object, ...], datetime] = {}
        week: dict[datetime, dict[frozenset[str], tuple[str, ...]]] = {}
        for number, weekday in enumerate(WEEKDAYS):
            facts = {"weekday": weekday}
            day = today + timedelta(number - today.weekday())
            says = (by_name and weekday, *(part.holds(facts) for part in looking))
            alike = week.setdefault(noons.setdefault(says, datetime.combine(day, noon)), {})
            off = frozenset(name for name, own in takes.items() if not all_hold(own, facts))
            alike[off] = (*alike.get(off, ()), weekday)
        return week

    def _everywhere(self, country: str) -> Network:
        if country not in self._wide:
            zone = self.programme.time_zone
            partners = (
                _there(partner, country, zone, self.now)
                for partner in self.network.partners.values()
            )
            self._wide[country] = Network.compile("", partners, {})
        return self._wide[country]


def _of_weekdays(conditions: Iterable[Condition]) -> list[Condition]:
    return [part for part in conditions if part.field == "weekday"]


def _there(partner: Partner, country: str, zone: str, now: datetime) -> Partner:
    """In office on every weekday, with the certificates of today, and at work all over the country
    by the clock of that zone; of what is taken only that counts which is asked here.
    """
    today = local_day(partner, now)
    valid = {
        name: None
        for name in partner.certificates
        if has_any(partner, "certificate", frozenset({name}), today)
    }
    return replace(
        partner,
        territories=(Territory(country),),
        confirmed_email=partner.contact.email,
        bounced=False,
        paused=False,
        absences=(),
        takes=tuple(part for part in partner.takes if part.field in _SAID),
        certificates=valid,
        time_zone=zone,
    )


def _away(partner: Partner, load: Load | None, now: datetime) -> KeptOut | None:
    """What keeps every enquiry from this partner, whatever it asks for."""
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
