"""Sends each partner their report, and HQ its own: each mail once, and one failure stops no other.

Whoever could not be sent theirs is noted, and then the task fails as a whole, so that the state
machine does it again: what has left does not leave again.
"""

import logging
from dataclasses import replace
from datetime import datetime
from functools import partial

from routing_core.domain.errors import RelayError
from routing_core.domain.hq_people import HqPerson, hq_people
from routing_core.domain.partner import Partner
from routing_core.domain.people import people, person_id
from routing_core.reporting.partner_report import PartnerReport
from routing_core.service.kernel.views import MailView
from routing_core.service.notifications.mailing import MailContext
from routing_core.service.reports.report_files import read_partner_batch
from routing_core.service.reports.report_ports import ReportServices
from routing_core.service.reports.report_run import ReportRun, RunState, SentBatch
from routing_core.service.reports.view_reports import hq_report_for, names_of

logger = logging.getLogger(__name__)


class ReportsNotSent(RelayError):
    """Raised where somebody could not be sent their report: a moment later it may work."""


def send_batch(
    reports: ReportServices, mailing: MailContext, run: ReportRun, batch: int, now: datetime
) -> SentBatch:
    """Send the partners of a batch their reports, and note whose could not be sent.

    Raises ReportsNotSent if there are any.
    """
    found = read_partner_batch(reports, run.id, batch)
    partners = {each.id: each for each in reports.services.partners.some(found)}
    failed: list[str] = []
    for name, report in sorted(found.items()):
        try:
            _send_to_partner(mailing, run, report, partners.get(name), now)
        except Exception:
            logger.exception("a report was not sent", extra={"run": run.id, "partner": name})
            failed.append(name)
    sent = SentBatch(len(found) - len(failed), tuple(failed))
    reports.runs.note_batch(run.id, batch, sent)
    if failed:
        raise ReportsNotSent(f"{len(failed)} of {len(found)} partners")
    return sent


def _send_to_partner(
    mailing: MailContext,
    run: ReportRun,
    report: PartnerReport,
    partner: Partner | None,
    now: datetime,
) -> None:
    """Send a partner their report, unless nobody is mailed, or mail does not reach them."""
    if not run.is_mailed or partner is None or not partner.confirmed or partner.bounced:
        return
    view = partner_report_mail(mailing, run, report, partner, now)
    mark = {"role": "partner", "partner": partner.id}
    key = f"report.{run.id}#partner#{partner.id}"
    mailing.once(key, now, partial(mailing.send, view, mark))


def partner_report_mail(
    mailing: MailContext, run: ReportRun, report: PartnerReport, partner: Partner, now: datetime
) -> MailView:
    """Make the mail that brings a partner their report."""
    services = mailing.services
    programme = services.programme
    email = partner.contact.email
    person = person_id(email)
    link = services.links.report(partner.id, run.id, people(partner)[person], person)
    return MailView(
        template="partner_report",
        programme=programme,
        language=programme.language_for(partner.language),
        now=now,
        to=(email,),
        partner=partner,
        data={"report": report, "names": {partner.id: partner.name}},
        links={"desk": services.links.desk(partner.id, partner.links), "report": link},
    )


def send_to_hq(
    reports: ReportServices, mailing: MailContext, run: ReportRun, now: datetime
) -> None:
    """Send everybody at HQ the report if it is mailed at all, and note that it is done.

    Raises ReportsNotSent if somebody could not be sent it.
    """
    run = _with_lost_batches(reports, run)
    failed: list[str] = []
    for person in hq_people(reports.services.programme) if run.is_mailed else ():
        try:
            _send_to_person(reports, mailing, run, person, now)
        except Exception:
            logger.exception("HQ's report was not sent", extra={"person": person.id})
            failed.append(person.id)
    reports.runs.note(run.id, RunState.DONE, finished_at=now, mailed=run.mailing)
    if failed:
        raise ReportsNotSent(f"{len(failed)} people at HQ")


def note_failure(reports: ReportServices, run_id: str, why: str) -> None:
    """Note that a report could not be made; one that was stays so, whoever could not be sent it.

    That is noted too, for it can be mailed again to them.
    """
    run = reports.runs.get(run_id)
    if run is None or run.state is not RunState.DONE:
        reports.runs.note(run_id, RunState.FAILED, why=why)
    else:
        reports.runs.note(run_id, RunState.DONE, why=why, mailed=run.mailing)


def _with_lost_batches(reports: ReportServices, run: ReportRun) -> ReportRun:
    """Name the partners of batches that failed as a whole, whatever their fault was."""
    lost = [batch for batch in range(run.batches) if batch not in run.sent]
    if not lost:
        return run
    found = {
        batch: SentBatch(0, tuple(read_partner_batch(reports, run.id, batch))) for batch in lost
    }
    for batch, sent in found.items():
        reports.runs.note_batch(run.id, batch, sent)
    return replace(run, sent={**run.sent, **found})


def _send_to_person(
    reports: ReportServices,
    mailing: MailContext,
    run: ReportRun,
    person: HqPerson,
    now: datetime,
) -> None:
    report = hq_report_for(reports, run, person.regions)
    if report is None:
        return
    programme = reports.services.programme
    names = names_of(reports.services, [each.partner for each in report.partners])
    view = MailView(
        template="hq_report",
        programme=programme,
        language=programme.language_for(person.language, programme.hq.language),
        now=now,
        to=(person.email,),
        data={"report": report, "names": names, "failed": len(run.failed_partners)},
        links={"report": f"{reports.services.links.base_url}/hq/reports/{run.id}"},
    )
    key = f"report.{run.id}#hq#{person.id}"
    mailing.once(key, now, partial(mailing.send, view, {"role": "hq"}))
