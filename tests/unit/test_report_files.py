"""Reports as page, CSV and XLSX: the same tables in each, numbers as numbers, no formula anywhere."""

import csv
import io
import re
from dataclasses import replace
from decimal import Decimal

import pytest
from openpyxl import load_workbook

from routing_core.present.locale_context import LocaleContext
from routing_core.present.reports.csv_file import report_csv
from routing_core.present.reports.hq_document import hq_report_document
from routing_core.present.reports.hq_sections import accept_window_hours, notable_sentence
from routing_core.present.reports.partner_document import partner_report_document
from routing_core.present.reports.report_document import ReportDocument
from routing_core.present.reports.report_page import ROWS_OF_A_TABLE, report_file
from routing_core.present.reports.report_words import ReportWords
from routing_core.present.reports.xlsx_file import report_xlsx
from routing_core.reporting.hq_report import CampaignReturn, Notable, NotableKind, ReasonCount
from routing_core.reporting.partner_report import Tip, TipKind
from routing_core.reporting.share import Share
from tests.support.a_report import MADE, a_partner_report, an_hq_report, figures
from tests.support.builders import a_programme

FORMULAS = (
    "=1+1",
    "+1",
    "-2+3+cmd|' /C calc'!A0",
    "@SUM(A1)",
    "\t=1+1",
    "\r=1+1",
    '=HYPERLINK("https://evil.example","x")',
    "＝1+1",
    "<script>alert(1)</script>",
    "'=1",
    '"; drop',
)
PROGRAMME = a_programme()
LANGUAGES = ("en", "de")


def words(language: str = "en", name: str = "Isar Wärme") -> ReportWords:
    names = {f"munich-{number}": f"{name} {number}" for number in range(1, 400)}
    return ReportWords(PROGRAMME, LocaleContext.for_programme(PROGRAMME, language, MADE), names)


def hqs(language: str = "en", **more: object) -> ReportDocument:
    return hq_report_document(an_hq_report(**more), words(language), 1)  # type: ignore[arg-type]


def both(language: str) -> tuple[ReportDocument, ReportDocument]:
    return hqs(language), partner_report_document(a_partner_report(), words(language), 1)


def sheets(document: ReportDocument) -> dict[str, list[tuple[object, ...]]]:
    book = load_workbook(io.BytesIO(report_xlsx(document)))
    return {sheet.title: list(sheet.iter_rows(values_only=True)) for sheet in book.worksheets}


def test_every_figure_of_the_period_before_stands_beside_this_ones() -> None:
    (table,) = (each for each in hqs().tables() if each.name == "figures")
    before = {str(row[0]): table.cell(number, 2).value for number, row in enumerate(table.rows)}
    assert None not in before.values()
    assert before["Answer: half within, response hours"] == 2.6


def test_what_a_partner_has_to_do_has_no_column_of_ends_where_nothing_has_one() -> None:
    report = a_partner_report()
    open_ended = [replace(each, by=None, overdue=False) for each in report.todos]
    without = replace(report, todos=tuple(open_ended))
    for shown, is_there in ((report, True), (without, False)):
        document = partner_report_document(shown, words(), 1)
        (table,) = (each for each in document.tables() if each.name == "todos")
        assert ("By" in [each.label for each in table.columns]) is is_there
        assert all(len(row) == len(table.columns) for row in table.rows)


# ── the same in every form ────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_table_is_a_sheet_a_part_of_the_csv_and_a_table_of_the_page(language: str) -> None:
    for document in both(language):
        tables = list(document.tables())
        assert len(sheets(document)) == len(tables) + 1  # and what the terms mean
        text = report_csv(document)
        html = report_file(document, PROGRAMME)
        for table in tables:
            assert table.caption in text
            if table.rows:
                assert f'id="{table.name}"' in html


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_anchor_stands_twice_on_the_page(language: str) -> None:
    for document in both(language):
        ids = re.findall(r' id="([^"]+)"', report_file(document, PROGRAMME))
        assert len(ids) == len(set(ids))


def test_definitions_stand_beside_the_figures_and_on_a_sheet_of_their_own() -> None:
    document = hqs()
    meaning = "accepted ÷ (accepted + declined + lapsed)"
    assert meaning in report_file(document, PROGRAMME)
    assert any(meaning in str(row[1]) for row in sheets(document)["What the figures mean"])


def test_the_reconciliation_line_adds_up_in_words() -> None:
    (section,) = [each for each in hqs().sections if each.name == "reconciliation"]
    assert section.text == (
        "98 open + 312 received + 3 reopened = 413. 152 ended + 261 open at the end = 413.",
    )


