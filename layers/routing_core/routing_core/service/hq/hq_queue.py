"""HQ's queue: who waits for a person, section by section, and the buttons for many at once."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from routing_core.domain.errors import ChangedMeanwhile, Gone
from routing_core.domain.hq_people import Right
from routing_core.domain.lead import Lead, LeadStatus, state_list
from routing_core.domain.reasons import section_of
from routing_core.service.hq.handle_lead import reject_lead
from routing_core.service.kernel.services import Services
from routing_core.service.kernel.views import Alike, QueueSection, QueueView
from routing_core.service.notifications.hq_access import HqReader, open_hq
from routing_core.service.placing.release_lead import release_lead
from routing_core.service.placing.retry_leads import retry_all

SECTIONS: Mapping[str, LeadStatus] = {
    "hq_queue": LeadStatus.HQ_QUEUE,
    "held": LeadStatus.HQ_QUEUE,
    "follow_up": LeadStatus.FOLLOW_UP,
    "nurture": LeadStatus.NURTURE,
    "quarantined": LeadStatus.QUARANTINED,
}
"""The sections of the page and the state of their leads; ``held`` waits for a partner to open."""
SHOWN_AT_FIRST = 50
"""The leads of a section that the queue shows at once."""
MOST_OF_A_SECTION = 1_000
"""The leads of a section that its own page shows."""
MOST_ALIKE = 100
"""The leads alike that one press releases or rejects."""


def view_queue(
    services: Services, token: str, now: datetime, notice: str = "", section: str = ""
) -> QueueView:
    """Show the first leads of each section, or one ``section`` whole. Raises LinkRefused."""
    reader = open_hq(services, token, now)
    only = section if section in SECTIONS else ""
    shown = MOST_OF_A_SECTION if only else SHOWN_AT_FIRST
    names = [name for name in SECTIONS if only in ("", name)]
    sections = {name: _section(services, reader, name, shown) for name in names}
    return QueueView(
        services.programme,
        sections,
        now,
        reader.url,
        notice,
        only,
        names_nobody=not reader.person.id,
        reader=reader.read_by(Right.ACT_ON_LEADS),
    )


def _section(services: Services, reader: HqReader, name: str, shown: int) -> QueueSection:
    """Read a section: emergencies first, then the oldest; of spam the newest first."""
    is_spam = SECTIONS[name] is LeadStatus.QUARANTINED
    # One more than there may be tells that there are more.
    found = services.leads.held_by(
        state_list(SECTIONS[name]), MOST_OF_A_SECTION + 1, newest_first=is_spam
    )
    leads = [
        lead
        for lead in found[:MOST_OF_A_SECTION]
        if _belongs(lead, name) and reader.person.sees(lead)
    ]
    if not is_spam:
        programme = services.programme
        leads.sort(key=lambda lead: not programme.is_emergency(lead.urgency))
    return QueueSection(
        tuple(map(services.with_towns, leads[:shown])),
        len(leads),
        _alike(leads),
        more=len(found) > MOST_OF_A_SECTION,
    )


def _belongs(lead: Lead, section: str) -> bool:
    """Tell whether a lead of the section's state stands there: two sections share one state."""
    return lead.status is not LeadStatus.HQ_QUEUE or section_of(lead.reason) == section


def _alike(leads: Sequence[Lead]) -> tuple[Alike, ...]:
    """Gather what came from the same network address, the most first."""
    by_client: dict[str, list[Lead]] = defaultdict(list)
    for lead in leads:
        if lead.from_client:
            by_client[lead.from_client].append(lead)
    several = [(client, same) for client, same in by_client.items() if len(same) > 1]
    several.sort(key=lambda each: len(each[1]), reverse=True)
    return tuple(Alike(client, len(same), _as_listed(same)) for client, same in several)


def _as_listed(same: Sequence[Lead]) -> tuple[str, ...]:
    return tuple(map(_as_seen, same[:MOST_ALIKE]))


def _as_seen(lead: Lead) -> str:
    """Name a lead in the version that a page shows."""
    return f"{lead.id}.{lead.version}"


@dataclass(frozen=True, slots=True)
class BulkAction:
    """A button for everything alike."""

    act: Callable[[Services, str, str, datetime], object]
    """Takes the services, the lead's id, who does it, and the time."""
    notice: str
    """What is said when it is done; with something behind it where it was not done for all."""


BULK_ACTIONS: Mapping[str, BulkAction] = {
    "release_alike": BulkAction(release_lead, "released_alike"),
    "reject_alike": BulkAction(reject_lead, "rejected_alike"),
}


def act_on_queue(
    services: Services,
    token: str,
    form: Mapping[str, str],
    now: datetime,
    has_time: Callable[[], bool] = lambda: True,
) -> QueueView:
    """Press one of the queue's buttons: ``retry``, ``release_alike`` or ``reject_alike``.

    ``retry`` routes everything of the reader's regions that waits for a partner once more, the
    most urgent first. The others do so with all that is held, came from the same network address
    (``alike``) and stood on the page that was pressed on (``shown``), for as long as the request
    ``has_time``. Raises LinkRefused, and NotAllowed for whoever only looks.
    """
    reader = open_hq(services, token, now)
    reader.person.need(Right.ACT_ON_LEADS)
    action = form.get("action", "")
    notice = ""
    if action == "retry":
        placed = retry_all(services, now, reader.person.sees, by=reader.person.actor)
        notice = "retried" if placed else "still_nobody"
    elif bulk := BULK_ACTIONS.get(action):
        shown = frozenset(form.get("shown", "").split())
        press = BulkPress(bulk, form.get("alike", ""), shown, has_time)
        notice = _with_all_alike(services, reader, press, now)
    return view_queue(services, token, now, notice)


class BulkPress(NamedTuple):
    """A press on a button for everything alike."""

    bulk: BulkAction
    alike: str
    """The mark of the network address that all of them came from."""
    shown: frozenset[str]
    """The enquiries that stood on the page, each in the version that was shown."""
    has_time: Callable[[], bool]
    """Says whether the request has time for one more."""


def _with_all_alike(services: Services, reader: HqReader, press: BulkPress, now: datetime) -> str:
    """Act on what the page listed, one after the other, until no time is left; give the notice.

    A request has half a minute, and who presses the button is to read what came of it. What came
    after the page was loaded, and whose sender confirmed or changed something meanwhile, is left
    alone: that is not what HQ decided about. The notice ends in ``_but`` if any of them were left,
    in ``_so_far`` if time ran out.
    """
    bulk, alike, shown, has_time = press
    held = services.leads.held_by(
        state_list(LeadStatus.QUARANTINED), MOST_OF_A_SECTION, newest_first=True
    )
    theirs = filter(reader.person.sees, held)
    same = [lead for lead in theirs if alike and lead.from_client == alike]
    seen = [lead for lead in same if _as_seen(lead) in shown]
    acted_on = 0
    for number, lead in enumerate(seen[:MOST_ALIKE]):
        if number and not has_time():
            return f"{bulk.notice}_so_far"
        # Its sender may have been faster.
        with suppress(Gone, ChangedMeanwhile):
            of_that_version = services.having_seen(lead.id, lead.version)
            bulk.act(of_that_version, lead.id, reader.person.actor, now)
            acted_on += 1
    everything = len(same) == len(shown) == acted_on
    return bulk.notice if everything else f"{bulk.notice}_but"
