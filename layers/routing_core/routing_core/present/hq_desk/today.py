"""The first page of HQ's desk."""

from datetime import datetime

from routing_core.domain.hq_people import HqPerson
from routing_core.domain.programme.programme import Programme
from routing_core.present.hq_desk.frame import DeskFrame, desk_locale, render_desk


def today_page(programme: Programme, visitor: HqPerson, now: datetime) -> str:
    """Draw what stands on HQ's desk today."""
    locale = desk_locale(programme, visitor, now)
    title = locale.translate("hq.places.today")
    return render_desk(DeskFrame("today.html", title, "today", visitor, programme, locale))
