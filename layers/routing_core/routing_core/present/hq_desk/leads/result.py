"""The page that tells what became of many leads that were acted on at once."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from routing_core.domain.hq_people import HqPerson
from routing_core.domain.programme.programme import Programme
from routing_core.present.hq_desk.frame import DeskFrame, desk_locale, render_desk
from routing_core.present.hq_desk.leads.filters import list_address, list_fields
from routing_core.present.pages.queue_lead import REFERENCE_LENGTH
from routing_core.service.hq_desk.desk_reader import LEADS_URL
from routing_core.service.hq_desk.lead_bulk import LeadsResult, read_results, results_text

NOT_DONE_FIRST = (
    LeadsResult.NO_TIME,
    LeadsResult.CHANGED,
    LeadsResult.OWNED,
    LeadsResult.NOBODY,
    LeadsResult.GONE,
    LeadsResult.MISSING,
    LeadsResult.DONE,
)
"""What became of leads, in the order of the page: what somebody has to look at comes first."""


@dataclass(frozen=True, slots=True)
class ResultGroup:
    """The leads of which the same became."""

    title: str
    hint: str
    """Says what can be done about it; empty where there is nothing to do."""
    leads: tuple[tuple[str, str], ...]
    """The leads, each by its id and its reference."""


def result_address(results: Mapping[str, LeadsResult], asked: Mapping[str, str]) -> str:
    """Give the address that tells what became of leads, and leads back to the list ``asked`` for.

    The list itself begins at its first page again: leads that were acted on may have left it.
    """
    said = {"leads": results_text(results), **list_fields(asked)}
    said.pop("cursor", None)
    return f"{LEADS_URL}/result?{urlencode(said)}"


def leads_result_page(
    programme: Programme, asked: Mapping[str, str], visitor: HqPerson, now: datetime
) -> str:
    """Draw what became of each lead, as ``asked`` by ``result_address``."""
    results = read_results(asked.get("leads", ""))
    locale = desk_locale(programme, visitor, now)
    by_result: dict[LeadsResult, list[str]] = defaultdict(list)
    for lead_id, result in results.items():
        by_result[result].append(lead_id)
    groups = []
    for result in NOT_DONE_FIRST:
        if ids := by_result[result]:
            name = result.name.lower()
            leads = tuple((each, each[-REFERENCE_LENGTH:].upper()) for each in ids)
            title = locale.translate(f"hq_leads.result.{name}")
            hint = locale.catalog.find(f"hq_leads.result_hint.{name}") or ""
            groups.append(ResultGroup(title, hint, leads))
    done = len(by_result[LeadsResult.DONE])
    title = locale.translate("hq_leads.result.title", n=done, all=len(results))
    frame = DeskFrame("leads_result.html", title, "leads", visitor, programme, locale)
    back = list_address(LEADS_URL, asked)
    return render_desk(frame, groups=groups, back=back, leads_url=LEADS_URL)
