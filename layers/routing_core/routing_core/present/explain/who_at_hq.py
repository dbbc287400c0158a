"""Name who did something at HQ: a person, or an API key."""

from routing_core.domain.hq_people import BY_LINK, hq_person
from routing_core.domain.programme.programme import Programme
from routing_core.present.locale_context import LocaleContext
from routing_core.present.safe import shown_address


def who_at_hq(by: str, locale: LocaleContext, programme: Programme) -> str:
    """Name who did something, by what events and the log store of it (``HqPerson.actor``).

    It is a person's name, or their address where the programme says none; or the API key. It is
    empty where nothing more is stored than that it was HQ.
    """
    how, _, person = by.partition(":")
    if by in ("", "hq"):
        return ""
    if how != BY_LINK:
        return locale.translate("facts.who.key", name=by)
    if not person:
        return locale.translate("facts.who.shared")
    known = hq_person(programme, person)
    if known is None:
        return locale.translate("facts.who.former")
    return known.name or shown_address(known.email)
