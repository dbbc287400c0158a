"""A second enquiry of somebody who is known: compared with their earlier ones, then attached to one
or routed.

At the door nothing of this is looked at but the contact's rows, which are read with every enquiry:
so the post of a known address makes exactly the calls that an unknown one's makes, and is answered
as if nothing were open. Where a row names an earlier enquiry the new one is stored as attached, for
the moment, and due at once: what then happens is here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from routing_core.domain.enquiry.enquiry import same_address
from routing_core.domain.lead import (
    MOST_ATTACHED,
    OPEN,
    UNATTENDED,
    Deadline,
    DeadlineKind,
    Draft,
    Lead,
    LeadStatus,
)
from routing_core.domain.lifecycle import on_paper, serving
from routing_core.domain.lifecycle import queueing as resting
from routing_core.domain.repeats import (
    ALIVE,
    LOOK_AGAIN,
    differences,
    holder_of,
    may_be_attached,
    same_place,
)
from routing_core.routing.policy import Policy
from routing_core.service.kernel.attachments import reaches, serves
from routing_core.service.kernel.ports import Change, KnownContact, Listed, LoadChange
from routing_core.service.kernel.services import Services
from routing_core.service.placing.admit_lead import admit
from routing_core.service.placing.as_if_alone import live_on

S, K = LeadStatus, DeadlineKind
ALIKE_WITHIN = timedelta(hours=1)
"""The same post again within that time, under another submission key, is news to nobody."""


def named_in(
    claims: Mapping[str, KnownContact], lead: Lead, place: str, now: datetime
) -> Listed | None:
    """Picks the enquiry that a new one is compared with first: of the contacts' rows (``claims``)
    the one at the same place, else the newest of the first row that names any. None for somebody
    unknown.
    """
    rows = [claims[key].listed for key in lead.claims if key in claims]
    known = [each for row in rows for each in row if each.until > now and each.lead != lead.id]
    here = [each for each in known if each.place == place]
    return next(iter(here or known), None)


def attach_for_now(draft: Draft, decided: Lead, first: str, now: datetime) -> None:
    """Makes an enquiry that nobody was asked about yet one that is about to be compared with
    ``first``.

    ``decided`` is what would have become of it if nothing were open: it is kept on paper, and
    nobody is asked.
    """
    draft.move(
        S.ATTACHED, attached_to=first, answer=decided.answer, first_promise=decided.promised_by
    )
    on_paper.keep_on_paper(draft, decided)
    draft.add_deadlines(Deadline(now, K.FIRST))
    draft.tell("repeat.found", target=first)


def only_checked(loads: Mapping[str, LoadChange]) -> dict[str, LoadChange]:
    """Gives what a decision would have changed of its partners, as conditions alone: what is
    attached for now takes no place, and whoever measures finds the same writes as for somebody
    unknown.
    """
    return {
        partner: replace(load, only_checked=True, figures={"offers": 1})
        for partner, load in loads.items()
    }


def older_ones_let_go(services: Services, lead: Lead, now: datetime) -> tuple[str, ...]:
    """Names those attached to the same first enquiry, if it serves them no longer, that came before
    this one: they go first, so that all of one person's end up with the oldest.
    """
    first = services.leads.get(lead.attached_to) if lead.attached_to else None
    if first is None or lead.id not in first.attached or _is_served_by(services, lead, first, now):
        return ()
    others = [
        each
        for each in services.leads.several(first.attached)
        if each.is_attached and each.attached_to == first.id
    ]
    older = [each for each in others if (each.received_at, each.id) < (lead.received_at, lead.id)]
    return tuple(each.id for each in sorted(older, key=lambda each: (each.received_at, each.id)))


def look_at_first(services: Services, lead: Lead, now: datetime, caps_only: bool) -> Lead:
    """Does what is due for an attached enquiry and commits it: it waits on, is attached to another,
    is routed, or is HQ's, for nobody has done anything for it in the time in which any other would
    have been HQ's too.
    """
    first = services.leads.get(lead.attached_to) if lead.attached_to else None
    served = first is not None and _is_served_by(services, lead, first, now)
    draft = Draft(lead)
    if first and served and serving.was_left(lead, first):
        serving.begin_anew(draft, first, services.programme, now)
    looked_for = live_on(draft, services, now)
    if first and served and looked_for:
        keep(services, draft, first, now)
        return draft.lead
    known = what_is_known(services, lead, now)
    found = None if served else first_for(services, lead, known.earlier, now)
    if not served and found is None:
        release(services, draft, known, now, caps_only)
    elif not looked_for:
        leave_to_hq(services, draft, known, now)
    elif found:
        attach(services, draft, found, known, now)
    return draft.lead


def keep(services: Services, draft: Draft, first: Lead, now: datetime) -> None:
    """Commits that the enquiry stays attached, and what was due for it."""
    _look_again_some_day(draft, now)
    if not draft.facts:
        draft.tell("attachment.kept", target=first.id)
    services.commit(Change(draft), now=now)


def _look_again_some_day(draft: Draft, now: datetime) -> None:
    if not draft.lead.deadlines:
        draft.add_deadlines(Deadline(now + LOOK_AGAIN, K.FIRST))


def _is_served_by(services: Services, lead: Lead, first: Lead, now: datetime) -> bool:
    version, programme = services.rules.programme()
    return serves(first, lead, services.rules.network(), version, programme, now)


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a sender: the contact's ``rows``, and the ``earlier`` enquiries that they
    name.
    """

    rows: Mapping[str, KnownContact]
    earlier: tuple[Lead, ...]

    def in_order(self, lead: Lead) -> dict[str, Any]:
        """Gives the rows that name an ended enquiry before an open one, put in order, as arguments
        of a Change: so that what has ended never makes an open one fall off.
        """
        going_on = {each.id for each in self.earlier if not each.finished} | {lead.id}
        ordered = {key: row.with_ended_last(going_on) for key, row in self.rows.items()}
        changed = tuple(row for key, row in ordered.items() if row != self.rows[key])
        return {"claims": changed, "claims_seen": self.rows} if changed else {}


