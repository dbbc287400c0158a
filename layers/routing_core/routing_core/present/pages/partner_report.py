"""A partner's report behind the link that was mailed to them."""

from dataclasses import replace

from routing_core.present.locale_context import LocaleContext
from routing_core.present.pages.frame import page_in, render
from routing_core.present.reports.partner_document import partner_report_document
from routing_core.present.reports.report_document import ReportDocument
from routing_core.present.reports.report_page import REPORT_SHEETS, report_fill
from routing_core.present.reports.report_words import ReportWords
from routing_core.service.reports.own_report import PartnerReportView


def own_report_document(view: PartnerReportView) -> ReportDocument | None:
    """Give the report in the words and by the clock of the partner; None if there is none."""
    if view.report is None:
        return None
    words = ReportWords(view.programme, _locale(view), {view.partner.id: view.partner.name})
    return partner_report_document(view.report, words, view.run.version, view.lead_links)


def own_report_page(view: PartnerReportView) -> str:
    """Draw the report, with the way to the partner's desk."""
    locale = _locale(view)
    document = own_report_document(view)
    title = document.title if document else view.partner.name
    frame = page_in(locale, view.programme, "reports/partner.html", title)
    return render(
        replace(frame, sheets=REPORT_SHEETS),
        desk=view.desk,
        has_report=document is not None,
        missing=locale.translate(_missing(view)),
        **(report_fill(document) if document else {}),
    )


def _missing(view: PartnerReportView) -> str:
    """Give the key of the words that say why there is nothing to be shown."""
    return "reports.page.partner_missing" if view.run.is_there else "reports.page.none_yet"


def _locale(view: PartnerReportView) -> LocaleContext:
    return LocaleContext.for_partner(view.partner, view.programme, view.language, view.now)