# ── spreadsheets ──────────────────────────────────────────────────────────────────────────────────


def test_numbers_are_numbers_in_excel() -> None:
    rows = sheets(hqs())["Partners offers"]
    assert rows[0][:3] == ("Partner", "Offers", "Accepted")
    assert all(isinstance(value, int | float) for value in rows[1][1:])
    shares = [row[-1] for row in rows[1:]]
    assert all(0 <= share <= 1 for share in shares if isinstance(share, int | float))


@pytest.mark.parametrize("evil", FORMULAS)
def test_no_name_becomes_a_formula_a_link_or_a_tag(evil: str) -> None:
    document = hq_report_document(an_hq_report(), words(name=evil), 1)
    book = load_workbook(io.BytesIO(report_xlsx(document)))
    for sheet in book.worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                assert cell.data_type != "f", cell.value
                assert cell.hyperlink is None
    for row in csv.reader(io.StringIO(report_csv(document).removeprefix("\ufeff"))):
        for text in row:
            is_number = re.fullmatch(r"-?[\d.]+", text)
            assert is_number or not text.startswith(("=", "+", "-", "@", "\t", "\r")), text
    assert "<script" not in report_file(document, PROGRAMME)


def test_a_csv_begins_with_a_mark_and_is_spelled_as_the_language_expects() -> None:
    german, english = report_csv(hqs("de")), report_csv(hqs("en"))
    assert german.startswith("\ufeff")
    assert english.startswith("\ufeff")
    assert "Isar Wärme 12;53;31;5;" in german
    assert ";0,7" in german
    assert "Isar Wärme 12,53,31,5," in english


def test_sheets_whose_names_would_be_the_same_get_numbers() -> None:
    document = hqs()
    names = list(sheets(document))
    assert len(names) == len(set(names))
    assert all(len(name) <= 31 for name in names)


def test_of_very_many_partners_the_spreadsheet_has_all_and_the_page_the_first() -> None:
    many = tuple(figures(f"p-{number}", 10) for number in range(1_000))
    document = hq_report_document(replace(an_hq_report(), partners=many), words(), 1)
    assert len(sheets(document)["Partners offers"]) == 1_001
    html = report_file(document, PROGRAMME)
    assert html.count('<tr><th scope="row">p-') < 6 * ROWS_OF_A_TABLE
    assert "900 more rows are in the spreadsheet." in html


def test_of_many_partners_those_who_need_attention_stand_first_and_the_others_are_folded() -> None:
    quiet = [replace(figures(f"quiet-{n:02}", 0), sla=Share(0, 0), returned=0) for n in range(19)]
    many = (*quiet, figures("loud", 40))
    document = hq_report_document(replace(an_hq_report(), partners=many), words(), 1)
    html = report_file(document, PROGRAMME)
    section = html.partition('id="h-partners"')[2].partition("</section>")[0]
    shown = section.partition("<details")[0]
    assert re.findall(r'<th scope="row">([^<]+)', shown)[:2] == ["loud", "quiet-00"]
    assert len(re.findall(r'<th scope="row">', shown)) == 10
    folds = re.findall(r"<details class=\"fold more-rows\"><summary>([^<]+)", section)
    assert folds[0] == "10 more rows"
    assert "Partners: offers" in folds
    assert 'href="#h-partners"' in html.partition('id="contents"')[2].partition("</ul>")[0]


# ── the page ──────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_needs_nothing_from_anywhere(language: str) -> None:
    for document in both(language):
        html = report_file(document, PROGRAMME)
        assert "<script" not in html
        assert " style=" not in html
        assert not re.findall(r'(?:src|href)="(?!#|data:)', html)
        assert f'<html lang="{language}"' in html
        assert "@media print" in html


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_picture_has_a_title_a_description_and_its_table(language: str) -> None:
    for document in both(language):
        html = report_file(document, PROGRAMME)
        pictures = re.findall(
            r'<svg [^>]*role="img"[^>]*>\s*<title[^>]*>[^<]+</title>\s*<desc', html
        )
        drawn = [each for section in document.sections for each in section.pictures]
        assert len(pictures) == len([each for each in drawn if each.table.rows])
        assert html.count('<details class="fold as-table">') == len(pictures)


def test_the_line_of_the_promised_time_stands_behind_the_answers_within_it() -> None:
    (section,) = [each for each in hqs().sections if each.name == "response"]
    (picture,) = section.pictures
    hours = accept_window_hours(PROGRAMME)
    assert hours is not None
    within = [bound for bound in (1, 2, 4, 8, 16, 24, 48) if bound <= hours]
    assert picture.mark == len(within)


