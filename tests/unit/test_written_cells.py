"""Numbers of a report, as its reader's country writes them."""

from datetime import UTC, datetime

import pytest

from routing_core.present.locale_context import LocaleContext
from routing_core.present.reports.report_document import CellKind, ReportCell
from routing_core.present.reports.written_cells import written_cell
from tests.support.world import a_programme


@pytest.mark.parametrize(
    ("language", "kind", "value", "written"),
    [
        ("en", CellKind.SHARE, -0.69, "\u221269%"),
        ("de", CellKind.SHARE, -0.69, "\u221269\u00a0%"),
        ("en", CellKind.DECIMAL, -1234.56, "\u22121,234.6"),
        ("de", CellKind.COUNT, -2000, "\u22122.000"),
        ("en", CellKind.COUNT, 2000, "2,000"),
        ("en", CellKind.TEXT, "f-gas", "f-gas"),
    ],
)
def test_what_is_below_zero_has_a_real_minus(
    language: str, kind: CellKind, value: float | str, written: str
) -> None:
    now = datetime(2026, 11, 30, tzinfo=UTC)
    locale = LocaleContext.for_programme(a_programme(), language, now)
    assert written_cell(ReportCell(value, kind), locale, "EUR") == written
