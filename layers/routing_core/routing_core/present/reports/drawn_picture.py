"""A table as a picture: where each bar, line and word stands, for an SVG of our own.

A picture is 360 units wide, so that its words can be read on a phone, and as tall as its rows need.
Above each bar stand its name and its value, so that no name is too long for a margin.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from routing_core.present.locale_context import LocaleContext
from routing_core.present.reports.report_document import (
    PictureKind,
    ReportCell,
    ReportPicture,
    ReportTable,
)
from routing_core.present.reports.written_cells import written_cell
from routing_core.present.safe import line

WIDTH = 360
ROW = 32
"""The height of a row: a line of words, and a bar."""
BAR = 10
"""The thickness of a bar."""
WORDS = 13
"""How far below its top a row's words stand."""
LONGEST_NAME = 34
"""Letters of a row's name that fit beside its value."""
TREND_HEIGHT = 150
"""The height of columns in time, their labels included."""
MOST_COLUMN_LABELS = 6
"""Columns in time are labelled so many times at most; labels of more would run into each other."""
DOT_REACH = 150
"""How far from the middle a dot stands that is as far off as can be."""


@dataclass(frozen=True, slots=True)
class PictureBar:
    """A filled rectangle."""

    x: float
    y: float
    width: float
    height: float
    look: str = "bar"
    """The class by which the style sheet colours it."""


@dataclass(frozen=True, slots=True)
class PictureLabel:
    """Words."""

    x: float
    y: float
    text: str
    anchor: str = "start"
    """The end at which they stand: start, middle or end."""
    look: str = "words"


@dataclass(frozen=True, slots=True)
class PictureStroke:
    """A straight line."""

    x1: float
    y1: float
    x2: float
    y2: float
    look: str = "axis"


@dataclass(frozen=True, slots=True)
class PictureDot:
    """A dot."""

    x: float
    y: float


@dataclass(frozen=True, slots=True)
class DrawnPicture:
    """A picture ready for the template, beside the table that it shows."""

    picture: ReportPicture
    height: float
    bars: tuple[PictureBar, ...] = ()
    labels: tuple[PictureLabel, ...] = ()
    strokes: tuple[PictureStroke, ...] = ()
    dots: tuple[PictureDot, ...] = ()
    legend: tuple[tuple[str, str], ...] = ()
    """The look and the words of each sort of bar, where there are several."""


@dataclass(frozen=True, slots=True)
class _Words:
    """Writes the cells of a picture."""

    table: ReportTable
    locale: LocaleContext
    currency: str

    def name(self, row: int) -> str:
        return line(self.written(self.table.cell(row, 0)), LONGEST_NAME)

    def value(self, row: int, column: int = 1) -> str:
        return self.written(self.table.cell(row, column))

    def written(self, cell: ReportCell) -> str:
        return written_cell(cell, self.locale, self.currency)


def draw_picture(picture: ReportPicture, locale: LocaleContext, currency: str) -> DrawnPicture:
    """Say where everything in a picture stands."""
    words = _Words(picture.table, locale, currency)
    draw = {
        PictureKind.BARS: _bars,
        PictureKind.FUNNEL: _funnel,
        PictureKind.PAIRS: _pairs,
        PictureKind.DOTS: _dots,
        PictureKind.TREND: _trend,
    }[picture.kind]
    return draw(picture, words)


def _bars(picture: ReportPicture, words: _Words) -> DrawnPicture:
    return _rows_of_bars(picture, [words.value(row) for row in _rows(picture)], words)


def _funnel(picture: ReportPicture, words: _Words) -> DrawnPicture:
    """Draw bars that also say, in the table's third column, how many went on from the last."""
    values = []
    for row in _rows(picture):
        went_on = words.table.cell(row, 2)
        value = words.value(row)
        values.append(f"{value} · {words.written(went_on)}" if went_on.value is not None else value)
    return _rows_of_bars(picture, values, words)


def _rows_of_bars(picture: ReportPicture, values: Sequence[str], words: _Words) -> DrawnPicture:
    largest = _largest(picture.table, 1)
    bars: list[PictureBar] = []
    labels: list[PictureLabel] = []
    for row in _rows(picture):
        top = row * ROW
        width = WIDTH * _number(picture.table, row, 1) / largest
        bars.append(PictureBar(0, top + WORDS + 5, round(width, 1), BAR))
        labels.append(PictureLabel(0, top + WORDS, words.name(row)))
        labels.append(PictureLabel(WIDTH, top + WORDS, values[row], "end"))
    strokes: list[PictureStroke] = []
    height = len(picture.table.rows) * ROW
    if picture.mark is not None:
        # A line between two rows: what stands below it took longer than was promised.
        y = picture.mark * ROW + 1
        strokes.append(PictureStroke(0, y, WIDTH, y, "mark"))
        labels.append(
            PictureLabel(WIDTH / 2, y + WORDS - 1, picture.mark_label, "middle", "marked")
        )
    return DrawnPicture(picture, height, tuple(bars), tuple(labels), tuple(strokes))


