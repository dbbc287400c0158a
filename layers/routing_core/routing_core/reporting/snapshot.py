"""All leads of a period as they were known at one instant: what every report is made of.

A snapshot holds the leads that were open when the period began and those that came since. It is
stored as JSON in gzip; a reader of a later version fills in what it does not find.
"""

import gzip
import json
from array import array
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from io import BytesIO
from itertools import groupby
from operator import attrgetter, itemgetter
from typing import Any, Self

import numpy as np

from routing_core.domain.offer import OfferKind
from routing_core.reporting.coded_values import (
    amount_of,
    cents_of,
    coded,
    ending_of,
    instant_of,
    seconds_of,
)
from routing_core.reporting.columns import ColumnTable, IntColumn, Numbers, as_numbers, like
from routing_core.reporting.flow import flows_of, milestones, passed_of, stage_in, turn_of
from routing_core.reporting.period import Period
from routing_core.reporting.report_lead import (
    AfterAccept,
    Entitlement,
    Kept,
    LeadStage,
    OfferEnd,
    Promise,
    ReportLead,
    ReportOffer,
    Step,
)
from routing_core.reporting.snapshot_tables import (
    EntitlementColumns,
    LeadColumns,
    OfferColumns,
    PromiseColumns,
    StepColumns,
)
from routing_core.reporting.texts import LeadIds, Texts, shares_in, shares_text

REPORT_SCHEMA = 2
"""The schema that this code writes; in the first one all rows stood by lead."""
PART_OF_POSTCODE = 2
"""Where HQ has no regions, so many characters of the postcode are a part of the country."""
TABLES: Mapping[str, type[ColumnTable]] = {
    "leads": LeadColumns,
    "steps": StepColumns,
    "offers": OfferColumns,
    "promises": PromiseColumns,
    "entitlements": EntitlementColumns,
}
"""The tables of a snapshot by name."""


