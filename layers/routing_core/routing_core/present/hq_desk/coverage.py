"""HQ's report of the network's coverage as a page of its desk."""

from routing_core.domain.hq_people import HqPerson
from routing_core.present.explain.coverage_report import CoverageWords
from routing_core.present.hq_desk.frame import DeskFrame, desk_locale, render_desk
from routing_core.present.pages.coverage import coverage_fill
from routing_core.service.hq.check_coverage import NetworkCoverageView


def desk_coverage_page(view: NetworkCoverageView, visitor: HqPerson) -> str:
    """Draw the report, as of its instant, in the reader's language."""
    locale = desk_locale(view.programme, visitor, view.coverage.at)
    words = CoverageWords(view, locale)
    title = locale.translate("coverage.title")
    frame = DeskFrame("coverage.html", title, "coverage", visitor, view.programme, locale)
    return render_desk(frame, **coverage_fill(words))
