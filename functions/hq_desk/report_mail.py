"""The button that mails a report which is there."""

from functions.hq_desk.visitor import acting
from routing_core.aws.http import Reply, Router, now_of
from routing_core.aws.wiring import wiring
from routing_core.domain.hq_people import Right
from routing_core.present.hq_desk.reports.report_list import REPORTS_URL
from routing_core.service.reports.ask_report import mail_as_person
from routing_core.web import acted

router = Router()


@router.post("/hq/reports/<run>/mail")
def mail(run: str) -> Reply:
    """Mail a report that is there to whoever has not got theirs."""
    event = router.current_event
    visitor, now = acting(event, Right.MAKE_REPORTS), now_of(event)
    asked = mail_as_person(wiring().reports, wiring().report_machine, visitor, run, now)
    notice = "mailing" if asked.is_new or asked.run.is_mailing else "mailed_already"
    return acted(notice, now, f"{REPORTS_URL}/{asked.run.id}")
