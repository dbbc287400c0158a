"""Mails that bring a report: the few numbers that count, what to do, and the link to all of it.

They are none of the mails that events mean, so that whoever sends those need not know of reports.
"""

from collections.abc import Mapping

from routing_core.present.mails.bodies.body import MailBody
from routing_core.present.mails.render import WriteBody, draw_mail
from routing_core.present.reports.hq_sections import notable_sentence
from routing_core.present.reports.partner_document import missed_counts, tip_sentence, todo_sentence
from routing_core.present.reports.report_words import COUNT, ReportWords
from routing_core.reporting.hq_report import HqReport
from routing_core.reporting.partner_report import PartnerReport
from routing_core.service.kernel.mail_ports import Mail
from routing_core.service.kernel.views import MailView

TODOS_IN_MAIL = 5
"""So many things to do stand in the mail; all of them are in the report."""


def write_hq_report(mail: MailBody) -> None:
    """Tell HQ that the report is there, with five numbers and what needs a person first."""
    report: HqReport = mail.data["report"]
    words = ReportWords(mail.programme, mail.locale, mail.data["names"])
    headline = report.headline
    mail.head_by_words(period=words.period(report.period))
    mail.lines(
        *(
            mail.named_line(words.translate(f"headline.{name}"), value)
            for name, value in (
                ("received", words.number(headline.received, COUNT)),
                ("acceptance", words.share(headline.acceptance)),
                ("contacted_in_a_day", words.share(headline.contacted_in_a_day)),
                ("won", words.number(headline.won, COUNT)),
                ("value", words.written_money(headline.value)),
            )
        )
    )
    if report.notable:
        mail.text(words.translate("section.exceptions"))
        mail.items([notable_sentence(each, words) for each in report.notable], len(report.notable))
    mail.bars(
        words.translate("section.funnel"),
        [
            (name, words.number(leads, COUNT), leads)
            for name, leads, _ in words.funnel_rows(report.funnel)
        ],
    )
    if mail.data["failed"]:
        mail.small(mail.translate("failed", n=mail.data["failed"]))
    mail.button(words.translate("mail.open"), "report")


def write_partner_report(mail: MailBody) -> None:
    """Tell a partner how the period went, with what to do, one tip and the link to the report."""
    report: PartnerReport = mail.data["report"]
    words = ReportWords(mail.programme, mail.locale, mail.data["names"])
    figures = report.figures
    mail.head_by_words(period=words.period(report.period))
    mail.lines(
        *(
            mail.named_line(words.translate(f"headline.{name}"), value)
            for name, value in (
                ("offers", words.number(figures.offers.made, COUNT)),
                ("accepted", words.number(figures.offers.accepted, COUNT)),
                ("sla", words.share(figures.sla)),
                ("won", words.number(figures.won, COUNT)),
                ("value", words.written_money(report.value)),
            )
        )
    )
    if report.todos:
        mail.text(words.translate("section.todos"))
        shown = [todo_sentence(each, words) for each in report.todos[:TODOS_IN_MAIL]]
        mail.items(shown, len(report.todos))
    mail.bars(words.translate("section.missed"), missed_counts(report, words))
    mail.text(tip_sentence(report, words))
    mail.button(words.translate("mail.open"), "report")
    mail.desk_link()


REPORT_MAILS: Mapping[str, tuple[str, WriteBody]] = {
    "hq_report": ("hq", write_hq_report),
    "partner_report": ("partner", write_partner_report),
}
"""Template → who reads it, and what writes its body."""


def render_report_mail(view: MailView) -> Mail:
    """Write the mail of a view. Raises LookupError for a template that does not exist."""
    if view.template not in REPORT_MAILS:
        raise LookupError(f"no mail with a report is called {view.template!r}")
    return draw_mail(view, *REPORT_MAILS[view.template])
