"""What must hold whatever happens: the design's invariants, each a function whose docstring is its
sentence.

They look only at what is stored (``look``), never at how it came to be, so that the same checks
serve tests that play, race or break things. Numbers are those of the reliability document.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

from routing_core.aws.codecs.event_items import PAST
from routing_core.aws.codecs.lead_items import lead_from_item
from routing_core.aws.codecs.load_items import load_from_item
from routing_core.domain.enquiry.contact_keys import contact_keys
from routing_core.domain.events import CommitRecord
from routing_core.domain.figures import RETURNED_FOR
from routing_core.domain.lead import (
    FINISHED,
    MOST_ATTACHED,
    OWNED,
    TRANSITIONS,
    DeadlineKind,
    Lead,
    LeadStatus,
)
from routing_core.domain.offer import RELEASED, OfferStatus
from routing_core.domain.partner import Load, Partner
from routing_core.domain.partner_plain import partner_from_plain
from routing_core.domain.repeats import ALIVE
from routing_core.reporting.gathered import GatheringRules, report_lead
from routing_core.reporting.lead_story import STAGE_OF
from routing_core.reporting.report_lead import AfterAccept, LeadStage, OfferEnd
from tests.support.recount import Recount
from tests.support.replay import Told, replayed
from tests.support.world import World

S = LeadStatus


@dataclass(frozen=True)
class Seen:
    """Everything stored at one moment."""

    now: datetime
    leads: Mapping[str, Lead]
    events: Mapping[str, tuple[CommitRecord, ...]]
    loads: Mapping[str, Load]
    zones: Mapping[str, str]
    """Of the partners' clocks."""
    neutral: frozenset[str]
    """Reasons of the programme that leave figures alone."""
    unreached: frozenset[str] = frozenset()
    """Reasons of the programme for which an owner gives back an enquiry whose sender was not spoken
    to.
    """

    def since(self, earlier: "Seen") -> Iterator[CommitRecord]:
        """What was committed after an earlier look."""
        for lead_id, rows in self.events.items():
            yield from rows[len(earlier.events.get(lead_id, ())) :]


NOTHING = Seen(datetime.min, {}, {}, {}, {}, frozenset())


def look(world: World) -> Seen:
    programme = world.wiring.services.programme
    reasons = (*programme.decline_reasons, *programme.lost_reasons)
    returned = {
        f"{RETURNED_FOR}{reason.id}" for reason in programme.return_reasons if reason.neutral
    }
    # What is told of the past by a list did not happen here, and names nobody.
    past = {item["pk"] for item in world.items(only=lambda pk, sk: sk.startswith(PAST))}
    leads = world.read(lead_from_item, only=lambda pk, sk: sk == "LEAD" and pk not in past)
    events: dict[str, list[CommitRecord]] = {lead.id: [] for lead in leads}
    for row in world.rows():
        events.setdefault(row.lead, []).append(row)
    loads = world.read(load_from_item, "partners", lambda pk, sk: sk == "LOAD")
    partners = world.read(partner_of, "partners", lambda pk, sk: sk == "PROFILE")
    return Seen(
        world.now,
        {lead.id: lead for lead in leads},
        {
            lead_id: tuple(sorted(rows, key=lambda row: row.version))
            for lead_id, rows in events.items()
        },
        {load.partner: load for load in loads},
        {partner.id: partner.time_zone for partner in partners},
        frozenset({reason.id for reason in reasons if reason.neutral} | returned),
        frozenset(
            reason.id for reason in programme.return_reasons if reason.says_nothing_of_others
        ),
    )


def partner_of(item: Mapping[str, Any]) -> Partner:
    return partner_from_plain(item["profile"])


def check(before: Seen, after: Seen) -> None:
    """Every invariant that what is stored can show, after a step that led from one look to the
    next.
    """
    for lead in after.leads.values():
        exactly_one_place(lead)
        nobody_is_forgotten(lead)
        who_asked_is_erased_in_time(lead)
        windows_are_kept(lead)
        a_promise_has_its_deadline(lead)
        the_facts_are_the_state(lead, after.events[lead.id])
        a_report_knows_how_it_stands(lead, after.events[lead.id], after.now)
        one_owner_at_most(after.events[lead.id])
        only_listed_transitions(after.events[lead.id])
        nobody_is_asked_again(after.events[lead.id])
        hq_hears_once_of_an_exhausted_chain(after.events[lead.id])
        what_is_attached_has_somebody(lead, after)
    places_are_a_recount(after)
    reports_are_a_recount(after)
    routing_stays_below_caps(before, after)
    what_was_committed_stays(before, after)
    a_promise_ends_with_a_message(before, after)


