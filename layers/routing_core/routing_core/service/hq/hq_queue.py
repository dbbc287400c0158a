"""HQ's queue and each lead on it: what the pages show, and the buttons they have."""

from collections import ChainMap, defaultdict
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import cast

from routing_core.domain.errors import (
    ChangedMeanwhile,
    Gone,
    InvalidInput,
    NotFound,
    Problem,
    VersionNeeded,
)
from routing_core.domain.hq_people import Right
from routing_core.domain.lead import Lead, LeadStatus, state_list
from routing_core.domain.partner import Partner
from routing_core.routing.decide.answering import LATE
from routing_core.routing.decide.decision import decide, ranking_keys
from routing_core.routing.decide.placement import too_late
from routing_core.service.hq.handle_lead import (
    Assignment,
    add_note,
    assign_lead,
    grant_claim,
    reject_lead,
)
from routing_core.service.kernel.services import Services
from routing_core.service.kernel.situations import situation_of
from routing_core.service.kernel.views import (
    Alike,
    CandidateView,
    Meanwhile,
    QueueLeadView,
    QueueSection,
    QueueView,
)
from routing_core.service.notifications.hq_access import HqReader, open_hq
from routing_core.service.placing.move_lead import may_move, move_lead
from routing_core.service.placing.place_lead import partners_to_read
from routing_core.service.placing.release_lead import release_lead
from routing_core.service.placing.retry_leads import retry_all
from routing_core.service.upkeep.erase_lead import erase_on_request

S = LeadStatus
SECTIONS: Mapping[str, S] = {
    "hq_queue": S.HQ_QUEUE,
    "held": S.HQ_QUEUE,
    "follow_up": S.FOLLOW_UP,
    "nurture": S.NURTURE,
    "quarantined": S.QUARANTINED,
}
"""Of the queue's page; ``held`` goes on by itself when a partner opens."""
NEEDED: Mapping[str, Right] = {"assign": Right.ASSIGN, "grant": Right.ASSIGN, "erase": Right.ERASE}
"""Buttons of a lead's page that ask for a right."""
FIRST, MOST = 50, 1_000
"""Leads of a section that the queue shows at once; and that its own page does."""
AT_ONCE = 100
"""Leads alike that one press releases or rejects."""


def view_queue(
    services: Services, token: str, now: datetime, notice: str = "", section: str = ""
) -> QueueView:
    """``section``: that one whole; else the first of each. Raises LinkRefused."""
    reader = open_hq(services, token, now)
    only = section if section in SECTIONS else ""
    names = [name for name in SECTIONS if only in ("", name)]
    shown = {name: _section(services, reader, name, MOST if only else FIRST) for name in names}
    return QueueView(
        services.programme, shown, now, reader.url, notice, only, names_nobody=not reader.person.id
    )


def _section(services: Services, reader: HqReader, name: str, shown: int) -> QueueSection:
    spam = SECTIONS[name] is S.QUARANTINED
    found = services.leads.held_by(state_list(SECTIONS[name]), MOST + 1, newest_first=spam)
    leads = [
        lead
        for lead in found[:MOST]
        if bool(lead.partner_opens_at) == (name == "held") and reader.person.sees(lead)
    ]
    if not spam:
        programme = services.programme
        leads.sort(key=lambda lead: not programme.is_emergency(lead.urgency))
    return QueueSection(
        tuple(map(services.with_towns, leads[:shown])),
        len(leads),
        _alike(leads),
        more=len(found) > MOST,
    )


def _alike(leads: Sequence[Lead]) -> tuple[Alike, ...]:
    """Gathers what came from the same network address, the most first."""
    by_mark: dict[str, list[Lead]] = defaultdict(list)
    for lead in leads:
        if lead.from_client:
            by_mark[lead.from_client].append(lead)
    several = [(mark, same) for mark, same in by_mark.items() if len(same) > 1]
    several.sort(key=lambda each: len(each[1]), reverse=True)
    return tuple(
        Alike(mark, len(same), tuple(map(_as_seen, same[:AT_ONCE]))) for mark, same in several
    )


def _as_seen(lead: Lead) -> str:
    """Names a lead in the version that a page shows."""
    return f"{lead.id}.{lead.version}"


