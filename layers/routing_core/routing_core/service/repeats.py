"""A second enquiry of somebody who is known: compared with their earlier ones, then attached to one or routed.

At the door nothing of this is looked at but the contact's rows, which are read with every enquiry: so the post of a
known address makes exactly the calls that an unknown one's makes, and is answered as if nothing were open. Where a row
names an earlier enquiry the new one is stored as attached, for the moment, and due at once: what then happens is here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from ..domain.enquiry import same_address
from ..domain.lead import MOST_ATTACHED, OPEN, Deadline, DeadlineKind, Draft, Lead, LeadStatus
from ..domain.programme import Programme
from ..domain.repeats import ALIVE, LOOK_AGAIN, holder_of, may_be_attached, same_place
from ..domain.steps import promises, serving
from ..routing.policy import Policy
from .admit_lead import admit
from .attachments import reaches, serves
from .ports import Change, Claim, Listed, LoadChange
from .relay import Relay

S, K = LeadStatus, DeadlineKind
ALIKE_WITHIN = timedelta(hours=1)
"""The same post again within that time, under another submission key, is news to nobody."""


def named_in(claims: Mapping[str, Claim], lead: Lead, place: str, now: datetime) -> Listed | None:
    """Picks the enquiry that a new one is compared with first: of the contacts' rows (``claims``) the one at the same
    place, else the newest of the first row that names any. None for somebody unknown."""
    rows = [claims[key].listed for key in lead.claims if key in claims]
    known = [each for row in rows for each in row if each.until > now and each.lead != lead.id]
    here = [each for each in known if each.place == place]
    return next(iter(here or known), None)


def attach_for_now(draft: Draft, decided: Lead, first: str, now: datetime) -> None:
    """Makes an enquiry that nobody was asked about yet one that is about to be compared with ``first``.

    ``decided`` is what would have become of it if nothing were open: what that tells its sender is kept, and no offer.
    """
    draft.move(
        S.JOINED,
        joined_to=first,
        asked_at_door=len(decided.wave),
        answer=decided.answer,
        first_promise=decided.promised_by,
        promised_by=decided.promised_by,
        reason=decided.reason,
        deadlines=tuple(d for d in decided.deadlines if d.kind is K.PROMISE or _opens(d, decided)),
    )
    draft.add_deadlines(Deadline(now, K.FIRST))
    draft.tell("repeat.found", target=first)


def only_checked(loads: Mapping[str, LoadChange]) -> dict[str, LoadChange]:
    """Gives what a decision would have changed of its partners, as conditions alone: what is attached for now takes no
    place, and whoever measures finds the same writes as for somebody unknown."""
    return {partner: replace(load, only_checked=True, figures={"offers": 1}) for partner, load in loads.items()}


def _opens(deadline: Deadline, lead: Lead) -> bool:
    return deadline.kind is K.RETRY and lead.held_until is not None


def older_ones_let_go(relay: Relay, lead: Lead, now: datetime) -> tuple[str, ...]:
    """Names those attached to the same first enquiry, if it serves them no longer, that came before this one: they go
    first, so that all of one person's end up with the oldest."""
    first = relay.leads.get(lead.joined_to) if lead.joined_to else None
    if first is None or lead.id not in first.attached or _is_served_by(relay, lead, first, now):
        return ()
    others = [each for each in relay.leads.several(first.attached) if each.is_attached and each.joined_to == first.id]
    older = [each for each in others if (each.received_at, each.id) < (lead.received_at, lead.id)]
    return tuple(each.id for each in sorted(older, key=lambda each: (each.received_at, each.id)))


def look_at_first(relay: Relay, lead: Lead, now: datetime, contended: bool) -> Lead:
    """Does what is due for an attached enquiry and commits it: it waits on, is attached to another, or is routed."""
    first = relay.leads.get(lead.joined_to) if lead.joined_to else None
    draft = Draft(lead)
    due = {deadline.kind for deadline in lead.deadlines if deadline.at <= now}
    draft.set(deadlines=tuple(deadline for deadline in lead.deadlines if deadline.at > now))
    if first and _is_served_by(relay, lead, first, now):
        if serving.was_left(lead, first):
            serving.begin_anew(draft, first, relay.programme, now)
        wait_on(draft, first, due, relay.programme, now)
        if not draft.facts:
            draft.tell("attachment.kept", target=first.id)
        relay.commit(Change(draft), now=now)
        return draft.lead
    earlier = earlier_leads(relay, lead, now)
    if found := first_for(relay, lead, earlier, now):
        attach(relay, draft, found, due, now)
    else:
        release(relay, draft, earlier, due, now, contended)
    return draft.lead


def _is_served_by(relay: Relay, lead: Lead, first: Lead, now: datetime) -> bool:
    version, programme = relay.rules.programme()
    return serves(first, lead, relay.rules.network(), version, programme, now)


def wait_on(draft: Draft, first: Lead, due: set[DeadlineKind], programme: Programme, now: datetime) -> None:
    """Attached, and nothing has changed for it: what its sender was promised is kept meanwhile."""
    if K.RETRY in due:
        draft.set(reason="")  # the office has opened that its sender was told of
    if K.PROMISE in due and draft.lead.promised_by is not None:
        promises.keep_promise_of_attached(draft, first, programme, now)
    if not draft.lead.deadlines:
        draft.add_deadlines(Deadline(now + LOOK_AGAIN, K.FIRST))


