"""The page that lists reports, and lets one be made."""

from dataclasses import dataclass

from routing_core.domain.hq_people import BY_LINK, HqPerson
from routing_core.present.hq_desk.frame import DeskFrame, desk_locale, render_desk
from routing_core.present.reports.report_words import COUNT, ReportWords
from routing_core.reporting.report_schedule import named_period
from routing_core.service.reports.report_run import BY_CLOCK, ReportRun, RunState
from routing_core.service.reports.view_reports import ReportListView

REPORTS_URL = "/hq/reports"
"""The address of the list."""


@dataclass(frozen=True, slots=True)
class ListedReport:
    """One report, as the list shows it."""

    name: str
    url: str
    state: str
    progress: str
    """How many partners have theirs, of how many; empty where none are to get any."""
    received: str
    """How many enquiries came in the period; empty while that is unknown."""
    asked: str
    """When and by whom it was asked for."""
    failed: bool


def report_list_page(view: ReportListView, visitor: HqPerson, notice: str = "") -> str:
    """Draw the list; ``notice`` is what a button has just done."""
    locale = desk_locale(view.programme, visitor, view.now)
    words = ReportWords(view.programme, locale, {})
    title = words.translate("page.title")
    frame = DeskFrame("reports.html", title, "reports", visitor, view.programme, locale, wide=True)
    rules = view.programme.reports
    return render_desk(
        frame,
        intro=words.translate("page.intro", day=rules.day, hour=rules.hour),
        rows=[_row(run, view, words) for run in view.runs],
        choices=[(name, words.period(period)) for name, period in view.choices],
        may_make=view.may_make,
        who=words.translate(
            "page.who",
            people=words.number(view.mailed_people, COUNT),
            partners=words.number(view.mailed_partners, COUNT),
        ),
        notice=notice,
    )


def run_title(run: ReportRun, words: ReportWords) -> str:
    """Name a report by its period, and by its version if that is not the first."""
    name = words.period(named_period(run.period_name, run.zone))
    return name if run.version == 1 else f"{name} ({run.version})"


def run_state(run: ReportRun, words: ReportWords) -> str:
    """Say how far a report is, and whether it was mailed."""
    if run.state is RunState.DONE and not run.is_mailed:
        return words.translate("state.kept")
    return words.translate(f"state.{run.state.value}")


def run_progress(run: ReportRun, words: ReportWords) -> str:
    """Say how many partners have their report, of how many."""
    if not run.partners:
        return ""
    done = words.number(run.partners_done, COUNT)
    return words.translate("progress", done=done, all=words.number(run.partners, COUNT))


def _row(run: ReportRun, view: ReportListView, words: ReportWords) -> ListedReport:
    return ListedReport(
        name=run_title(run, words),
        url=f"{REPORTS_URL}/{run.id}",
        state=run_state(run, words),
        progress=run_progress(run, words),
        received="" if run.received is None else words.number(run.received, COUNT),
        asked=f"{words.locale.when(run.asked_at)}, {_asker(run, view, words)}",
        failed=run.state is RunState.FAILED or bool(run.failed_partners),
    )


def _asker(run: ReportRun, view: ReportListView, words: ReportWords) -> str:
    if run.asked_by == BY_CLOCK:
        return words.translate("page.by_clock")
    return view.people.get(run.asked_by.removeprefix(f"{BY_LINK}:"), run.asked_by)