def what_is_known(services: Services, lead: Lead, now: datetime) -> Known:
    """Reads what the contact's rows name, and what those are attached to: the address's first, then
    the phone's and the firm's, each in the row's order.
    """
    rows = services.leads.arrival(lead.id, lead.claims, ()).claims
    listed: list[str] = []
    for key in lead.claims:
        row = rows.get(key, KnownContact(key, ()))
        listed += [each.lead for each in row.listed if each.until > now]
    named = dict.fromkeys([*listed, *([lead.attached_to] if lead.attached_to else [])])
    named.pop(lead.id, None)
    leads = services.leads.several(list(named))
    beyond = [
        each.attached_to for each in leads if each.attached_to and each.attached_to not in named
    ]
    further = services.leads.several([each for each in beyond if each != lead.id])
    return Known(rows, (*leads, *further))


def first_for(
    services: Services, lead: Lead, earlier: Sequence[Lead], now: datetime
) -> Lead | None:
    """Finds the enquiry that this one is attached to: at the same place before elsewhere, the
    oldest before others.
    """
    version, programme = services.rules.programme()
    network, policy = services.rules.network(), Policy.of(programme, version)
    able = [
        each
        for each in earlier
        if same_address(lead.contact, each.contact)
        and may_be_attached(lead, each, programme)
        and len(still_attached(services, each)) < MOST_ATTACHED
        and reaches(each, lead, network, policy, now)
    ]
    return min(
        able, key=lambda each: (not same_place(each, lead), each.received_at, each.id), default=None
    )


def still_attached(services: Services, first: Lead) -> tuple[Lead, ...]:
    """Reads what is attached to an enquiry now: not what was withdrawn, settled or went its own way
    since.
    """
    named = services.leads.several(first.attached) if first.attached else ()
    return tuple(each for each in named if each.is_attached and each.attached_to == first.id)