def exactly_one_place(lead: Lead) -> None:
    """1. A lead has exactly one live offer (or one live wave), or is accepted or beyond, in the HQ
    queue, in follow-up,
    in nurture, quarantined, attached to another, or finished.
    """
    pending = [offer for offer in lead.offers if offer.status is OfferStatus.PENDING]
    if len(pending) > 1:
        waves = {(offer.wave, offer.made_at, offer.reserves_slot) for offer in pending}
        assert len(waves) == 1, f"{lead.id} has offers of {waves}"
        assert pending[0].wave, f"{lead.id} has several offers and no wave"
        assert len({offer.partner for offer in pending}) == len(pending), (
            f"{lead.id}: somebody is asked twice at once"
        )
    accepted = [offer.partner for offer in lead.offers if offer.status is OfferStatus.ACCEPTED]
    assert bool(pending) == (lead.status is S.OFFERED), f"{lead.id} is {lead.status} with {pending}"
    if lead.status in OWNED:
        assert accepted == [lead.owner], (
            f"{lead.id} is owned by {lead.owner}, accepted by {accepted}"
        )
    elif not lead.finished:
        assert (lead.owner, accepted) == (None, []), (
            f"{lead.id} is {lead.status} and owned by {lead.owner}, {accepted}"
        )
    claimed = [offer for offer in lead.offers if offer.status is OfferStatus.EXISTING_CUSTOMER]
    to_decide = lead.status is S.HQ_QUEUE and lead.reason == "claimed"
    assert len(claimed) == to_decide, f"{lead.id} is {lead.status} ({lead.reason}) with {claimed}"
    ended_while_attached = {S.WITHDRAWN, S.REJECTED} & {lead.status, lead.ended}
    if not ended_while_attached:
        assert (lead.attached_to is not None) == (S.ATTACHED in (lead.status, lead.ended))


def nobody_is_forgotten(lead: Lead) -> None:
    """4. No lead rests unowned and unalerted: it has a next deadline, or HQ sees it, or it is
    finished.
    """
    if lead.finished:
        assert not lead.deadlines, f"{lead.id} is {lead.status} and has {lead.deadlines}"
    elif lead.status is not S.QUARANTINED:
        assert lead.deadlines, f"{lead.id} is {lead.status} and nothing will ever look at it again"
    if lead.undecided and lead.reason != "returned":
        assert lead.deadline(DeadlineKind.HQ_HOLD), (
            f"{lead.id} is {lead.reason}: nobody ends HQ's time to decide"
        )
    if lead.status is S.OFFERED:
        live = {(offer.number, offer.expires_at) for offer in lead.live_offers}
        ends = [(d.offer, d.at) for d in lead.deadlines if d.kind is DeadlineKind.EXPIRE]
        assert len(ends) == len(live)
        assert set(ends) == live, f"{lead.id}: {ends}"


def what_is_attached_has_somebody(lead: Lead, seen: Seen) -> None:
    """1., 16. What is attached is attached to a lead that is alive and knows of it, and that a
    partner is asked about,
    owns or HQ has; or it is due, and is routed in its own right. At most five are attached to one.
    HQ does not have it
    for both if the first came back because nobody was reached.
    """
    assert len(lead.attached) <= MOST_ATTACHED
    if not lead.is_attached:
        return
    first = seen.leads.get(lead.attached_to or "")
    looked_at = lead.due is not None and lead.due <= seen.now
    served = first is not None and lead.id in first.attached and first.status in ALIVE
    assert served or looked_at, (
        f"{lead.id} is attached to {first and first.status}, looked at {lead.due}"
    )
    if first and first.status is S.HQ_QUEUE and first.reason == "returned" and not looked_at:
        had = [offer for offer in first.offers if offer.accepted_at]
        last = max(had, key=lambda offer: (offer.accepted_at, offer.number))
        assert last.reason not in seen.unreached, (
            f"{lead.id} waits with one whose sender was not reached"
        )
    if served and first and not looked_at:
        assert first.product == lead.product
        assert first.contact
        assert lead.contact
        assert contact_keys(first.contact, ("email",)) == contact_keys(lead.contact, ("email",))


