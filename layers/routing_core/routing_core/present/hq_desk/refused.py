"""What HQ's desk says to somebody who has signed in where it refuses: in its frame, with a way on."""

from datetime import datetime

from routing_core.domain.hq_people import HqPerson
from routing_core.domain.programme.programme import Programme
from routing_core.present.hq_desk.frame import DeskFrame, desk_locale, render_desk
from routing_core.present.pages.simple import error_kind


def refused_desk_page(kind: str, visitor: HqPerson, programme: Programme, now: datetime) -> str:
    """Draw the page of an error, in the words of whoever has signed in."""
    kind = error_kind(kind)
    locale = desk_locale(programme, visitor, now)
    title = locale.translate(f"errors.{kind}.title")
    return render_desk(DeskFrame("refused.html", title, "", visitor, programme, locale), kind=kind)