def earlier_leads(relay: Relay, lead: Lead, now: datetime) -> tuple[Lead, ...]:
    """Reads what the contact's rows name, and what those are attached to: the address's first, then the phone's and
    the firm's, each newest first."""
    rows = relay.leads.arrival(lead.id, lead.claims, ()).claims
    listed = [each.lead for key in lead.claims if key in rows for each in rows[key].listed if each.until > now]
    named = dict.fromkeys([*listed, *([lead.joined_to] if lead.joined_to else [])])
    named.pop(lead.id, None)
    leads = relay.leads.several(list(named))
    beyond = [each.joined_to for each in leads if each.joined_to and each.joined_to not in named]
    further = relay.leads.several([each for each in beyond if each != lead.id])
    return (*leads, *further)


def first_for(relay: Relay, lead: Lead, earlier: Sequence[Lead], now: datetime) -> Lead | None:
    """Finds the enquiry that this one is attached to: at the same place before elsewhere, the oldest before others."""
    version, programme = relay.rules.programme()
    network, policy = relay.rules.network(), Policy.of(programme, version)
    able = [
        each
        for each in earlier
        if same_address(lead.contact, each.contact)
        and may_be_attached(lead, each, programme)
        and len(still_attached(relay, each)) < MOST_ATTACHED
        and reaches(each, lead, network, policy, now)
    ]
    return min(able, key=lambda each: (not same_place(each, lead), each.received_at, each.id), default=None)


def still_attached(relay: Relay, first: Lead) -> tuple[Lead, ...]:
    """Reads what is attached to an enquiry now: not what was withdrawn, settled or went its own way since."""
    named = relay.leads.several(first.attached) if first.attached else ()
    return tuple(each for each in named if each.is_attached and each.joined_to == first.id)


def attached_at_last(relay: Relay, lead: Lead, now: datetime) -> Lead | None:
    """Attaches an enquiry that waited for an office to open, if a partner is being asked about an earlier one of the
    same person by now: somebody who pressed twice at night is one customer in the morning. None if there is none."""
    found = first_for(relay, lead, earlier_leads(relay, lead, now), now)
    if found is None:
        return None
    draft = Draft(lead)
    due = {deadline.kind for deadline in lead.deadlines if deadline.at <= now}
    draft.set(deadlines=tuple(deadline for deadline in lead.deadlines if deadline.at > now))
    attach(relay, draft, found, due, now)
    return draft.lead


def attach(relay: Relay, draft: Draft, first: Lead, due: set[DeadlineKind], now: datetime) -> None:
    """Commits both: whoever holds the first is told, unless this is the very same post once more."""
    lead = draft.lead
    draft.drop_deadlines(K.FIRST, K.HQ_HOLD)
    draft.move(S.JOINED, joined_to=first.id)
    draft.tell("lead.joined", target=first.id)
    wait_on(draft, first, due, relay.programme, now)
    beside = (first, *relay.leads.several(first.attached)) if first.attached else (first,)
    news = not any(_says_the_same(lead, each) for each in beside)
    other = Draft(first)
    # Who went its own way and comes back stands there already, and once is enough.
    other.set(attached=tuple(dict.fromkeys((*_with_room_for_one(relay, first), lead.id))))
    other.tell("lead.repeated", stub=lead.id, partner=(first.holder or None) if news and first.status in OPEN else None)
    relay.commit(Change(draft), Change(other), now=now)


def _with_room_for_one(relay: Relay, first: Lead) -> tuple[str, ...]:
    """Names what is attached to ``first``; of a full list only what still is, for what ended holds nobody's place."""
    if len(first.attached) < MOST_ATTACHED:
        return first.attached
    return tuple(each.id for each in still_attached(relay, first))


def _says_the_same(lead: Lead, earlier: Lead) -> bool:
    soon_after = lead.received_at - earlier.received_at <= ALIKE_WITHIN
    return soon_after and lead.payload_hash == earlier.payload_hash


def release(
    relay: Relay, draft: Draft, earlier: Sequence[Lead], due: set[DeadlineKind], now: datetime, contended: bool
) -> None:
    """Commits the enquiry on its own way: routed like any other, to the partner its customer may know before others."""
    draft.tell("attachment.ended", target=draft.lead.joined_to)
    preferred = next((partner for partner in map(holder_of, earlier) if partner), None)
    alike = next((each.id for each in earlier if each.status in ALIVE), None)
    draft.drop_deadlines(K.FIRST, K.RETRY)
    draft.set(joined_to=None, preferred=preferred, alike=alike, reason="", total_by=None)
    draft.set(contacted_at=None, asked_at_door=0)  # told as if nothing were open, and done by whoever has the first
    loads = admit(draft, relay, "offer", now, contended=contended)
    if K.PROMISE in due and draft.lead.deadline(K.PROMISE) is None:
        promises.keep_promise(draft, relay.programme, now)
    relay.commit(Change(draft, loads=loads), now=now)