def windows_are_kept(lead: Lead) -> None:
    """An offer ends at its end and not before; it is answered before its end, or was shared, or was
    released when its partner went on holiday.
    """
    for offer in lead.offers:
        if offer.status is OfferStatus.EXPIRED:
            assert offer.answered_at
            assert offer.answered_at >= offer.expires_at, (
                f"{lead.id}: offer {offer.number} was ended early"
            )
        answered = (
            offer.status in (OfferStatus.ACCEPTED, OfferStatus.DECLINED)
            and offer.reason != RELEASED
        )
        if answered and offer.on_lapse != "share":
            assert offer.answered_at
            assert offer.answered_at < offer.expires_at, (
                f"{lead.id}: offer {offer.number} was answered late"
            )


def who_asked_is_erased_in_time(lead: Lead) -> None:
    """A lead at rest says when who asked is erased, and no other lead does; an erased one holds
    nothing of a person.
    """
    at_rest = lead.status is S.QUARANTINED or (lead.finished and lead.status is not S.ERASED)
    assert (lead.erase_at is not None) == at_rest, (
        f"{lead.id} is {lead.status}, to be erased {lead.erase_at}"
    )
    personal = (lead.contact, lead.town, lead.payload_hash, lead.claims, lead.undo)
    if lead.status is S.ERASED:
        assert not any(personal), f"{lead.id} is erased and still holds {personal}"
        assert lead.ended in FINISHED | {S.QUARANTINED, S.ATTACHED}
    else:
        assert lead.contact
        assert lead.ended is None


def one_owner_at_most(rows: tuple[CommitRecord, ...]) -> None:
    """2. At most one partner ever holds a lead accepted, unless an audited transition released
    it.
    """
    told = Told()
    for row in rows:
        for fact in row.events:
            told.hear(
                fact.kind, fact.to_data()
            )  # an acceptance while somebody owns the lead fails there
            owners = [who for who, status in told.offers.values() if status is OfferStatus.ACCEPTED]
            assert len(owners) <= 1, f"{row.lead} version {row.version}: accepted by {owners}"


def places_are_a_recount(seen: Seen) -> None:
    """3. A partner's ``places`` equals the count of its open leads and pending offers (those that
    hold a place), in
    all and by product.
    """
    count: dict[str, Counter[str]] = {partner: Counter() for partner in seen.loads}
    for lead in seen.leads.values():
        if lead.status in OWNED and lead.owner:
            count[lead.owner][lead.product] += 1
        elif lead.status is S.OFFERED:
            for offer in lead.offers:
                if offer.status is OfferStatus.PENDING and offer.reserves_slot:
                    count[offer.partner][lead.product] += 1
    stored = {partner: load.open_count for partner, load in seen.loads.items()}
    assert stored == {partner: places.total() for partner, places in count.items()}
    assert {partner: +Counter(load.products) for partner, load in seen.loads.items()} == count


HQ_OR_UNDO = ("lead.assigned", "claim.granted", "lead.undone")


def routing_stays_below_caps(before: Seen, after: Seen) -> None:
    """3. Routing never raises a partner's places above the cap: only HQ's word and undo may."""
    facts = [(fact.kind, fact.to_data()) for row in after.since(before) for fact in row.events]
    excused = {data.get("partner") for kind, data in facts if kind in HQ_OR_UNDO}
    for partner, load in after.loads.items():
        earlier = before.loads.get(partner, load)
        extra = load.extra_open.more if load.extra_open else 0
        if (
            load.caps.open is None
            or load.open_count <= max(load.caps.open + extra, earlier.open_count)
            or partner in excused
        ):
            continue
        raise AssertionError(
            f"{partner} rose from {earlier.open_count} to {load.open_count} places, cap {load.caps.open}"
        )


def only_listed_transitions(rows: tuple[CommitRecord, ...]) -> None:
    """5. Only listed transitions occur; versions rise by one per commit; finished stays finished,
    but for undo
    and erasure.
    """
    told = Told()
    for number, row in enumerate(rows, start=1):
        assert row.version == number, f"{row.lead} has versions {[r.version for r in rows]}"
        start = told.status
        for fact in row.events:
            told.hear(fact.kind, fact.to_data())
        if told.status is not start:
            assert told.status in TRANSITIONS[start], (
                f"{row.lead} version {number}: {start} → {told.status}"
            )
        if start in FINISHED and told.status is not start:
            allowed = {"lead.undone", "lead.erased"}
            assert any(fact.kind in allowed for fact in row.events), f"{row.lead} was {start}"