def attached_at_last(services: Services, lead: Lead, now: datetime) -> Lead | None:
    """Attaches an enquiry that waited for an office to open, if a partner is being asked about an
    earlier one of the same person by now: somebody who pressed twice at night is one customer in
    the morning. None if there is none.
    """
    known = what_is_known(services, lead, now)
    found = first_for(services, lead, known.earlier, now)
    if found is None:
        return None
    draft = Draft(lead)
    # What was stored of waiting for the office is over. What it would be asked now is made up on
    # paper.
    draft.set(
        deadlines=tuple(each for each in lead.deadlines if each.at > now or each.kind is K.PROMISE)
    )
    draft.move(S.ATTACHED, attached_to=found.id, reason="")
    live_on(draft, services, now)
    attach(services, draft, found, known, now)
    return draft.lead


def attach(services: Services, draft: Draft, first: Lead, known: Known, now: datetime) -> None:
    """Commits both: whoever holds the first is told, unless this is the very same post once
    more.
    """
    lead = draft.lead
    draft.drop_deadlines(K.FIRST)
    draft.move(S.ATTACHED, attached_to=first.id)
    draft.tell("lead.joined", target=first.id)
    _look_again_some_day(draft, now)
    beside = (first, *services.leads.several(first.attached)) if first.attached else (first,)
    news = not any(_says_the_same(services, lead, each) for each in beside)
    other = Draft(first)
    # Who went its own way and comes back stands there already, and once is enough.
    other.set(attached=tuple(dict.fromkeys((*_with_room_for_one(services, first), lead.id))))
    other.tell(
        "lead.repeated",
        stub=lead.id,
        partner=(first.holder or None) if news and first.status in OPEN else None,
    )
    services.commit(Change(draft, **known.in_order(lead)), Change(other), now=now)


def _with_room_for_one(services: Services, first: Lead) -> tuple[str, ...]:
    """Names what is attached to ``first``; of a full list only what still is, for what ended holds
    nobody's place.
    """
    if len(first.attached) < MOST_ATTACHED:
        return first.attached
    return tuple(each.id for each in still_attached(services, first))


def _says_the_same(services: Services, lead: Lead, earlier: Lead) -> bool:
    """Tells whether it is the same post once more, however its address, or the case of its letters,
    was typed.
    """
    if lead.received_at - earlier.received_at > ALIKE_WITHIN:
        return False
    if lead.payload_hash == earlier.payload_hash:
        return True
    if differences(lead, earlier):
        return False
    one, other = services.leads.context(lead.id), services.leads.context(earlier.id)
    return one is not None and other is not None and one.message == other.message


def release(services: Services, draft: Draft, known: Known, now: datetime, caps_only: bool) -> None:
    """Commits the enquiry on its own way: routed like any other, to the partner its customer may
    know before others.
    """
    _part(draft, known.earlier)
    loads = admit(draft, services, "offer", now, caps_only=caps_only)
    services.commit(Change(draft, loads=loads, **known.in_order(draft.lead)), now=now)


def leave_to_hq(services: Services, draft: Draft, known: Known, now: datetime) -> None:
    """Commits that HQ has the enquiry and hears of it, as of any that nobody is left to be asked
    about. If HQ does nothing either it goes on by itself, and whoever has the first is then asked
    about it like anybody else.

    Where nobody could be asked at the door, HQ's time with any other is over by now: it goes on at
    once.
    """
    first = draft.lead.attached_to
    goes_on = draft.lead.deadline(K.HQ_HOLD) is None
    _part(draft, known.earlier)
    draft.set(exhausted=True)
    draft.tell("lead.exhausted", tried=0, target=first)
    if goes_on:
        draft.set(reason=UNATTENDED)
        resting.follow_up(draft, services.programme, now)
    else:
        resting.queue(draft, UNATTENDED, services.programme, now)
    services.commit(Change(draft), now=now)


def _part(draft: Draft, earlier: Sequence[Lead]) -> None:
    """Nothing is left of its being attached but whom its customer may know, and which enquiry may
    be theirs too.
    """
    draft.tell("attachment.ended", target=draft.lead.attached_to)
    preferred = next((partner for partner in map(holder_of, earlier) if partner), None)
    alike = next((each.id for each in earlier if each.status in ALIVE), None)
    on_paper.forget_paper(draft)
    draft.drop_deadlines(K.FIRST)
    draft.set(attached_to=None, preferred=preferred, alike=alike, contacted_at=None)