def test_below_five_cases_there_is_no_rate() -> None:
    few = figures("munich-1", sla=Share(3, 4), conversion=Share(4, 5))
    document = hq_report_document(replace(an_hq_report(), partners=(few,)), words(), 1)
    service = sheets(document)["Partners service"][1]
    results = sheets(document)["Partners results"][1]
    assert service[4] is None
    assert results[7] == 0.8
    assert "Where there are fewer than 5 cases there is no rate" in report_file(document, PROGRAMME)


# ── words ─────────────────────────────────────────────────────────────────────────────────────────


OF_THE_NETWORK = (NotableKind.GAP, NotableKind.WAITING, NotableKind.PROMISES, NotableKind.DISPUTED)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", OF_THE_NETWORK)
def test_the_only_case_is_told_as_one(kind: NotableKind, language: str) -> None:
    """Of a partner at least three cases are an exception; of the network one can be."""
    only, some = (
        notable_sentence(Notable(kind, "", 1, of, "heat-pump", "DE"), words(language))
        for of in (1, 4)
    )
    assert not re.search(r"\d", only), only
    assert re.search("1 (of|von) 4", some), some


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", list(NotableKind))
def test_every_exception_has_words(kind: NotableKind, language: str) -> None:
    for subject in ("munich-1", ""):
        notable = Notable(kind, subject, 7, 20, "heat-pump", "DE")
        (section, *_) = hqs(language, notable=(notable,)).sections
        (item,) = section.items
        assert "7" in item
        if subject and kind not in (NotableKind.GAP, NotableKind.WAITING, NotableKind.PROMISES):
            assert "Isar Wärme 1" in item


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", list(TipKind))
def test_every_tip_has_words(kind: TipKind, language: str) -> None:
    report = a_partner_report(tip=Tip(kind, 4, 9, PROGRAMME.decline_reasons[0].id))
    (tip, *_) = partner_report_document(report, words(language), 1).sections
    assert len(tip.text[0]) > 15
    assert f"{PROGRAMME.decline_reasons[0].id} (" not in tip.text[0]


def test_a_report_of_nothing_can_be_read() -> None:
    nothing = an_hq_report(
        partners=0,
        notable=(),
        gaps=(),
        campaigns=(),
        funnel=(),
        ages=(),
        answered_after={},
        won_since=(),
        lost_since=(),
        restated=(),
        cohorts=(),
        decline_reasons=(),
        lost_reasons=(),
        return_reasons=(),
        last_forecast=None,
    )
    html = report_file(hq_report_document(nothing, words(), 1), PROGRAMME)
    assert "Nothing stands out in this period." in html


def test_a_partner_reads_no_name_of_another() -> None:
    html = report_file(partner_report_document(a_partner_report(), words(), 1), PROGRAMME)
    assert set(re.findall(r"Isar Wärme \d+", html)) == {"Isar Wärme 1"}


@pytest.mark.parametrize(("language", "told"), [("en", "no reason given"), ("de", "ohne Angabe")])
def test_what_was_lost_for_no_reason_that_anybody_gave_has_a_name(language: str, told: str) -> None:
    without = replace(an_hq_report(), lost_reasons=(ReasonCount("", 2),))
    html = report_file(hq_report_document(without, words(language), 1), PROGRAMME)
    assert f'<th scope="row">{told}</th>' in html


@pytest.mark.parametrize("language", LANGUAGES)
def test_costs_in_two_currencies_stand_in_two_rows_and_are_never_added_up(language: str) -> None:
    value = {"EUR": Decimal(9000)}
    cost = {"CHF": Decimal(700), "EUR": Decimal(1500)}
    report = replace(
        an_hq_report(), campaigns=(CampaignReturn("google", "brand", 30, 20, 5, value, cost),)
    )
    document = hq_report_document(report, words(language), 1)
    (table,) = [each for each in document.tables() if each.name == "campaigns"]
    own, other = table.rows
    assert own[:6] == ("google", "brand", 30, 20, 5, "EUR")
    assert other[:6] == ("google", "brand", None, None, None, "CHF")
    amounts = [[getattr(cell, "value", cell) for cell in row[6:]] for row in (own, other)]
    assert amounts[0] == [9000, 1500, 50, 75, 300, 6]
    assert amounts[1] == [None, 700, Decimal("23.33"), 35, 140, None]
    html = report_file(document, PROGRAMME)
    assert "CHF" in html
    assert "2200" not in html.replace(",", "").replace(".", "")
