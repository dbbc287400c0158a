"""The page on which an owner gives an enquiry to a colleague, another partner or HQ."""

from collections.abc import Mapping

from routing_core.present.lead_summary import lead_title
from routing_core.present.locale_context import LocaleContext
from routing_core.present.pages.frame import page_in, render, title_with_problems
from routing_core.present.pages.summary import at_action
from routing_core.present.problems import by_field
from routing_core.present.safe import shown_address
from routing_core.service.kernel.views import OfferView


def hand_over_page(view: OfferView) -> str:
    """Draw to whom the owner may give it; it opens with what was tried last."""
    locale = LocaleContext.for_partner(view.partner, view.programme, view.language, view.now)
    partner = view.partner
    contacts = [person for person in (partner.contact, partner.second_contact) if person]
    known = [shown_address(person.email) for person in contacts]
    action = view.values.get("action", "")
    labels = _labels(action, locale)
    title = title_with_problems(locale.translate("offer.hand_over.title"), view.problems, locale)
    return render(
        page_in(locale, view.programme, "hand_over.html", title),
        view=view,
        heading=lead_title(view.lead, view.programme, locale, everything=True),
        others=[(each.id, each.name) for each in view.others or ()],
        known=", ".join(known),
        errors=by_field(view.problems, locale.catalog),
        problems=at_action(view.problems, action, labels, locale.catalog),
        action=action,
        values=view.values,
    )


def _labels(action: str, locale: LocaleContext) -> Mapping[str, str]:
    """Give the labels of the fields that can be wrong in one of the page's forms."""
    prefix = "offer.hand_over"
    match action:
        case "colleague":
            return {
                "name": locale.translate(f"{prefix}.colleague.name"),
                "email": locale.translate(f"{prefix}.colleague.email"),
            }
        case "partner":
            return {"partner": locale.translate(f"{prefix}.partner.reason")}
        case "hq":
            return {"text": locale.translate(f"{prefix}.hq.text")}
    return {}
