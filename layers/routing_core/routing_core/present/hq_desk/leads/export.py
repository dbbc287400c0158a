"""The page of an export: how far it has come, and its files."""

from routing_core.domain.hq_people import HqPerson
from routing_core.domain.lead_row import LeadSort
from routing_core.present.hq_desk.frame import DeskFrame, desk_locale, render_desk
from routing_core.present.hq_desk.leads.filters import FilterWords
from routing_core.present.pages.frame import known_notice
from routing_core.service.hq_desk.desk_reader import DESK_URL, LEADS_URL
from routing_core.service.hq_desk.lead_export import ExportView


def export_page(view: ExportView, visitor: HqPerson) -> str:
    """Draw the page; its script presses the button that goes on."""
    locale = desk_locale(view.programme, visitor, view.now)
    export = view.export
    words = FilterWords(view.programme, view.partners, locale, LEADS_URL)
    title = locale.translate("hq_leads.export.title")
    scripts = () if export.is_done else ("send.js", "go_on.js")
    frame = DeskFrame("export.html", title, "leads", visitor, view.programme, locale, scripts)
    looked = export.looked_back_to
    return render_desk(
        frame,
        export=export,
        notice=known_notice(view.notice, ("meanwhile",)),
        url=f"{DESK_URL}/exports/{export.id}",
        go_on_url=f"{LEADS_URL}/export?go_on={export.id}",
        back=words.address(view.query.values),
        chips=[each.text for each in words.chips(view.query)],
        search=view.query.search,
        leads=locale.number(str(export.leads)),
        files=[locale.number(str(each.leads)) for each in export.files],
        looked_back_to=locale.day(locale.clock.local(looked).date()) if looked else "",
        order="oldest" if view.query.sort is LeadSort.OLDEST else "newest",
        sorted_apart=len(export.files) > 1 and not view.query.sort.is_by_receipt,
    )
