"""The summary of what is wrong, above every form: each field by its name, as a link to it, in the
page's order.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from routing_core.domain.errors import Problem
from routing_core.present.catalog import Catalog
from routing_core.present.pages.form_fields import Field
from routing_core.present.problems import field_name, sentence


class SummaryLine(NamedTuple):
    anchor: str
    """The id of the field, without ``f-``; empty for what stands at no field of the page."""
    label: str
    """The field's name, ending in the sign that separates it from the sentence; empty if that names
    it.
    """
    text: str


def in_page_order(
    problems: Iterable[Problem], fields: Sequence[Field], t: Catalog
) -> list[SummaryLine]:
    """Lists the problems as their ``fields`` stand on the page; what stands at none of them comes
    last.
    """
    labels = {field.name: named(field.label) for field in fields}
    places = {name: place for place, name in enumerate(labels)}
    lines = []
    for problem in problems:
        name = field_name(problem)
        anchor = name if name in labels else ""
        lines.append(SummaryLine(anchor, labels.get(name, ""), sentence(problem, t)))
    return sorted(lines, key=lambda line: places.get(line.anchor, len(places)))


def named(label: str) -> str:
    """Puts a colon behind a label, ``Phone:``; one that is a question needs none."""
    return label if label.endswith(("?", ".", "!", ":")) else f"{label}:"


def at_action(
    problems: Iterable[Problem], action: str, labels: Mapping[str, str], t: Catalog
) -> list[SummaryLine]:
    """Lists the problems of one form of a page that has several, whose fields are called
    ``f-<action>-<field>``.

    ``labels``: of the fields of that form, as they stand on the page.
    """
    places = {name: place for place, name in enumerate(labels)}
    lines = []
    for problem in sorted(
        problems, key=lambda problem: places.get(field_name(problem), len(places))
    ):
        name = field_name(problem)
        label = named(labels[name]) if name in labels else ""
        lines.append(SummaryLine(f"{action}-{name}" if label else "", label, sentence(problem, t)))
    return lines
