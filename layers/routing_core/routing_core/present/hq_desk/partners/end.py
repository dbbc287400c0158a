"""The page that asks what becomes of a partner's open leads when the work with it ends."""

from routing_core.domain.lead import Lead
from routing_core.present.hq_desk.frame import DeskFrame, desk_locale, render_desk
from routing_core.present.lead_summary import product_name
from routing_core.service.hq_desk.partner_end import PartnerEndView
from routing_core.service.hq_desk.partner_rights import PARTNERS_URL


def partner_end_page(view: PartnerEndView) -> str:
    """Draw the page."""
    programme, visitor = view.programme, view.visitor
    locale = desk_locale(programme, visitor, view.now)
    title = locale.translate("hq_partners.deactivate.title", name=view.partner.name)

    def row(lead: Lead) -> dict[str, str]:
        product = product_name(programme, lead.product, locale)
        state = locale.catalog.of_code("facts.status_name", lead.status.value)
        accepted = locale.when_briefly(lead.accepted_at) if lead.accepted_at else ""
        title = f"{product} · {lead.postcode}"
        return {"id": lead.id, "title": title, "state": state, "accepted": accepted}

    frame = DeskFrame("partner_end.html", title, "partners", visitor, programme, locale)
    here = f"{PARTNERS_URL}/{view.partner.id}"
    return render_desk(frame, view=view, here=here, heading=title, rows=list(map(row, view.owned)))
