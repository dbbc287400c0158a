"""The summary of what is wrong, above every form: each field by its name, as a link to it."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from routing_core.domain.errors import Problem
from routing_core.present.catalog import Catalog
from routing_core.present.pages.form_fields import FormField
from routing_core.present.problems import field_name, problem_sentence


class SummaryLine(NamedTuple):
    """What is wrong at one field, with the way to it."""

    anchor: str
    """The id of the field, without ``f-``; empty for what stands at no field of the page."""
    label: str
    """The field's name, ending in the sign that separates it from the sentence.

    It is empty if the sentence names the field.
    """
    text: str
    """The sentence that says what is wrong."""


def in_page_order(
    problems: Iterable[Problem], fields: Sequence[FormField], catalog: Catalog
) -> list[SummaryLine]:
    """List the problems as their ``fields`` stand on the page; what stands at none comes last."""
    labels = {field.name: with_colon(field.label) for field in fields}
    anchors = list(labels)
    lines = []
    for problem in problems:
        name = field_name(problem)
        anchor = name if name in labels else ""
        sentence = problem_sentence(problem, catalog)
        lines.append(SummaryLine(anchor, labels.get(name, ""), sentence))
    return sorted(lines, key=lambda each: _position(each.anchor, anchors))


def at_action(
    problems: Iterable[Problem], action: str, labels: Mapping[str, str], catalog: Catalog
) -> list[SummaryLine]:
    """List the problems of one form of a page that has several, as its fields stand on the page.

    Its fields are called ``f-<action>-<field>``; ``labels`` are their labels, in their order.
    """
    names = list(labels)
    in_order = sorted(problems, key=lambda each: _position(field_name(each), names))
    lines = []
    for problem in in_order:
        name = field_name(problem)
        sentence = problem_sentence(problem, catalog)
        if name in labels:
            lines.append(SummaryLine(f"{action}-{name}", with_colon(labels[name]), sentence))
        else:
            lines.append(SummaryLine("", "", sentence))
    return lines


def _position(name: str, names: Sequence[str]) -> int:
    """Give where a name stands; behind all if it is none of them."""
    return names.index(name) if name in names else len(names)


def with_colon(label: str) -> str:
    """Put a colon behind a label, ``Phone:``; one that is a question needs none."""
    if label.endswith(("?", ".", "!", ":")):
        return label
    return f"{label}:"