@dataclass(slots=True)
class Snapshot:
    """A period's leads in columns; it is filled once and never changed after."""

    period: Period
    created: datetime
    programme: int
    """The version of the programme in force when it was made."""
    ids: LeadIds = field(default_factory=LeadIds)
    texts: Texts = field(default_factory=Texts)
    leads: LeadColumns = field(default_factory=LeadColumns)
    steps: StepColumns = field(default_factory=StepColumns)
    offers: OfferColumns = field(default_factory=OfferColumns)
    promises: PromiseColumns = field(default_factory=PromiseColumns)
    entitlements: EntitlementColumns = field(default_factory=EntitlementColumns)

    @classmethod
    def of(
        cls, period: Period, created: datetime, programme: int, leads: Iterable[ReportLead]
    ) -> Self:
        """Make a snapshot of leads; of two with the same id the last counts."""
        snapshot = cls(period, created, programme)
        for lead in {each.id: each for each in leads}.values():
            snapshot._add(lead)
        snapshot.put_in_order()
        return snapshot

    def put_in_order(self) -> None:
        """Sort leads by when they came, steps by time, and offers by partner.

        What figures are made of are slices then. Equal ones stay in the order in which they were.
        """
        rows = _order_of(self.leads.entered)
        self.ids = LeadIds(map(self.ids.__getitem__, rows.tolist()))
        self.leads = self.leads.taken(rows)
        new_rows = np.argsort(rows)
        for name in TABLES:
            if name != "leads":
                table = getattr(self, name)
                table.lead = like(table.lead, new_rows[as_numbers(table.lead)])
        self.steps = self.steps.taken(_order_of(self.steps.at))
        self.offers = self.offers.taken(_order_of(self.offers.partner))

    def __len__(self) -> int:
        """Count the leads."""
        return len(self.ids)

    # ── stored ──────────────────────────────────────────────────────────────────────────────────

    def to_bytes(self) -> bytes:
        """Spell it as lines of JSON in gzip, always the same for the same leads.

        The first line says what it is, the second has the ids and the texts, and each further one a
        column: so nobody ever has to hold all of the text.
        """
        head = {
            "schema": REPORT_SCHEMA,
            "first_day": self.period.first_day.isoformat(),
            "next_day": self.period.next_day.isoformat(),
            "zone": self.period.zone,
            "created": self.created.isoformat(),
            "programme": self.programme,
        }
        stored = BytesIO()
        with gzip.GzipFile(fileobj=stored, mode="wb", compresslevel=6, mtime=0) as lines:
            lines.write(_line(head))
            lines.write(_line({"ids": list(self.ids), "texts": self.texts.texts}))
            for name in TABLES:
                for column, spelled in getattr(self, name).spelled_columns():
                    lines.write(_line([name, column, spelled]))
        return stored.getvalue()

    @classmethod
    def from_bytes(cls, stored: bytes) -> Self:
        """Read what ``to_bytes`` wrote; raises ValueError for a newer schema."""
        with gzip.GzipFile(fileobj=BytesIO(stored)) as lines:
            head: Mapping[str, Any] = json.loads(lines.readline())
            if head["schema"] > REPORT_SCHEMA:
                raise ValueError(f"this version reads no snapshot of schema {head['schema']}")
            first_day = date.fromisoformat(head["first_day"])
            snapshot = cls(
                Period(first_day, date.fromisoformat(head["next_day"]), head["zone"]),
                datetime.fromisoformat(head["created"]),
                head["programme"],
            )
            names = json.loads(lines.readline())
            snapshot.ids = LeadIds(names["ids"])
            snapshot.texts = Texts(names["texts"])
            del names  # a hundred thousand ids as texts
            while line := lines.readline():
                snapshot._take_line(line)
                del line  # before the next one is read
        for name in TABLES:
            getattr(snapshot, name).fill_up()
        if head["schema"] < REPORT_SCHEMA:
            snapshot._read_first_schema()
        return snapshot

    def _take_line(self, line: bytes) -> None:
        """Read a column from its line; a table that this version does not know is left out."""
        table, column, spelled = json.loads(line)
        if table in TABLES:
            getattr(self, table).take_column(column, spelled)

    @staticmethod
    def ids_in(stored: bytes) -> list[str]:
        """Read the ids of the leads alone: they stand before the columns."""
        with gzip.GzipFile(fileobj=BytesIO(stored)) as lines:
            lines.readline()
            ids: list[str] = json.loads(lines.readline())["ids"]
        return ids

    def _read_first_schema(self) -> None:
        """Add what the first schema did not have, and put everything in order."""
        offers, leads = self.offers, self.leads
        offers.ending = array("B", map(ending_of, offers.end, offers.seen))
        won = (stage == LeadStage.WON for stage in leads.stage)
        came_by = (leads.entered, leads.accepted, leads.contacted, leads.quoted, won)
        leads.passed = array("B", map(passed_of, *came_by))
        self.put_in_order()

    # ── leads in, leads out ─────────────────────────────────────────────────────────────────────

    def _add(self, lead: ReportLead) -> None:
        index = len(self.ids)
        text = self.texts.number
        self.ids.append(lead.id)
        self.leads.append(
            country=text(lead.country),
            area=text(lead.area),
            product=text(lead.product),
            urgency=text(lead.urgency),
            region=text(lead.region),
            source=text(lead.source),
            campaign=text(lead.campaign),
            owner=text(lead.owner),
            currency=text(lead.currency),
            reason=text(lead.reason),
            cell=text(_cell(lead)),
            touch=text(f"{lead.source}\t{lead.campaign}"),
            received=seconds_of(lead.received_at),
            value=cents_of(lead.value),
            quote=cents_of(lead.quote),
            by_hand=int(lead.by_hand),
            nobody_left=_one_more(lead.nobody_left, 254),
            not_called=int(lead.not_called),
            call_confirmed=int(lead.call_confirmed),
            **milestones(lead),
        )
        self._add_steps(index, lead)
        for offer in lead.offers:
            self._add_offer(index, offer)
        for promise in lead.promises:
            self.promises.append(lead=index, until=seconds_of(promise.until), kept=promise.kept)
        for at, routed in groupby(lead.entitlements, attrgetter("at")):
            shares = shares_text((each.partner, each.thousandths) for each in routed)
            self.entitlements.append(lead=index, at=seconds_of(at), shares=text(shares))

    def _add_steps(self, index: int, lead: ReportLead) -> None:
        for step, flow in zip(lead.steps, flows_of(lead.steps), strict=True):
            self.steps.append(
                lead=index,
                at=seconds_of(step.at),
                turn=turn_of(flow, step.stage),
                partner=self.texts.number(step.partner),
            )

    def _add_offer(self, index: int, offer: ReportOffer) -> None:
        text = self.texts.number
        self.offers.append(
            lead=index,
            number=offer.number,
            partner=text(offer.partner),
            kind=text(offer.kind.value),
            made=seconds_of(offer.made_at),
            until=seconds_of(offer.until),
            window=offer.window,
            end=offer.end,
            decided=seconds_of(offer.decided_at),
            response=_one_more(offer.response, 2**32 - 2),
            waited=_waited(offer),
            ending=ending_of(offer.end, int(offer.seen)),
            seen=int(offer.seen),
            reason=text(offer.reason),
            after=offer.after or 0,
            let_go=seconds_of(offer.let_go_at),
            contact_by=seconds_of(offer.contact_by),
            contact=offer.contact,
            contacted=seconds_of(offer.contacted_at),
            quoted=seconds_of(offer.quoted_at),
        )

    def report_leads(self) -> Iterator[ReportLead]:
        """Give the leads as they were put in, one after the other."""
        of_lead = itemgetter("lead")
        waiting = {
            name: _ByLead(groupby(self._by_lead(name), of_lead))
            for name in TABLES
            if name != "leads"
        }
        for index, row in enumerate(self.leads.rows()):
            beside = {name: rows.of(index) for name, rows in waiting.items()}
            yield self._lead(self.ids[index], row, beside)

    def _by_lead(self, name: str) -> Iterator[dict[str, int]]:
        """Yield the rows of a table by lead; a lead's offers by their numbers."""
        table = getattr(self, name)
        rows = _order_of(table.lead)
        if table is self.offers:
            rows = np.lexsort((as_numbers(table.number), as_numbers(table.lead)))
        return map(table.row, rows.tolist())

    def _lead(
        self, lead_id: str, row: Mapping[str, int], beside: Mapping[str, list[dict[str, int]]]
    ) -> ReportLead:
        text = self.texts
        return ReportLead(
            id=lead_id,
            country=text[row["country"]],
            area=text[row["area"]],
            product=text[row["product"]],
            urgency=text[row["urgency"]],
            received_at=_instant(row["received"]),
            region=text[row["region"]],
            source=text[row["source"]],
            campaign=text[row["campaign"]],
            steps=tuple(self._step(each) for each in beside["steps"]),
            offers=tuple(self._offer(each) for each in beside["offers"]),
            owner=text[row["owner"]],
            first_contact_at=instant_of(row["contacted"]),
            value=amount_of(row["value"]),
            quote=amount_of(row["quote"]),
            currency=text[row["currency"]],
            reason=text[row["reason"]],
            by_hand=bool(row["by_hand"]),
            nobody_left=_one_less(row["nobody_left"]),
            not_called=bool(row["not_called"]),
            call_confirmed=bool(row["call_confirmed"]),
            promises=tuple(
                Promise(_instant(each["until"]), Kept(each["kept"])) for each in beside["promises"]
            ),
            entitlements=tuple(self._entitlements(beside["entitlements"])),
        )

    def _step(self, row: Mapping[str, int]) -> Step:
        return Step(
            _instant(row["at"]), LeadStage(stage_in(row["turn"])), self.texts[row["partner"]]
        )

    def _offer(self, row: Mapping[str, int]) -> ReportOffer:
        return ReportOffer(
            number=row["number"],
            partner=self.texts[row["partner"]],
            kind=OfferKind(self.texts[row["kind"]]),
            made_at=_instant(row["made"]),
            until=_instant(row["until"]),
            window=row["window"],
            end=OfferEnd(row["end"]),
            decided_at=instant_of(row["decided"]),
            response=_one_less(row["response"]),
            seen=bool(row["seen"]),
            reason=self.texts[row["reason"]],
            after=AfterAccept(row["after"]) if row["after"] else None,
            let_go_at=instant_of(row["let_go"]),
            contact_by=instant_of(row["contact_by"]),
            contact=Kept(row["contact"]),
            contacted_at=instant_of(row["contacted"]),
            quoted_at=instant_of(row["quoted"]),
        )

    def _entitlements(self, rows: Iterable[Mapping[str, int]]) -> Iterator[Entitlement]:
        for row in rows:
            for partner, thousandths in shares_in(self.texts[row["shares"]]):
                yield Entitlement(_instant(row["at"]), partner, thousandths)


