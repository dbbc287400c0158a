"""A year of made-up history for a sample network: what its reports of the past are made of.

A few thousand leads, most partners as people are, one whom everybody would like to have more of,
one with whom somebody should talk, and a part of the country where nobody works. The same seed and
day make the same year. Nothing of it is put where routing looks: no load and no rate changes, no
mail is sent, no timer set and no event published.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from random import Random

from infra.local.made_up_leads import NewEnquiry, PastLead, Story, all_of
from infra.local.partner_manners import STRONG, WEAK, PartnerManner
from routing_core.domain.enquiry.location import region_of
from routing_core.domain.lead import Context
from routing_core.domain.partner import Partner
from routing_core.domain.programme.programme import Programme
from routing_core.reporting.gathered import GatheringRules, report_lead
from routing_core.reporting.period import Period
from routing_core.reporting.report_lead import LeadStage, ReportLead
from routing_core.reporting.snapshot import Snapshot
from routing_core.routing.index.network import Network

MONTHS = 12
LEADS = 3000
SPAN = timedelta(days=400)
"""The first enquiries came so long ago: those of a month before the year are open in it."""
IN_THE_GAP = 0.05
"""The share of enquiries that come from where nobody works."""
HOURS = (0.2,) * 6 + (0.6, 1.2, 2, 2.5, 2.5, 2.2, 1.8, 1.8, 2, 2, 2, 2, 2.2, 2.4, 2.4, 2, 1.2, 0.6)
"""How much people ask in each hour of a day, against each other."""
SEASON = (1.1, 1.0, 0.9, 0.8, 0.7, 0.6, 0.6, 0.8, 1.2, 1.5, 1.5, 1.2)
"""How much people ask in each month, from January: heating is thought of when it gets cold."""
CAMPAIGNS = (
    ("google", "heat-pump-search", 5),
    ("google", "brand", 3),
    ("newsletter", "autumn", 2),
    ("fair", "building-fair", 1),
    ("", "", 6),
)
"""Source, campaign, and how many come by it, against each other."""
MOST_ASKED = 4
"""So many partners could be asked about one lead; more would not tell more."""


@dataclass(frozen=True, slots=True)
class SampleNetwork:
    """A programme, its partners, and the postcodes from which people ask."""

    programme: Programme
    partners: Sequence[Partner]
    postcodes: Mapping[str, Sequence[str]]
    """Country → its postcodes."""


def in_real_time(programme: Programme, usual: Programme) -> Programme:
    """Give the programme with the windows of a usual one.

    Those of a sample are minutes, so that somebody can watch; nobody could have kept them for a
    year.
    """
    follow_up = usual.fallback.follow_up.model_copy(update={"then": "apologise"})
    return programme.model_copy(
        update={
            "offers": usual.offers,
            "contact": usual.contact,
            "missed_contact": usual.missed_contact,
            "fallback": usual.fallback.model_copy(
                update={
                    "backup_partner": programme.fallback.backup_partner,
                    "follow_up": follow_up,
                }
            ),
            "promise": usual.promise,
            "early_return": usual.early_return,
        }
    )


class MadeUpYear:
    """Makes up the leads of a year that ends now."""

    def __init__(self, network: SampleNetwork, now: datetime, seed: int = 1) -> None:
        self.network = network
        self.now = now
        self.seed = seed
        self._dice = Random(seed)
        self._compiled = Network.compile("history", network.partners, network.programme.regions)
        self._by_id = {partner.id: partner for partner in network.partners}
        self._places = self._places_by_cover()
        self._manners = self._manners_of_partners()

    def _places_by_cover(self) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
        """Part the postcodes into those where somebody works, and those of one gap."""
        covered: list[tuple[str, str]] = []
        empty: list[tuple[str, str]] = []
        for country, postcodes in sorted(self.network.postcodes.items()):
            for postcode in postcodes:
                place = (country, postcode)
                (covered if self._compiled.covering(*place) else empty).append(place)
        return covered, _of_the_largest_part(empty)

    def _manners_of_partners(self) -> Mapping[str, PartnerManner]:
        """Give everybody a manner; the two who get most are the strong one and the weak one."""
        dice = Random(self.seed + 1)
        covered, _ = self._places
        reach = dict.fromkeys(sorted(self._by_id), 0)
        for place in dice.sample(covered, min(len(covered), 2000)):
            for name in self._compiled.covering(*place):
                reach[name] += 1
        busiest = sorted(
            (name for name in reach if self._by_id[name].active),
            key=lambda name: (-reach[name], name),
        )
        manners = {name: _usual_manner(dice) for name in sorted(reach)}
        return manners | dict(zip(busiest, (STRONG, WEAK), strict=False))

    def leads(self, count: int = LEADS) -> Iterator[PastLead]:
        """Yield the leads, in the order in which they came."""
        enquiries = sorted(
            (self._enquiry(number) for number in range(count)), key=lambda each: each.at
        )
        return all_of(self._story(each) for each in enquiries)

    def _enquiry(self, number: int) -> NewEnquiry:
        dice = self._dice
        covered, empty = self._places
        country, postcode = dice.choice(empty if empty and dice.random() < IN_THE_GAP else covered)
        programme = self.network.programme
        source, campaign, _ = dice.choices(CAMPAIGNS, [each[-1] for each in CAMPAIGNS])[0]
        return NewEnquiry(
            id=_lead_id(self.seed, number),
            at=self._instant(),
            country=country,
            postcode=postcode,
            region=region_of(programme, country, postcode) or "",
            product=dice.choices(
                [each.id for each in programme.products], _falling(programme.products)
            )[0],
            urgency=self._urgency(),
            language=dice.choice(programme.languages),
            context=Context(
                source=source, utm={"source": source, "campaign": campaign} if source else {}
            ),
        )

    def _urgency(self) -> str:
        """Draw an urgency: few enquiries are emergencies, and most have time."""
        urgencies = self.network.programme.urgencies
        weights = [0.3 if each.emergency else 1.0 + place for place, each in enumerate(urgencies)]
        return self._dice.choices(urgencies, weights)[0].id

    def _instant(self) -> datetime:
        """Draw when somebody asks: more in the evening, more when it gets cold, more each month."""
        dice = self._dice
        while True:
            days_ago = SPAN.days * dice.random()
            day = (self.now - timedelta(days=days_ago)).astimezone(self.network.programme.zone)
            grown = 1 - 0.4 * days_ago / SPAN.days
            if dice.random() < SEASON[day.month - 1] * grown / max(SEASON):
                break
        hour = dice.choices(range(24), HOURS)[0]
        local = day.replace(hour=hour, minute=dice.randrange(60), second=dice.randrange(60))
        return local.astimezone(UTC).replace(microsecond=0)

    def _story(self, enquiry: NewEnquiry) -> Story:
        dice = Random(f"{self.seed}:{enquiry.id}")
        return Story(
            enquiry,
            self.network.programme,
            self._able(enquiry, dice),
            self._manners.__getitem__,
            dice,
            self.now,
        )

    def _able(self, enquiry: NewEnquiry, dice: Random) -> list[Partner]:
        """Give the partners who could be asked there, in a made-up order by tier."""
        names = self._compiled.covering(enquiry.country, enquiry.postcode)
        able = [self._by_id[name] for name in sorted(names)]
        able = [each for each in able if each.active and enquiry.product in each.products]
        dice.shuffle(able)
        return sorted(able, key=lambda each: each.tier)[:MOST_ASKED]

    def rules(self) -> GatheringRules:
        """Give what the programme and the profiles say, as far as reports need it."""
        programme = self.network.programme
        calendars = {
            partner.id: partner.calendar(programme.hq_calendar) for partner in self.network.partners
        }
        neutral = [reason.id for reason in programme.return_reasons if reason.neutral]
        return GatheringRules(
            programme.currency,
            frozenset(neutral),
            calendars.get,
            lambda name: self._by_id[name].weight if name in self._by_id else 1,
        )


def _of_the_largest_part(places: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Give the places of the part of the country in which there are most of them."""
    parts = Counter((country, postcode[:2]) for country, postcode in places)
    largest = {part for part, _ in parts.most_common(1)}
    return [place for place in places if (place[0], place[1][:2]) in largest]


