"""A report as a file to be saved: HTML, CSV or Excel."""

from dataclasses import dataclass

from routing_core.domain.programme.programme import Programme
from routing_core.present.reports.csv_file import report_csv
from routing_core.present.reports.report_document import ReportDocument
from routing_core.present.reports.report_page import report_file
from routing_core.present.reports.xlsx_file import report_xlsx

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
"""The content type of an Excel file."""


@dataclass(frozen=True, slots=True)
class ReportFile:
    """A file, its kind and its name."""

    content: bytes
    content_type: str
    name: str


def report_download(document: ReportDocument, programme: Programme, kind: str) -> ReportFile | None:
    """Give the file of a kind: ``html``, ``csv`` or ``xlsx``; None for any other."""
    name = f"{document.file_name}.{kind}"
    match kind:
        case "html":
            html = report_file(document, programme).encode()
            return ReportFile(html, "text/html; charset=utf-8", name)
        case "csv":
            return ReportFile(report_csv(document).encode(), "text/csv; charset=utf-8", name)
        case "xlsx":
            return ReportFile(report_xlsx(document), XLSX, name)
        case _:
            return None