def _pairs(picture: ReportPicture, words: _Words) -> DrawnPicture:
    """Draw two bars for each row on one scale: the second and third column."""
    table = picture.table
    largest = max(_largest(table, 1), _largest(table, 2))
    row_height = ROW + BAR
    bars: list[PictureBar] = []
    labels: list[PictureLabel] = []
    for row in _rows(picture):
        top = row * row_height
        values = f"{words.value(row, 1)} · {words.value(row, 2)}"
        labels.append(PictureLabel(0, top + WORDS, words.name(row)))
        labels.append(PictureLabel(WIDTH, top + WORDS, values, "end"))
        for column, look in ((1, "bar"), (2, "bar second")):
            y = top + WORDS + 5 + (column - 1) * (BAR + 1)
            width = WIDTH * _number(table, row, column) / largest
            bars.append(PictureBar(0, y, round(width, 1), BAR, look))
    legend = (("bar", table.columns[1].label), ("bar second", table.columns[2].label))
    height = len(table.rows) * row_height
    return DrawnPicture(picture, height, tuple(bars), tuple(labels), legend=legend)


def _dots(picture: ReportPicture, words: _Words) -> DrawnPicture:
    """Draw a dot for each row, left or right of the middle by the last column: -1 to 1."""
    table = picture.table
    labels: list[PictureLabel] = []
    strokes = [PictureStroke(WIDTH / 2, 0, WIDTH / 2, len(table.rows) * ROW, "mark")]
    dots: list[PictureDot] = []
    last = len(table.columns) - 1
    for row in _rows(picture):
        top = row * ROW
        y = top + WORDS + 10
        offset = max(-1.0, min(1.0, _number(table, row, last, signed=True)))
        labels.append(PictureLabel(0, top + WORDS, words.name(row)))
        labels.append(PictureLabel(WIDTH, top + WORDS, words.value(row, last), "end"))
        strokes.append(PictureStroke(0, y, WIDTH, y))
        dots.append(PictureDot(round(WIDTH / 2 + offset * DOT_REACH, 1), y))
    height = len(table.rows) * ROW
    return DrawnPicture(picture, height, (), tuple(labels), tuple(strokes), tuple(dots))


def _trend(picture: ReportPicture, words: _Words) -> DrawnPicture:
    """Draw a column for each row, with its value on top where there is room for it."""
    table = picture.table
    count = max(len(table.rows), 1)
    room = WIDTH / count
    largest = _largest(table, 1)
    floor = TREND_HEIGHT - 18
    tallest = floor - 18
    every = -(-count // MOST_COLUMN_LABELS)
    bars: list[PictureBar] = []
    labels: list[PictureLabel] = []
    for row in _rows(picture):
        height = tallest * _number(table, row, 1) / largest
        x = row * room
        middle = x + room / 2
        top = round(floor - height, 1)
        bars.append(
            PictureBar(round(x + room * 0.15, 1), top, round(room * 0.7, 1), round(height, 1))
        )
        labels.append(PictureLabel(round(middle, 1), top - 4, words.value(row), "middle", "small"))
        # Counted from the end: the last one is always named.
        if (count - 1 - row) % every == 0:
            below = PictureLabel(
                round(middle, 1), TREND_HEIGHT - 4, words.name(row), "middle", "small"
            )
            labels.append(below)
    strokes = (PictureStroke(0, floor, WIDTH, floor),)
    return DrawnPicture(picture, TREND_HEIGHT, tuple(bars), tuple(labels), strokes)


def _rows(picture: ReportPicture) -> range:
    return range(len(picture.table.rows))


def _number(table: ReportTable, row: int, column: int, *, signed: bool = False) -> float:
    """Give a value as a length; what is none, or is below zero, is drawn as nothing."""
    value = table.cell(row, column).value
    if value is None or isinstance(value, str) or not hasattr(value, "__float__"):
        return 0.0
    number = float(value)
    return number if signed else max(number, 0.0)


def _largest(table: ReportTable, column: int) -> float:
    numbers = [_number(table, row, column) for row in range(len(table.rows))]
    # One at least, so that a picture of nothing has bars of no length.
    return max([*numbers, 1e-9]) if any(numbers) else 1.0