def _lead_id(seed: int, number: int) -> str:
    """Give an id that looks like any other and that no enquiry ever gets."""
    return blake2b(f"history:{seed}:{number}".encode(), digest_size=13).hexdigest()


def _usual_manner(dice: Random) -> PartnerManner:
    accepts = dice.uniform(0.6, 0.85)
    return PartnerManner(
        accepts=accepts,
        declines=dice.uniform(0.3, 0.8) * (1 - accepts),
        looks=dice.uniform(0.4, 0.9),
        answer_hours=dice.uniform(0.6, 2.2),
        calls_late=dice.uniform(0.03, 0.25),
        call_hours=dice.uniform(2, 8),
        quotes=dice.uniform(0.55, 0.8),
        wins=dice.uniform(0.32, 0.55),
        order=dice.uniform(10_000, 18_000),
        returns=dice.uniform(0.01, 0.06),
    )


def _falling(options: Sequence[object]) -> list[float]:
    return [1 / (place + 1) for place in range(len(options))]


def past_months(now: datetime, zone: str, months: int = MONTHS) -> list[Period]:
    """Give the last so many whole months before now, the oldest first."""
    found = [Period.month_of(now, zone).month_before()]
    while len(found) < months:
        found.append(found[-1].month_before())
    return found[::-1]


def snapshots(
    year: MadeUpYear, leads: Sequence[PastLead], periods: Sequence[Period]
) -> Iterator[Snapshot]:
    """Yield a snapshot of each month, as it would have been made four hours into the next."""
    rules = year.rules()
    for period in periods:
        created = period.end + timedelta(hours=4)
        known = (_as_known(each, rules, created) for each in leads)
        of_month = (each for each in known if each is not None and _belongs(each, period))
        yield Snapshot.of(period, created, 1, of_month)


def _as_known(past: PastLead, rules: GatheringRules, at: datetime) -> ReportLead | None:
    """Give what a report made then would know of a lead; None if it had not come."""
    records = [record for record in past.records if record.at < at]
    if not records:
        return None
    return report_lead(past.lead, records, past.context, rules, at)


def _belongs(lead: ReportLead, period: Period) -> bool:
    """Tell whether it came in the period, or was open when that began."""
    if lead.received_at >= period.start or lead.stage < LeadStage.WON:
        return True
    return lead.steps[-1].at >= period.start