class _ByLead:
    """Hands out the rows of one lead after the other, from rows that are grouped by lead."""

    def __init__(self, groups: Iterator[tuple[int, Iterator[dict[str, int]]]]) -> None:
        self._groups = groups
        self._next = self._read()

    def _read(self) -> tuple[int, list[dict[str, int]]] | None:
        group = next(self._groups, None)
        return None if group is None else (group[0], list(group[1]))

    def of(self, lead: int) -> list[dict[str, int]]:
        """Give the rows of that lead, which is asked for after those before it."""
        if self._next is None or self._next[0] != lead:
            return []
        rows = self._next[1]
        self._next = self._read()
        return rows


def _order_of(column: IntColumn) -> Numbers:
    """Give the rows in the order of what a column has there; equal ones stay as they were."""
    return np.argsort(as_numbers(column), kind="stable")


def _cell(lead: ReportLead) -> str:
    """Say where demand came from, for what, and whether somebody was left to ask."""
    part = lead.region or lead.area[:PART_OF_POSTCODE]
    left = "" if lead.nobody_left is None else str(min(lead.nobody_left, 1))
    return "\t".join((lead.country, part, lead.product, left))


def _waited(offer: ReportOffer) -> int:
    """Code how long the partner took to answer; one who did not is known to take longer."""
    if offer.response is not None:
        return coded(offer.response, censored=False)
    if offer.end is OfferEnd.LAPSED:
        return coded(offer.window, censored=True)
    return 0


def _line(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _instant(seconds: int) -> datetime:
    """Give an instant that there is."""
    at = instant_of(seconds)
    if at is None:
        raise ValueError("an instant is missing")
    return at


def _one_more(number: int | None, most: int) -> int:
    return 0 if number is None else min(number, most) + 1


def _one_less(number: int) -> int | None:
    return number - 1 if number else None
