"""A lead on HQ's queue: all there is to know of it, and the buttons it has."""

from collections import ChainMap
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import cast

from routing_core.domain.errors import (
    ChangedMeanwhile,
    Gone,
    InvalidInput,
    NotFound,
    VersionNeeded,
)
from routing_core.domain.hq_people import HqPerson, Right
from routing_core.domain.lead import Lead, LeadStatus
from routing_core.domain.partner import Partner
from routing_core.routing.decide.answering import LATE
from routing_core.routing.decide.decision import decide, ranking_keys
from routing_core.routing.decide.placement import too_late
from routing_core.service.hq.ask_partner import ask_partner, may_ask
from routing_core.service.hq.handle_lead import (
    Assignment,
    add_note,
    assign_lead,
    grant_claim,
    reject_lead,
)
from routing_core.service.hq.lead_by_hand import may_withdraw, requeue_lead, withdraw_lead
from routing_core.service.kernel.services import Services
from routing_core.service.kernel.situations import situation_of
from routing_core.service.kernel.views import CandidateView, Meanwhile, QueueLeadView
from routing_core.service.notifications.hq_access import HqReader
from routing_core.service.placing.move_lead import may_move, move_lead
from routing_core.service.placing.place_lead import partners_to_read
from routing_core.service.placing.release_lead import release_lead
from routing_core.service.placing.retry_leads import STATES_THAT_WAIT
from routing_core.service.upkeep.erase_lead import erase_on_request

RIGHT_NEEDED: Mapping[str, Right] = {
    "assign": Right.ASSIGN,
    "grant": Right.ASSIGN,
    "erase": Right.ERASE,
}
"""The buttons that ask for more than acting on leads (``Right.ACT_ON_LEADS``), and for what."""
SAYS_ALL: Mapping[str, Callable[[Services, str, str, datetime], object]] = {
    "grant": grant_claim,
    "release": release_lead,
    "retry": requeue_lead,
    "reject": reject_lead,
    "withdraw": withdraw_lead,
    "erase": erase_on_request,
}
"""The buttons that say all there is to say, and what they do."""
DONE: Mapping[str, str] = {
    "assign": "assigned",
    "grant": "granted",
    "release": "released",
    "retry": "tried_again",
    "withdraw": "withdrawn",
    "reject": "rejected",
    "move": "moved",
    "note": "noted",
    "ask": "asked",
    "erase": "erased",
}
"""The notice of what each button has done."""
LONGEST_VERSION = 10
"""The most digits of a version: no lead was ever committed so often."""


def view_hq_lead(
    services: Services, reader: HqReader, lead_id: str, now: datetime, *, notice: str = ""
) -> QueueLeadView:
    """Show the lead, what was tried, and who could take it, ranked, or why not.

    Raises NotFound also for a lead of regions that are not the reader's.
    """
    lead = services.lead(lead_id)
    reader.look_at(lead)
    view = show_lead(services, lead_id, now)
    rights = frozenset(right.value for right in reader.person.rights)
    return replace(
        view,
        url=reader.lead_url(lead_id),
        back_url=reader.list_url,
        pages_url=reader.url,
        may=rights,
        notice=notice,
        askable=may_ask(reader.person, lead),
        reader=reader.read_by(Right.ACT_ON_LEADS, f"/leads/{lead_id}"),
    )


def show_lead(services: Services, lead_id: str, now: datetime) -> QueueLeadView:
    """Show all there is to know of one lead. Raises NotFound."""
    lead = services.lead(lead_id)
    context = services.leads.context(lead_id)
    if context is None:
        raise NotFound(f"there is no lead {lead_id}")
    candidates = () if lead.finished else tuple(_candidates(services, lead, now))
    return QueueLeadView(
        programme=services.programme,
        lead=services.with_towns(lead),
        context=context,
        partners=_partners_named(services, lead),
        candidates=candidates,
        timeline=services.leads.events(lead_id),
        now=now,
        url="",
        back_url="",
        movable=may_move(lead),
        retriable=lead.status in STATES_THAT_WAIT and lead.exhausted and not lead.undecided,
        withdrawable=may_withdraw(lead),
    )


