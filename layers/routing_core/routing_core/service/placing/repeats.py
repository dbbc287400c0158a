"""Handles a second enquiry of somebody who is known (deduplication).

It is compared with their earlier ones, then attached to one or routed. At the door nothing of this
is looked at but the contact's rows, which are read with every enquiry: so the post of a known
address makes exactly the calls that an unknown one's makes, and is answered as if nothing were
open. Where a row names an earlier enquiry the new one is stored as attached, for the moment, and
due at once: what then happens is here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from routing_core.domain.draft import Draft
from routing_core.domain.enquiry.contact_keys import same_address
from routing_core.domain.events import (
    AttachmentEnded,
    AttachmentKept,
    LeadAttached,
    LeadExhausted,
    LeadRepeated,
    RepeatFound,
)
from routing_core.domain.lead import (
    MOST_ATTACHED,
    OPEN,
    Deadline,
    DeadlineKind,
    Lead,
    LeadStatus,
)
from routing_core.domain.lifecycle import on_paper, queueing, serving
from routing_core.domain.reasons import QueueReason
from routing_core.domain.repeats import (
    ALIVE,
    LOOK_AGAIN,
    differences,
    holder_of,
    may_be_attached,
    same_place,
)
from routing_core.service.kernel.attachments import reaches, serves
from routing_core.service.kernel.ports import (
    Change,
    ContactUpdate,
    KnownContact,
    Listed,
    LoadChange,
)
from routing_core.service.kernel.services import Services
from routing_core.service.kernel.situations import situation_of
from routing_core.service.placing.admit_lead import admit_to_partners
from routing_core.service.placing.as_if_alone import live_on

ALIKE_WITHIN = timedelta(hours=1)
"""The same post within that time, under another submission key, is news to nobody."""


def named_in(
    contacts: Mapping[str, KnownContact], lead: Lead, place: str, now: datetime
) -> Listed | None:
    """Pick the enquiry that a new one is compared with first; None for somebody unknown.

    Of the sender's rows (``contacts``) it is the one at the same place, else the newest of the
    first row that names any.
    """
    known: list[Listed] = []
    for key in lead.claims:
        row = contacts.get(key, KnownContact(key, ()))
        known += [each for each in row.listed if each.until > now and each.lead != lead.id]
    # The rows come in order, the address's first: it alone attaches.
    here = [each for each in known if each.place == place]
    return next(iter(here or known), None)


def attach_for_now(draft: Draft, decided: Lead, first: str, now: datetime) -> None:
    """Make an enquiry one that is about to be compared with ``first``.

    Nobody was asked about it yet. ``decided`` is what would have become of it if nothing were open:
    it is kept on paper, and nobody is asked.
    """
    draft.move(
        LeadStatus.ATTACHED,
        attached_to=first,
        answer=decided.answer,
        first_promise=decided.promised_by,
    )
    on_paper.keep_on_paper(draft, decided)
    draft.add_deadlines(Deadline(now, DeadlineKind.FIRST))
    draft.add_event(RepeatFound(first=first))


def only_checked(loads: Mapping[str, LoadChange]) -> dict[str, LoadChange]:
    """Give what a decision would have changed of its partners, as conditions alone.

    What is attached for now takes no place, and whoever measures finds the same writes as for
    somebody unknown.
    """
    return {
        partner: replace(load, only_checked=True, figures={"offers": 1})
        for partner, load in loads.items()
    }


def older_ones_let_go(services: Services, lead: Lead, now: datetime) -> tuple[str, ...]:
    """Name those attached to the same first enquiry that came before this one.

    They are named only if that enquiry serves them no longer. They go first, so that all of one
    person's end up with the oldest.
    """
    first = _first_of(services, lead)
    if first is None or lead.id not in first.attached or _is_served_by(services, lead, first, now):
        return ()
    older = [each for each in still_attached(services, first) if _age(each) < _age(lead)]
    return tuple(each.id for each in sorted(older, key=_age))


def _age(lead: Lead) -> tuple[datetime, str]:
    """Sort the oldest first.

    Of those that came at one instant the id decides, so that it is always the same one.
    """
    return lead.received_at, lead.id


def _first_of(services: Services, lead: Lead) -> Lead | None:
    return services.leads.get(lead.attached_to) if lead.attached_to else None


def look_at_first(services: Services, lead: Lead, now: datetime, caps_only: bool) -> Lead:
    """Do what is due for an attached enquiry, and commit it.

    It waits on, is attached to another, is routed, or is HQ's, for nobody has done anything for it
    in the time in which any other would have been HQ's too.
    """
    first = _first_of(services, lead)
    served = first is not None and _is_served_by(services, lead, first, now)
    draft = Draft(lead)
    if first and served and serving.was_left(lead, first):
        serving.forget_former_owner(draft, first, services.programme, now)
    looked_for = live_on(draft, services, now)
    if first and served and looked_for:
        keep(services, draft, first, now)
        return draft.lead
    known = what_is_known(services, lead, now)
    if served:
        leave_to_hq(services, draft, known, now)
        return draft.lead
    other = first_for(services, lead, known.earlier, now)
    if other is None:
        release(services, draft, known, now, caps_only)
    elif not looked_for:
        leave_to_hq(services, draft, known, now)
    else:
        attach(services, draft, other, known, now)
    return draft.lead


def keep(services: Services, draft: Draft, first: Lead, now: datetime) -> None:
    """Commit that the enquiry stays attached, and what was due for it."""
    _look_again_some_day(draft, now)
    if not draft.events:
        draft.add_event(AttachmentKept(first=first.id))
    services.commit(Change(draft), now=now)


def _look_again_some_day(draft: Draft, now: datetime) -> None:
    if not draft.lead.deadlines:
        draft.add_deadlines(Deadline(now + LOOK_AGAIN, DeadlineKind.FIRST))


def _is_served_by(services: Services, lead: Lead, first: Lead, now: datetime) -> bool:
    return serves(first, lead, services.programme, situation_of(lead, services.rules, now))


@dataclass(frozen=True, slots=True)
class Known:
    """The enquiries that are known of a sender, and the rows that name them."""

    rows: Mapping[str, KnownContact]
    """Gives the contact's rows by their key."""
    earlier: tuple[Lead, ...]
    """Lists the enquiries that the rows name, and those that these are attached to."""

    def in_order(self, lead: Lead) -> ContactUpdate:
        """Give the rows that name an ended enquiry before an open one, put in order.

        So what has ended never makes an open one fall off.
        """
        going_on = {each.id for each in self.earlier if not each.finished}
        going_on.add(lead.id)
        changed: list[KnownContact] = []
        for row in self.rows.values():
            ordered = row.with_ended_last(going_on)
            if ordered != row:
                changed.append(ordered)
        return ContactUpdate(tuple(changed), self.rows)