def act_on_queue(
    services: Services,
    token: str,
    form: Mapping[str, str],
    now: datetime,
    has_time: Callable[[], bool] = lambda: True,
) -> QueueView:
    """retry: everything of the reader's regions that waits for a partner is routed once more, the
    most urgent first. release_alike and reject_alike (alike, shown): so with all that is held, came
    from the same network address and stood on the page that was pressed on, for as long as the
    request ``has_time``.
    """
    reader = open_hq(services, token, now)
    match form.get("action"):
        case "retry":
            placed = retry_all(services, now, reader.person.sees, by=reader.person.actor)
            notice = "retried" if placed else "still_nobody"
        case "release_alike":
            notice = _with_all_alike(
                services, reader, form, release_lead, now, "released_alike", has_time
            )
        case "reject_alike":
            notice = _with_all_alike(
                services, reader, form, reject_lead, now, "rejected_alike", has_time
            )
        case _:
            notice = ""
    return view_queue(services, token, now, notice)


def _with_all_alike(
    services: Services,
    reader: HqReader,
    form: Mapping[str, str],
    act: Callable[[Services, str, str, datetime], object],
    now: datetime,
    done: str,
    has_time: Callable[[], bool],
) -> str:
    """Acts on what the page listed (``shown``) one after the other, at most ``AT_ONCE``, until no
    time is left: a request has half a minute, and who presses the button is to read what came of
    it.

    Left alone is what came after the page was loaded, and whose sender confirmed or changed
    something meanwhile: that
    is not what HQ decided about. Returns the notice: ``done``, with ``_but`` behind it if any of
    them were left, or
    ``_so_far`` if time ran out.
    """
    alike, shown = form.get("alike", ""), set(form.get("shown", "").split())
    held = services.leads.held_by(state_list(S.QUARANTINED), MOST, newest_first=True)
    same = [
        lead for lead in held if alike and lead.from_client == alike and reader.person.sees(lead)
    ]
    seen = [lead for lead in same if _as_seen(lead) in shown]
    acted_on = 0
    for number, lead in enumerate(seen[:AT_ONCE]):
        if number and not has_time():
            return f"{done}_so_far"
        with suppress(Gone, ChangedMeanwhile):  # its sender was faster
            act(services.having_seen(lead.id, lead.version), lead.id, reader.person.actor, now)
            acted_on += 1
    everything = len(same) == len(shown) == acted_on
    return done if everything else f"{done}_but"


def view_queue_lead(
    services: Services,
    token: str,
    lead_id: str,
    now: datetime,
    *,
    notice: str = "",
    problems: tuple[Problem, ...] = (),
) -> QueueLeadView:
    """The lead, what was tried, and who could take it, ranked, or why not. Raises LinkRefused or
    NotFound.
    """
    reader = open_hq(services, token, now)
    reader.look_at(services.lead(lead_id))
    view = show_lead(services, lead_id, now, notice=notice, problems=problems)
    rights = frozenset(right.value for right in reader.person.rights)
    return replace(view, url=reader.lead_url(lead_id), back_url=reader.url, may=rights)


def show_lead(
    services: Services,
    lead_id: str,
    now: datetime,
    *,
    notice: str = "",
    problems: tuple[Problem, ...] = (),
) -> QueueLeadView:
    """Shows all there is to know of one lead. Raises NotFound."""
    lead = services.lead(lead_id)
    context = services.leads.context(lead_id)
    if context is None:
        raise NotFound(f"there is no lead {lead_id}")
    return QueueLeadView(
        programme=services.programme,
        lead=services.with_towns(lead),
        context=context,
        partners=_partners_named(services, lead),
        candidates=() if lead.finished else _candidates(services, lead, now),
        timeline=services.leads.events(lead_id),
        now=now,
        url="",
        back_url="",
        movable=may_move(lead),
        notice=notice,
        problems=problems,
    )


def _partners_named(services: Services, lead: Lead) -> Mapping[str, Partner]:
    """The network's, and whoever was offered the lead and is newer than the network last read."""
    known = services.rules.network().partners
    newer = {
        offer.partner: services.partners.get(offer.partner)
        for offer in lead.offers
        if offer.partner not in known
    }
    return ChainMap(
        {name: partner for name, partner in newer.items() if partner},
        cast(dict[str, Partner], known),
    )