def _partners_named(services: Services, lead: Lead) -> Mapping[str, Partner]:
    """Give the network's partners, and whoever was offered the lead and is newer than it."""
    known = services.rules.network().partners
    newer: dict[str, Partner] = {}
    for offer in lead.offers:
        partner = None if offer.partner in known else services.partners.get(offer.partner)
        if partner:
            newer[offer.partner] = partner
    return ChainMap(newer, cast(dict[str, Partner], known))


def _candidates(services: Services, lead: Lead, now: datetime) -> Iterator[CandidateView]:
    """Yield who could take the lead, in order, then who could not, each with the reason."""
    partners = services.rules.network().partners
    loads = services.leads.loads(partners_to_read(services, lead, now))
    decision = decide(situation_of(lead, services.rules, now).with_loads(loads))
    late = too_late(lead, decision, services.programme)
    passed_over = []
    for candidate, keys in zip(decision.ranked, ranking_keys(decision.ranked), strict=True):
        partner = partners[candidate.partner]
        if candidate.partner in late:
            passed_over.append(CandidateView(partner, reason=LATE))
        else:
            yield CandidateView(partner, tuple(keys.items()))
    yield from passed_over
    for reason, names in decision.excluded.items():
        for name in names:
            yield CandidateView(partners[name], reason=reason)


def act_on_hq_lead(
    services: Services, reader: HqReader, lead_id: str, form: Mapping[str, str], now: datetime
) -> QueueLeadView | None:
    """Press a button of a lead's page (``DONE`` has them), and show what the lead is then.

    ``version`` is the one that they saw. If something has happened since, nothing is done; the
    page says what has, and asks again. None: they moved the lead out of their own regions, so that
    it is not theirs to look at any more. Raises NotFound and NotAllowed.
    """
    reader.look_at(services.lead(lead_id))
    action = form.get("action", "")
    reader.person.need(RIGHT_NEEDED.get(action, Right.ACT_ON_LEADS))
    try:
        _act(services, lead_id, form, reader.person, now)
    except ChangedMeanwhile as changed:
        return _asked_again(view_hq_lead(services, reader, lead_id, now), changed.seen, form)
    except VersionNeeded:
        return _asked_again(view_hq_lead(services, reader, lead_id, now), 0, form)
    except InvalidInput as error:
        view = view_hq_lead(services, reader, lead_id, now)
        return replace(view, problems=error.problems, values=dict(form))
    except Gone:
        return view_hq_lead(services, reader, lead_id, now, notice="gone")
    if not reader.person.sees(services.lead(lead_id)):
        return None
    return _done(action, view_hq_lead(services, reader, lead_id, now))


def _done(action: str, view: QueueLeadView) -> QueueLeadView:
    """Say what the button has done."""
    notice = DONE.get(action, "")
    if action == "retry" and view.lead.status is not LeadStatus.OFFERED:
        notice = "nobody_yet"
    return replace(view, notice=notice)


def _asked_again(view: QueueLeadView, seen: int, form: Mapping[str, str]) -> QueueLeadView:
    """Show what has happened since that version, and the form once more."""
    return replace(view, meanwhile=Meanwhile(seen, dict(form)))


def _act(
    services: Services, lead_id: str, form: Mapping[str, str], person: HqPerson, now: datetime
) -> None:
    """Do what the button says, to the version that the page showed; an unknown one does nothing."""
    by = person.actor
    seen = _version_in(form)
    services = services.having_seen(lead_id, seen)
    match form.get("action", ""):
        case "assign":
            # A page that does not say what it showed takes no lead away from its owner.
            assignment = Assignment(form.get("partner", ""), by, seen is not None)
            assign_lead(services, lead_id, assignment, now)
        case "move":
            move_lead(services, lead_id, form, by, now)
        case "note":
            add_note(services, lead_id, form.get("text", ""), by, now)
        case "ask":
            ask_partner(services, lead_id, form.get("text", ""), person, now)
        case action if action in SAYS_ALL:
            SAYS_ALL[action](services, lead_id, by, now)


def _version_in(form: Mapping[str, str]) -> int | None:
    """Read the version of the lead that a page showed; None of a page that does not say."""
    written = form.get("version", "")
    is_number = written.isascii() and written.isdigit()
    if not is_number or len(written) >= LONGEST_VERSION:
        return None
    return int(written)