def the_facts_are_the_state(lead: Lead, rows: tuple[CommitRecord, ...]) -> None:
    """6. Every commit has exactly one event row with its facts in order; replaying them gives the
    state.
    """
    assert lead.version == len(rows), (
        f"{lead.id} has version {lead.version} and {len(rows)} event rows"
    )
    assert all(row.events for row in rows), f"{lead.id} has a commit that tells nothing"
    told = replayed(rows)
    offers = {offer.number: (offer.partner, offer.status) for offer in lead.offers}
    stored = (lead.status, lead.owner, offers, list(lead.waiting))
    assert (told.status, told.owner, told.offers, told.waiting) == stored, (
        f"{lead.id}: told {told}, stored {stored}"
    )
    assert rows[-1].due == lead.due, (
        f"{lead.id}: the timer was told {rows[-1].due}, the lead is due {lead.due}"
    )


def what_was_committed_stays(before: Seen, after: Seen) -> None:
    """6. An event row never changes, and no version is taken back."""
    for lead_id, rows in before.events.items():
        assert after.events[lead_id][: len(rows)] == rows, f"{lead_id} has other events than before"


def acknowledged_posts_have_leads(seen: Seen, acknowledged: Mapping[str, str]) -> None:
    """7. Every acknowledged post (submission key → the lead it was told) has a lead, and each its
    own.
    """
    missing = set(acknowledged.values()) - set(seen.leads)
    assert not missing, f"acknowledged and not there: {missing}"
    assert len(set(acknowledged.values())) == len(acknowledged)


def nobody_is_asked_again(rows: tuple[CommitRecord, ...]) -> None:
    """10. A partner is not offered again a lead it declined or let expire, unless it asked for a
    waiting place or HQ
    assigned it; nor one that it returned with a reason, unless HQ assigned it.
    """
    asked: set[str] = set()
    waits: set[str] = set()
    returned: set[str] = set()
    for row in rows:
        for fact in row.events:
            partner = str(fact.to_data().get("partner"))
            if fact.kind == "lead.returned":
                returned.add(partner)
            if fact.kind == "waiting.joined":
                waits.add(partner)
            if fact.kind != "offer.made":
                continue
            kind = fact.to_data()["kind"]
            assert kind == "assigned" or partner not in returned, (
                f"{row.lead}: {partner} had returned it"
            )
            if kind == "waiting":
                assert partner in waits, (
                    f"{row.lead}: {partner} was offered a place it did not ask for"
                )
            elif kind != "assigned":
                assert partner not in asked, (
                    f"{row.lead} version {row.version}: {partner} was asked again"
                )
            waits.discard(partner)
            asked.add(partner)


def hq_hears_once_of_an_exhausted_chain(rows: tuple[CommitRecord, ...]) -> None:
    """11. An exhausted chain reaches HQ exactly once: again only after somebody owned the lead, HQ
    assigned it or
    its place was put right.
    """
    told = False
    for row in rows:
        for fact in row.events:
            if fact.kind in ("offer.accepted", "lead.assigned", "lead.moved"):
                told = False
            if fact.kind == "lead.exhausted":
                assert not told, f"{row.lead} version {row.version}: HQ is told again"
                told = True


def reports_are_a_recount(seen: Seen) -> None:
    """12. Reports equal a recount from the events: partners' figures, and the offers counted in
    their periods.
    """
    recount = Recount(seen.neutral, dict(seen.zones))
    for lead_id, lead in seen.leads.items():
        recount.add(lead, seen.events[lead_id])
    for partner, load in seen.loads.items():
        counted = recount.figures.get(partner, Counter())
        told = asdict(load.figures)
        rounded = {"used": counted["answers"]}  # thousandths, of instants stored to the millisecond
        for name, figure in told.items():
            apart = abs(figure - counted[name])
            assert apart <= rounded.get(name, 0), (
                f"{partner}: {name} is {figure}, counted again {counted[name]}"
            )
        made = recount.periods.get(partner, Counter())
        assert load.made == {period: made[period] for period in load.made}, (
            f"{partner}: counted again {made}"
        )


REPORTED_ENDS: Mapping[OfferStatus, frozenset[OfferEnd]] = {
    OfferStatus.PENDING: frozenset({OfferEnd.PENDING}),
    OfferStatus.ACCEPTED: frozenset({OfferEnd.ACCEPTED}),
    OfferStatus.DECLINED: frozenset({OfferEnd.DECLINED, OfferEnd.RELEASED}),
    OfferStatus.EXPIRED: frozenset({OfferEnd.LAPSED}),
    OfferStatus.EXISTING_CUSTOMER: frozenset({OfferEnd.EXISTING_CUSTOMER}),
    OfferStatus.RETURNED: frozenset({OfferEnd.ACCEPTED}),
    OfferStatus.WITHDRAWN: frozenset(
        {
            OfferEnd.TAKEN,
            OfferEnd.WITHDRAWN,
            OfferEnd.MISTAKEN,
            OfferEnd.EXISTING_CUSTOMER,
            OfferEnd.ACCEPTED,
        }
    ),
}
"""Status of an offer → the ends that a report may tell of it."""