def what_is_known(services: Services, lead: Lead, now: datetime) -> Known:
    """Read what the contact's rows name, and what those are attached to.

    The address's row comes first, then the phone's and the firm's, each in the row's order.
    """
    rows = services.leads.arrival(lead.id, lead.claims, ()).contacts
    listed: list[str] = []
    for key in lead.claims:
        row = rows.get(key, KnownContact(key, ()))
        listed += [each.lead for each in row.listed if each.until > now]
    if lead.attached_to:
        listed.append(lead.attached_to)
    named = dict.fromkeys(listed)
    named.pop(lead.id, None)
    leads = services.leads.several(list(named))
    named[lead.id] = None
    # One step on: what an earlier one is attached to may serve this one too.
    firsts = [each.attached_to for each in leads]
    further = services.leads.several([first for first in firsts if first and first not in named])
    return Known(rows, (*leads, *further))


def first_for(
    services: Services, lead: Lead, earlier: Sequence[Lead], now: datetime
) -> Lead | None:
    """Find the enquiry that this one is attached to; None if none may be.

    One at the same place comes before one elsewhere, the oldest before others.
    """
    programme = services.programme
    situation = situation_of(lead, services.rules, now)
    able: list[Lead] = []
    for each in earlier:
        if not same_address(lead.contact, each.contact):
            continue
        if not may_be_attached(lead, each, programme):
            continue
        # The costlier questions last: this one reads what is attached.
        if len(still_attached(services, each)) >= MOST_ATTACHED:
            continue
        if reaches(each, lead, situation):
            able.append(each)

    def nearest_then_oldest(each: Lead) -> tuple[bool, tuple[datetime, str]]:
        return not same_place(each, lead), _age(each)

    return min(able, key=nearest_then_oldest, default=None)


def still_attached(services: Services, first: Lead) -> tuple[Lead, ...]:
    """Read what is attached to an enquiry now.

    What was withdrawn, settled or went its own way since is not among it.
    """
    named = services.leads.several(first.attached) if first.attached else ()
    return tuple(each for each in named if each.is_attached and each.attached_to == first.id)


