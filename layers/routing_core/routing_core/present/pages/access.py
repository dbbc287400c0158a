"""HQ's page of who may open a partner's links."""

from routing_core.domain.people import people, person_id
from routing_core.present.locale_context import LocaleContext
from routing_core.present.pages.frame import known_notice, page_in, render
from routing_core.service.kernel.views import AccessView

ACCESS_NOTICES = ("revoked", "revoked_before")
"""Names what a button may have done that the page tells once."""


def access_page(view: AccessView) -> str:
    """Draw who may open a partner's links, each with a button that ends theirs."""
    programme, partner = view.programme, view.partner
    locale = LocaleContext.for_programme(
        programme, view.reader.language or programme.hq.language, view.now
    )
    # How often their links were ended is posted with the button: ending what somebody else has just
    # ended would end the fresh link too.
    generations = people(partner)
    shown = []
    for role, person in (("contact", partner.contact), ("second", partner.second_contact)):
        if person:
            shown.append((role, person, generations[person_id(person.email)]))
    colleagues = [("colleague", each, each.seen) for each in view.colleagues]
    return render(
        page_in(locale, programme, "access.html", partner.name),
        view=view,
        people=[*shown, *colleagues],
        notice=known_notice(view.notice, ACCESS_NOTICES),
    )