def a_report_knows_how_it_stands(lead: Lead, rows: Sequence[CommitRecord], now: datetime) -> None:
    """13. What a report tells of a lead by its events alone is how the lead stands."""
    told = report_lead(lead, rows, None, GatheringRules("EUR"), now)
    status = lead.ended or lead.status
    known = {STAGE_OF[status]} if status is not LeadStatus.ATTACHED else set()
    if status is LeadStatus.LOST:
        known = {LeadStage.LOST if lead.owner or lead.offers else LeadStage.UNPLACED}
        known.add(LeadStage.UNPLACED)
    if status is LeadStatus.ATTACHED:
        known = {LeadStage.REPEAT, LeadStage.SETTLED_REPEAT}
    if status in (LeadStatus.REJECTED, LeadStatus.WITHDRAWN):
        known |= {LeadStage.SPAM, LeadStage.SETTLED_REPEAT}
    if lead.ended is LeadStatus.QUARANTINED:
        known = {LeadStage.SPAM}
    assert told.stage in known, f"{lead.id} is {status}, reported as {told.stage!r}"
    assert told.owner == (lead.owner or ""), f"{lead.id} is {lead.owner}'s, not {told.owner}'s"
    assert told.value == (Decimal(lead.value) if lead.value else None)
    assert told.quote == (Decimal(lead.quote) if lead.quote else None)
    assert [each.number for each in told.offers] == [each.number for each in lead.offers]
    for reported, offer in zip(told.offers, lead.offers, strict=True):
        assert reported.end in REPORTED_ENDS[offer.status], f"{lead.id}: {offer}: {reported}"
        kept = offer.status is OfferStatus.ACCEPTED
        assert (reported.after is AfterAccept.KEPT) == kept, f"{lead.id}: {offer}: {reported}"
        assert reported.until == offer.expires_at
        assert offer.seen_at is None or reported.seen
    assert all(each.at <= later.at for each, later in pairwise(told.steps))
    if lead.contacted_at and not lead.attached_to:
        assert told.first_contact_at is not None
        assert told.first_contact_at <= lead.contacted_at


HEARD = {
    "offer.accepted",
    "lead.returned",
    "lead.handed_over",
    "lead.assigned",
    "offer.returned",
    "contact.retracted",
    "promise.renewed",
    "lead.followed_up",
    "lead.closed",
    "contact.confirmed",
    "lead.contacted",
    "lead.quoted",
    "lead.served",
    "lead.won",
    "lead.lost",
    "lead.withdrawn",
}
"""Facts after which the prospect has heard: from us, from the partner, or because it was their own
doing.
"""


def a_promise_has_its_deadline(lead: Lead) -> None:
    """14. What the prospect was promised has a deadline that keeps it, before it passes."""
    if lead.promised_by is None:
        return
    at = lead.deadline(DeadlineKind.PROMISE)
    assert at is not None, (
        f"{lead.id} is {lead.status}: nobody will keep the promise of {lead.promised_by}"
    )
    assert at < lead.promised_by


def a_promise_ends_with_a_message(before: Seen, after: Seen) -> None:
    """14. A promise is replaced or ends only with a message to the prospect."""
    for lead_id, earlier in before.leads.items():
        lead = after.leads[lead_id]
        if earlier.promised_by is None or lead.promised_by == earlier.promised_by:
            continue
        rows = after.events[lead_id][earlier.version :]
        facts = [fact.kind for row in rows for fact in row.events]
        assert HEARD & set(facts), (
            f"{lead_id}: {earlier.promised_by} became {lead.promised_by} with {facts}"
        )


def promises_are_kept(seen: Seen, late: timedelta, excused: Mapping[str, datetime]) -> None:
    """14. A promise made to a prospect never passes without a message to them. ``late``: how long a
    lost timer may
    go unnoticed; ``excused``: leads whose promise passed while nothing at all ran.
    """
    for lead in seen.leads.values():
        if (
            lead.promised_by
            and lead.promised_by + late <= seen.now
            and excused.get(lead.id) != lead.promised_by
        ):
            raise AssertionError(f"{lead.id}: promised by {lead.promised_by}, it is {seen.now}")