def act_on_queue_lead(
    services: Services, token: str, lead_id: str, form: Mapping[str, str], now: datetime
) -> QueueLeadView | QueueView:
    """assign | grant | release | reject | move | note | erase, by whoever holds the queue's link.

    ``version``: the one that they saw. If something has happened since, nothing is done; the page
    says what has, and
    asks again. Whoever moves a lead out of their own regions reads so on the queue: the lead is not
    theirs any more.
    """
    reader = open_hq(services, token, now)
    reader.look_at(services.lead(lead_id))
    if right := NEEDED.get(form.get("action", "")):
        reader.need(right)
    seen = _version_in(form)
    try:
        _act(
            services.having_seen(lead_id, seen),
            lead_id,
            form,
            reader.person.actor,
            now,
            may_take_away=seen is not None,
        )
    except ChangedMeanwhile as changed:
        return _asked_again(view_queue_lead(services, token, lead_id, now), changed.seen, form)
    except VersionNeeded:
        return _asked_again(view_queue_lead(services, token, lead_id, now), 0, form)
    except InvalidInput as error:
        return replace(
            view_queue_lead(services, token, lead_id, now, problems=error.problems),
            values=dict(form),
        )
    except Gone:
        return view_queue_lead(services, token, lead_id, now, notice="gone")
    if not reader.person.sees(services.lead(lead_id)):
        return view_queue(services, token, now, notice="moved_away")
    return view_queue_lead(
        services, token, lead_id, now, notice=NOTICES.get(form.get("action", ""), "")
    )


def _asked_again(view: QueueLeadView, seen: int, form: Mapping[str, str]) -> QueueLeadView:
    return replace(view, meanwhile=Meanwhile(seen, dict(form)))


NOTICES = {
    "assign": "assigned",
    "grant": "granted",
    "release": "released",
    "reject": "rejected",
    "move": "moved",
    "note": "noted",
    "erase": "erased",
}
"""What each button has done."""


def _act(
    services: Services,
    lead_id: str,
    form: Mapping[str, str],
    by: str,
    now: datetime,
    *,
    may_take_away: bool,
) -> None:
    match form.get("action"):
        case "assign":
            assign_lead(
                services, lead_id, Assignment(form.get("partner", ""), by, may_take_away), now
            )
        case "grant":
            grant_claim(services, lead_id, by, now)
        case "release":
            release_lead(services, lead_id, by, now)
        case "reject":
            reject_lead(services, lead_id, by, now)
        case "move":
            move_lead(services, lead_id, form, by, now)
        case "note":
            add_note(services, lead_id, form.get("text", ""), by, now)
        case "erase":
            erase_on_request(services, lead_id, by, now)


def _version_in(form: Mapping[str, str]) -> int | None:
    """The version of the lead that a page showed; None of a page that does not say."""
    written = form.get("version", "")
    return (
        int(written)
        if written.isascii() and written.isdigit() and len(written) < LONGEST_VERSION
        else None
    )


LONGEST_VERSION = 10
"""Digits; no lead was ever committed so often."""


def _candidates(services: Services, lead: Lead, now: datetime) -> tuple[CandidateView, ...]:
    programme = services.programme
    partners = services.rules.network().partners
    loads = services.leads.loads(partners_to_read(services, lead, now))
    decision = decide(situation_of(lead, services.rules, now).with_loads(loads))
    late = too_late(lead, decision, programme)
    ranked = [
        CandidateView(partners[candidate.partner], tuple(keys.items()))
        for candidate, keys in zip(decision.ranked, ranking_keys(decision.ranked), strict=True)
        if candidate.partner not in late
    ]
    passed_over = [
        CandidateView(partners[candidate.partner], reason=LATE)
        for candidate in decision.ranked
        if candidate.partner in late
    ]
    excluded = [
        CandidateView(partners[partner], reason=reason)
        for reason, names in decision.excluded.items()
        for partner in names
    ]
    return (*ranked, *passed_over, *excluded)
