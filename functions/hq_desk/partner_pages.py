"""One partner on HQ's desk: its page, its form and its buttons."""

from functions.hq_desk.visitor import acting, signed_in
from routing_core.aws.bodies import LIST_BODY, all_said, form_values, last_said
from routing_core.aws.http import Reply, Router, now_of
from routing_core.aws.wiring import wiring
from routing_core.formats.partner_form import typed_profile
from routing_core.present.hq_desk.partners.new import check_part
from routing_core.present.hq_desk.partners.partner import partner_page
from routing_core.service.hq_desk import partner_page as pages
from routing_core.web import acted, news, page

router = Router()


@router.get("/hq/partners/<partner>")
def show(partner: str) -> Reply:
    """Show one partner."""
    event = router.current_event
    visitor, now = signed_in(event), now_of(event)
    view = pages.view_partner(wiring().services, visitor, partner, now, news(event))
    return page(partner_page(view))


@router.post("/hq/partners/<partner>")
def act(partner: str) -> Reply:
    """Save or check the form (409 if somebody else has saved it meanwhile), or press a button."""
    event, services = router.current_event, wiring().services
    visitor, now = acting(event), now_of(event)
    values = form_values(event, LIST_BODY)
    form = {name: last_said(value) for name, value in values.items()}
    if form.get("action") in ("save", "check"):
        view = pages.act_on_profile(services, visitor, partner, _sent(), now)
    else:
        press = pages.Press(form, now)
        view = pages.act_on_partner(services, wiring().bus, visitor, partner, press)
    if view.notice:
        return acted(view.notice, now)
    return page(partner_page(view), view.status)


@router.post("/hq/partners/<partner>/check")
def check(partner: str) -> Reply:
    """Say what the form would do, as a part of the page, for its script."""
    event = router.current_event
    visitor, now = acting(event), now_of(event)
    return page(check_part(pages.check_profile(wiring().services, visitor, partner, _sent(), now)))


def _sent() -> pages.SentProfile:
    values = form_values(router.current_event, LIST_BODY)
    said = {name: all_said(value) for name, value in values.items()}
    return pages.sent_profile(said, typed_profile(said))
