"""The page of one partner on HQ's desk."""

from typing import Any

from routing_core.domain.absences import away
from routing_core.domain.partner import Absence
from routing_core.domain.partner_history import FieldChange, ProfileChange
from routing_core.present.hq_desk.frame import DeskFrame, desk_locale, render_desk
from routing_core.present.hq_desk.partners.form import FormWords, field_name_told
from routing_core.present.hq_desk.partners.profile import profile_told
from routing_core.present.hq_desk.partners.territories import TerritoryWords
from routing_core.present.hq_desk.partners.words import PartnerWords, value_told, who_did_it
from routing_core.present.lead_summary import product_name
from routing_core.present.locale_context import LocaleContext
from routing_core.present.pages.frame import known_notice, title_with_problems
from routing_core.present.pages.summary import at_action
from routing_core.present.problems import by_field
from routing_core.service.hq_desk.partner_page import BUTTONS, PartnerPageView
from routing_core.service.hq_desk.partner_rights import PARTNERS_URL
from routing_core.service.offers.take_more import usual_extra

PARTNER_NOTICES = (
    *("saved", "added", "paused", "resumed", "more", "no_more", "away", "back", "revoked"),
    *("revoked_before", "link_sent", "confirmed", "asked_again", "reactivated", "deactivated"),
)


def partner_page(view: PartnerPageView) -> str:
    """Draw the page."""
    programme, partner = view.programme, view.partner
    locale = desk_locale(programme, view.visitor, view.now)
    problems = (*view.problems, *view.form.problems)
    title = title_with_problems(partner.name, problems, locale)
    frame = DeskFrame(
        "partner.html", title, "partners", view.visitor, programme, locale, ("partner.js",)
    )
    territory = TerritoryWords(programme, locale)
    labels = {name: locale.translate(f"hq_partners.{name}") for name in _FIELDS}
    return render_desk(
        frame,
        view=view,
        partner=partner,
        words=PartnerWords(view.standing, programme, locale, view.now),
        url=PARTNERS_URL,
        here=f"{PARTNERS_URL}/{partner.id}",
        territory=territory.told(partner.territories),
        reach=territory.reach(view.reach),
        products=[product_name(programme, each, locale) for each in sorted(partner.products)],
        leads=[_lead(view, lead, locale) for lead in view.leads],
        history=[_change(view, change, locale) for change in view.history],
        absences=[_absence(view, each, locale) for each in view.absences],
        extra=usual_extra(partner, view.now),
        notice=known_notice(view.notice, PARTNER_NOTICES),
        errors=by_field(view.problems, locale.catalog),
        problems=at_action(view.problems, view.action, labels, locale.catalog),
        buttons=BUTTONS,
        profile_lines=[] if view.may_change else profile_told(partner, programme, locale),
        **FormWords(view.form, programme, locale).fill(),
    )


_FIELDS = ("more", "until", "first", "last")
"""The fields of the small forms."""


def _lead(view: PartnerPageView, lead: Any, locale: LocaleContext) -> dict[str, str]:
    state = locale.catalog.of_code("facts.status_name", lead.status.value)
    product = product_name(view.programme, lead.product, locale)
    return {"id": lead.id, "title": f"{product} · {lead.postcode}", "state": state}


def _absence(view: PartnerPageView, absence: Absence, locale: LocaleContext) -> dict[str, Any]:
    first = locale.day(absence.first)
    words = first
    if absence.first != absence.last:
        words = locale.translate("desk.holiday.days", first=first, last=locale.day(absence.last))
    running = away((absence,), view.today, view.today) is not None
    return {"absence": absence, "words": words, "running": running}


def _change(view: PartnerPageView, change: ProfileChange, locale: LocaleContext) -> dict[str, Any]:
    who = who_did_it(change.by, locale, view.programme)
    return {
        "when": locale.when_briefly(change.at),
        "who": who or locale.translate("hq_partners.history.product"),
        "is_first": change.version == 1,
        "fields": [_told(each, locale) for each in change.fields],
    }


def _told(change: FieldChange, locale: LocaleContext) -> dict[str, str]:
    return {
        "name": field_name_told(change.field, locale),
        "before": value_told(change.before, locale),
        "after": value_told(change.after, locale),
    }
