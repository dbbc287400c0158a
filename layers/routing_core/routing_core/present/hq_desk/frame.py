"""The frame of every page of HQ's desk: the navigation, and who has signed in."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from routing_core.domain.hq_people import HqPerson
from routing_core.domain.programme.programme import Programme
from routing_core.present.locale_context import LocaleContext
from routing_core.present.pages.frame import PageFrame, render


class DeskPlace(NamedTuple):
    """A place that the navigation leads to."""

    name: str
    """The name, whose words are ``hq.places.<name>``."""
    path: str
    """The address, from the root of the site."""


DESK_PLACES = (
    DeskPlace("today", "/hq"),
    DeskPlace("leads", "/hq/leads"),
    DeskPlace("partners", "/hq/partners"),
    DeskPlace("coverage", "/hq/coverage"),
    DeskPlace("reports", "/hq/reports"),
    DeskPlace("rules", "/hq/rules"),
    DeskPlace("people", "/hq/people"),
    DeskPlace("log", "/hq/log"),
)
"""The places of the navigation, in their order."""


@dataclass(frozen=True, slots=True)
class DeskFrame:
    """What the frame around a page of HQ's desk needs to know of it."""

    template: str
    """The file of ``templates/hq/`` that draws it, such as ``leads.html``."""
    title: str
    """The title, for the browser's tab."""
    place: str
    """The name of the place in the navigation that the page belongs to; empty for none."""
    visitor: HqPerson
    """The person who has signed in."""
    programme: Programme
    """The programme whose brand it bears."""
    locale: LocaleContext
    """The reader's words and clock."""
    scripts: tuple[str, ...] = ()
    """Files of ``static/`` that run on it."""
    wide: bool = False
    """Takes the whole width of a large screen, for tables and maps."""
    more_sheets: tuple[str, ...] = ()
    """Style sheets of ``static/`` beside those of the desk."""


def desk_locale(programme: Programme, visitor: HqPerson, now: datetime) -> LocaleContext:
    """Give the words and the clock of somebody at HQ."""
    language = visitor.language or programme.hq.language
    return LocaleContext.for_programme(programme, language, now)


def render_desk(frame: DeskFrame, **fill: Any) -> str:
    """Draw a page of HQ's desk: its template filled in, inside the frame with the navigation."""
    page = PageFrame(
        f"hq/{frame.template}",
        frame.title,
        frame.locale.catalog,
        frame.programme,
        frame.locale,
        frame.scripts,
        sheets=("hq.css", *frame.more_sheets),
    )
    return render(
        page,
        places=DESK_PLACES,
        place=frame.place,
        visitor=frame.visitor,
        wide=frame.wide,
        **fill,
    )
