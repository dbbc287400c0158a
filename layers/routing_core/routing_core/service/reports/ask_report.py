"""Asks for a report: once for each period and version, however often and by whomever."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from routing_core.domain.activity import ActivityKind
from routing_core.domain.errors import Conflict, InvalidInput, NotAllowed, NotFound, Problem
from routing_core.domain.hq_people import HqPerson, Right
from routing_core.reporting.period import Period
from routing_core.reporting.report_schedule import (
    due_periods,
    is_week,
    last_complete_period,
    named_period,
    period_name,
)
from routing_core.service.kernel.read_model import LogEntry
from routing_core.service.reports.own_report import present_run
from routing_core.service.reports.report_ports import ReportMachine, ReportServices
from routing_core.service.reports.report_run import (
    BY_CLOCK,
    MailRule,
    ReportRun,
    RunState,
    run_id,
)

LONGEST_VERSION_NUMBER = 3
"""Digits of a version: nobody tells one month a thousand times."""
MOST_NUDGED = 12
"""The clock looks at so many of the latest reports."""


@dataclass(frozen=True, slots=True)
class WantedReport:
    """What somebody asks for."""

    period: str
    """The name of a month or a week that is over."""
    by: str = ""
    """Who asks, as events have it."""
    version: int = 1
    """A later version tells the same period as it is known by now; the one before stays as it is."""
    send: bool | None = None
    """Whether people are mailed; None: only about the time that was over last, as it happened."""


@dataclass(frozen=True, slots=True)
class AskedReport:
    """The report that was asked for."""

    run: ReportRun
    is_new: bool
    """False if it had been asked for before, and is only shown again."""


def ask_report(
    reports: ReportServices, machine: ReportMachine, wanted: WantedReport, now: datetime
) -> AskedReport:
    """Begin the report, or give the one that there is.

    One that failed goes on. Raises InvalidInput for what is no period, a period that is not over,
    and a version whose predecessor there is not.
    """
    programme = reports.services.programme
    period = named_period(wanted.period, programme.time_zone)
    if period.end > now:
        message = f"is not over before {period.next_day.isoformat()}"
        raise InvalidInput([Problem("period", "not_over", message)])
    name = period_name(period)
    _check_version(reports, name, wanted.version)
    run = ReportRun(
        id=run_id(name, wanted.version),
        state=RunState.ASKED,
        asked_at=now,
        asked_by=wanted.by,
        zone=programme.time_zone,
        mails=_mail_rule(wanted.send, period, now),
    )
    is_new = reports.runs.ask(run)
    if is_new and wanted.by not in ("", BY_CLOCK):
        asked = LogEntry(at=now, by=wanted.by, kind=ActivityKind.REPORT_ASKED, about=run.id)
        reports.services.activity.note(asked)
    if not is_new:
        run = _begun_again(reports, run, now)
    if run.state is RunState.ASKED:
        machine.start(run)
    return AskedReport(run, is_new)


def _mail_rule(send: bool | None, period: Period, now: datetime) -> MailRule:
    """Give the rule by which people are mailed: nobody, about a time before the last."""
    if send is not None:
        return MailRule.ALL if send else MailRule.NOBODY
    last = last_complete_period(now, period.zone, week=is_week(period))
    return MailRule.IF_LIVE if period == last else MailRule.NOBODY


def ask_as_person(
    reports: ReportServices,
    machine: ReportMachine,
    person: HqPerson,
    wanted: WantedReport,
    now: datetime,
) -> AskedReport:
    """Begin a report that somebody at HQ asks for.

    Raises NotAllowed for whoever may not, and for a manager of some regions only.
    """
    _check_may_make(person)
    return ask_report(reports, machine, replace(wanted, by=person.actor), now)


def mail_report(
    reports: ReportServices, machine: ReportMachine, run_id: str, by: str, now: datetime
) -> AskedReport:
    """Mail a report that is there to whoever has not got theirs, once however often it is asked.

    Raises NotFound, and Conflict for one that is not there to be mailed.
    """
    run = present_run(reports, run_id)
    if run.state is not RunState.DONE:
        raise Conflict(f"the report {run.id} is not there to be mailed: it is {run.state.value}")
    is_new = run.may_be_mailed and reports.runs.mail(run)
    if is_new:
        asked = LogEntry(at=now, by=by, kind=ActivityKind.REPORT_MAILED, about=run.id)
        reports.services.activity.note(asked)
    run = present_run(reports, run_id)
    if run.is_mailing:
        machine.start_mailing(run)
    return AskedReport(run, is_new)


def mail_as_person(
    reports: ReportServices, machine: ReportMachine, person: HqPerson, run: str, now: datetime
) -> AskedReport:
    """Mail a report that is there, as somebody at HQ wants it.

    Raises NotAllowed for whoever may have none made, NotFound and Conflict.
    """
    _check_may_make(person)
    return mail_report(reports, machine, run, person.actor, now)


def _check_may_make(person: HqPerson) -> None:
    person.need(Right.MAKE_REPORTS)
    if person.regions is not None:
        raise NotAllowed("a report goes to the whole network: ask somebody who sees all of it")


def _check_version(reports: ReportServices, name: str, version: int) -> None:
    if version == 1:
        return
    before = reports.runs.get(run_id(name, version - 1)) if version > 1 else None
    if before is None or before.state not in (RunState.DONE, RunState.EMPTY):
        message = "is 1, or one more than the version that has been sent"
        raise InvalidInput([Problem("version", "invalid", message)])


def _begun_again(reports: ReportServices, run: ReportRun, now: datetime) -> ReportRun:
    """Give the report that was asked for before; one that failed is begun again."""
    there = present_run(reports, run.id)
    if there.state is RunState.FAILED:
        reports.runs.again(there, there.attempt + 1, now)
        there = present_run(reports, run.id)
    return there


def nudge_reports(reports: ReportServices, machine: ReportMachine, now: datetime) -> list[str]:
    """Begin whatever is due by the clock, and whatever was asked for and never began.

    So does a mailing that somebody asked for.

    Gives the ids of what was begun; to do it again begins nothing twice.
    """
    try:
        programme = reports.services.programme
    except NotFound:
        return []  # nobody has saved any rules yet
    begun: list[str] = []
    for period in due_periods(programme.reports, programme.time_zone, now):
        asked = ask_report(reports, machine, WantedReport(period_name(period), BY_CLOCK), now)
        if asked.is_new:
            begun.append(asked.run.id)
    for run in reports.runs.newest(MOST_NUDGED):
        if run.state is RunState.ASKED and run.id not in begun:
            machine.start(run)
            begun.append(run.id)
        elif run.is_mailing:
            machine.start_mailing(run)
    return begun


def wanted_by_form(form: Mapping[str, str]) -> WantedReport:
    """Read what somebody asks for. Raises InvalidInput for a version that is no number."""
    send = {"yes": True, "no": False}.get(form.get("send", ""))
    version = _version(form.get("version", "1"))
    return WantedReport(form.get("period", ""), version=version, send=send)


def wanted_by_document(document: Mapping[str, Any], by: str) -> WantedReport:
    """Read what a program asks for: ``{"period": "2026-10", "version": 1, "send": true}``.

    Raises InvalidInput.
    """
    period = document.get("period")
    if not isinstance(period, str):
        message = "is a month like 2026-10 or a week like 2026-W41"
        raise InvalidInput([Problem("period", "required", message)])
    send = document.get("send")
    if send is not None and not isinstance(send, bool):
        raise InvalidInput([Problem("send", "invalid", "is true, false or left out")])
    return WantedReport(period, by, _version(str(document.get("version", 1))), send)


def _version(text: str) -> int:
    if text.isascii() and text.isdigit() and len(text) <= LONGEST_VERSION_NUMBER:
        return int(text)
    raise InvalidInput([Problem("version", "invalid", "is a number from 1 on")])
