"""The page of a new partner, and what a form would do, as a part of a page."""

from routing_core.domain.hq_people import HqPerson
from routing_core.domain.programme.programme import Programme
from routing_core.present.engine import page_template
from routing_core.present.hq_desk.frame import DeskFrame, desk_locale, render_desk
from routing_core.present.hq_desk.partners.form import FormWords
from routing_core.present.pages.frame import title_with_problems
from routing_core.present.problems import by_field
from routing_core.service.hq_desk.partner_new import NewPartnerView
from routing_core.service.hq_desk.partner_page import PartnerPageView
from routing_core.service.hq_desk.partner_rights import PARTNERS_URL


def new_partner_page(view: NewPartnerView) -> str:
    """Draw the form for a new partner."""
    locale = desk_locale(view.programme, view.visitor, view.now)
    title = locale.translate("hq_partners.new.title")
    title = title_with_problems(title, view.form.problems, locale)
    scripts = ("partner.js",)
    programme, visitor = view.programme, view.visitor
    frame = DeskFrame("partner_new.html", title, "partners", visitor, programme, locale, scripts)
    return render_desk(
        frame,
        url=PARTNERS_URL,
        here=f"{PARTNERS_URL}/new",
        partner_id=view.partner_id,
        id_error=by_field(view.form.problems, locale.catalog).get("id", ""),
        **FormWords(view.form, programme, locale).fill(),
    )


def check_part(view: NewPartnerView | PartnerPageView) -> str:
    """Draw what a form would do, without a page around it."""
    programme: Programme = view.programme
    visitor: HqPerson = view.visitor
    locale = desk_locale(programme, visitor, view.now)
    fill = FormWords(view.form, programme, locale).fill()
    return page_template("hq/partner_check.html").render(t=locale.catalog.translate, **fill)