def attached_at_last(services: Services, lead: Lead, now: datetime) -> Lead | None:
    """Attach an enquiry that waited for an office to open to an earlier one.

    It must be of the same person, if there is one. A partner must be asked about that one by now:
    somebody who pressed twice at night is one customer in the morning. Give the attached lead, or
    None.
    """
    known = what_is_known(services, lead, now)
    found = first_for(services, lead, known.earlier, now)
    if found is None:
        return None
    draft = Draft(lead)
    # What was stored of waiting for the office is over. What it would be asked now is made up on
    # paper.
    kept = [deadline for deadline in lead.deadlines if _outlasts_waiting(deadline, now)]
    draft.set(deadlines=tuple(kept))
    draft.move(LeadStatus.ATTACHED, attached_to=found.id, reason="")
    live_on(draft, services, now)
    attach(services, draft, found, known, now)
    return draft.lead


def _outlasts_waiting(deadline: Deadline, now: datetime) -> bool:
    return deadline.at > now or deadline.kind is DeadlineKind.PROMISE


def attach(services: Services, draft: Draft, first: Lead, known: Known, now: datetime) -> None:
    """Commit both enquiries; who holds the first is told, unless this is the same post again."""
    lead = draft.lead
    draft.drop_deadlines(DeadlineKind.FIRST)
    draft.move(LeadStatus.ATTACHED, attached_to=first.id)
    draft.add_event(LeadAttached(first=first.id))
    _look_again_some_day(draft, now)
    other = Draft(first)
    # Who went its own way and comes back stands there already, and once is enough.
    attached = dict.fromkeys((*_with_room_for_one(services, first), lead.id))
    other.set(attached=tuple(attached))
    other.add_event(LeadRepeated(repeat=lead.id, partner=_who_is_told(services, lead, first)))
    services.commit(Change(draft, contacts=known.in_order(lead)), Change(other), now=now)


def _who_is_told(services: Services, lead: Lead, first: Lead) -> str | None:
    """Name the partner who hears of the repeat; nobody does of the very same post once more."""
    if first.status not in OPEN:
        return None
    beside = services.leads.several(first.attached) if first.attached else ()
    if any(_says_the_same(services, lead, each) for each in (first, *beside)):
        return None
    return first.sole_listing or None


def _with_room_for_one(services: Services, first: Lead) -> tuple[str, ...]:
    """Name what is attached to ``first``.

    Of a full list it names only what still is, for what ended holds nobody's place.
    """
    if len(first.attached) < MOST_ATTACHED:
        return first.attached
    return tuple(each.id for each in still_attached(services, first))


def _says_the_same(services: Services, lead: Lead, earlier: Lead) -> bool:
    """Tell whether it is the same post once more.

    It does not matter how its address, or the case of its letters, was typed.
    """
    if lead.received_at - earlier.received_at > ALIKE_WITHIN:
        return False
    if lead.payload_hash == earlier.payload_hash:
        return True
    if differences(lead, earlier):
        return False
    one = services.leads.context(lead.id)
    other = services.leads.context(earlier.id)
    return one is not None and other is not None and one.message == other.message


def release(services: Services, draft: Draft, known: Known, now: datetime, caps_only: bool) -> None:
    """Commit the enquiry on its own way.

    It is routed like any other, to the partner its customer may know before others.
    """
    _part(draft, known.earlier)
    loads = admit_to_partners(draft, services, now, caps_only=caps_only)
    services.commit(Change(draft, loads=loads, contacts=known.in_order(draft.lead)), now=now)


def leave_to_hq(services: Services, draft: Draft, known: Known, now: datetime) -> None:
    """Commit that HQ has the enquiry and hears of it.

    So it is with any that nobody is left to be asked about. If HQ does nothing either it goes on by
    itself, and whoever has the first is then asked about it like anybody else. Where nobody could
    be asked at the door, HQ's time with any other is over by now: it goes on at once.
    """
    first = draft.lead.attached_to
    goes_on = draft.lead.deadline(DeadlineKind.HQ_HOLD) is None
    _part(draft, known.earlier)
    draft.set(exhausted=True)
    draft.add_event(LeadExhausted(tried=0, first=first))
    if goes_on:
        draft.set(reason=QueueReason.UNATTENDED)
        queueing.follow_up(draft, services.programme, now)
    else:
        queueing.queue(draft, QueueReason.UNATTENDED, services.programme, now)
    services.commit(Change(draft), now=now)


def _part(draft: Draft, earlier: Sequence[Lead]) -> None:
    """End the attachment, and leave hardly anything of it.

    What stays is whom its customer may know, and which enquiry may be theirs too.
    """
    draft.add_event(AttachmentEnded(first=draft.lead.attached_to))
    preferred = next((partner for partner in map(holder_of, earlier) if partner), None)
    alike = next((each.id for each in earlier if each.status in ALIVE), None)
    on_paper.forget_paper(draft)
    draft.drop_deadlines(DeadlineKind.FIRST)
    draft.set(attached_to=None, preferred=preferred, alike=alike, contacted_at=None)
