"""Problems as sentences a person can act on, and as problem details (RFC 9457) for machines."""

from collections.abc import Iterable, Sequence
from typing import Any

from routing_core.domain.enquiry.typed_fields import LENGTHS
from routing_core.domain.errors import Problem
from routing_core.domain.territory import postcodes
from routing_core.domain.values.sentence import Sentence
from routing_core.present.catalog import Catalog, catalog_for
from routing_core.present.told import sentence_told

TITLES = {
    400: "malformed",
    401: "key",
    403: "refused",
    404: "missing",
    405: "wrong_method",
    409: "conflict",
    410: "erased",
    412: "changed_meanwhile",
    413: "too_large",
    415: "unsupported",
    422: "invalid",
    428: "version_needed",
    429: "busy",
    503: "updating",
}
"""HTTP status → the name of its title and its detail in the catalogue."""
PROBLEM_TYPE = "urn:partner-relay:problem:"
"""The type of a problem begins like this and ends in its name: programs tell problems apart by it.

The names never change; README lists them.
"""
HINTS = ("meant", "options", "list", "digits", "like", "few", "callback", "most")
"""Kinds of hints, the best first.

The first that a problem brings, and that has a sentence, is told.
"""
OPTIONS_IN_A_SENTENCE = 6
"""Options that a sentence names; of more it says that there is a list."""
LARGEST_PROBLEM_LIST = 2_000
"""An answer tells of so many problems.

A long list with every cell wrong has more than Lambda can answer with.
"""
LONGEST_FIELD = 200
"""Letters of a field whose length is not listed, as ``too_long`` tells it."""


def field_name(problem: Problem) -> str:
    """Give the form field a problem stands at: the last name of its path."""
    return problem.field.rpartition(".")[2]


def problem_sentence(problem: Problem, catalog: Catalog) -> str:
    """Say what is wrong in the nearest words: those of its hint, of its field, or of its code.

    Where nobody wrote any, it is the English message as it came; in another language it only says
    that something is wrong there.
    """
    name = field_name(problem)
    hints = _hints_in_words(problem, catalog)
    for kind in HINTS:
        if hints.get(kind):
            told = catalog.find(f"problems.code.{problem.code}.{kind}", **hints)
            if told:
                return told
    at_field = catalog.find(f"problems.code.{problem.code}.{name}")
    if at_field:
        return at_field
    longest = LENGTHS.get(name, LONGEST_FIELD)
    general = catalog.find(
        f"problems.code.{problem.code}.any", longest=longest, postcode=hints["postcode"]
    )
    if general:
        return general
    if isinstance(problem.message, Sentence):
        return sentence_told(problem.message, catalog)
    if catalog.language != "en":
        # Better little in the reader's language than much in another.
        return catalog.translate("problems.unsaid")
    return f"{name}: {problem.message}"


def _hints_in_words(problem: Problem, catalog: Catalog) -> dict[str, str]:
    """Give the hints to fill in, with the country's word for a postcode and its digits."""
    hints = dict(problem.hints)
    country = hints.pop("country", "")
    hints["postcode"] = postcode_name(country, catalog)
    digits = postcodes.digits(country) if country else None
    if digits:
        hints["digits"] = str(digits)
    return hints


def postcode_name(country: str, catalog: Catalog) -> str:
    """Say what a country's postcodes are called: ``German postcode``, ``US ZIP code``.

    Without a country it is ``postcode``.
    """
    if not country:
        return catalog.translate("problems.postcode.any")
    named = catalog.find(f"problems.postcode.{country}")
    if named:
        return named
    from babel import Locale  # few forms ask where nobody wrote the name

    country_name = Locale(catalog.language).territories.get(country, country)
    return catalog.translate("problems.postcode.elsewhere", country=country_name)


def missing_sentence(field: str, catalog: Catalog, labels: Sequence[str] = ()) -> str:
    """Say what to do where a needed field is empty. ``labels`` are what may be chosen there."""
    at_field = catalog.find(f"problems.code.required.{field}")
    if at_field:
        return at_field
    problem = Problem(field, "required", "is required", options_hint(labels))
    return problem_sentence(problem, catalog)


def options_hint(labels: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """Make the hint that names what may be chosen, or says that there is a list to choose from."""
    if not labels:
        return ()
    if len(labels) > OPTIONS_IN_A_SENTENCE:
        return (("list", str(len(labels))),)
    return (("options", ", ".join(labels)),)


def by_field(problems: Iterable[Problem], catalog: Catalog) -> dict[str, str]:
    """Give the sentence of the first problem at each field, by the field's name."""
    found: dict[str, str] = {}
    for problem in problems:
        found.setdefault(field_name(problem), problem_sentence(problem, catalog))
    return found


def problem_json(
    status: int, language: str, problems: Iterable[Problem] = (), detail: str = ""
) -> dict[str, Any]:
    """Make the body of an ``application/problem+json`` answer, with every field that is wrong.

    ``language`` may name the country too: ``en_US``.
    """
    catalog = catalog_for(language)
    kind = TITLES.get(status, "failure")
    body: dict[str, Any] = {
        "type": f"{PROBLEM_TYPE}{kind}",
        "title": catalog.translate(f"problems.title.{kind}"),
        "status": status,
        "detail": detail or catalog.translate(f"problems.detail.{kind}"),
    }
    errors = _errors(tuple(problems), catalog)
    if errors:
        body["errors"] = errors
    return body


def _errors(problems: Sequence[Problem], catalog: Catalog) -> list[dict[str, Any]]:
    errors = [_error(problem, catalog) for problem in problems[:LARGEST_PROBLEM_LIST]]
    left_out = len(problems) - len(errors)
    if left_out:
        message = f"{left_out} more: these are the first"
        errors.append({"field": "", "code": "more", "message": message})
    return errors


def _error(problem: Problem, catalog: Catalog) -> dict[str, Any]:
    error: dict[str, Any] = {
        "field": problem.field,
        "code": problem.code,
        "message": problem_sentence(problem, catalog),
    }
    # Hints stand beside the code: a program can offer them without reading our sentence.
    for kind, hint in problem.hints:
        error[kind] = hint.split(", ") if kind == "options" else hint
    if "towns" in error:
        choice = town_choice(problem, catalog)
        error["towns"] = [{"id": town, "label": label} for town, label in choice]
    return error


def town_choice(problem: Problem, catalog: Catalog) -> tuple[tuple[str, str], ...]:
    """List what to send for each town that may be meant, and its label.

    Last comes what was typed, for who means none of them.
    """
    hints = dict(problem.hints)
    choice = []
    for row in hints.get("towns", "").splitlines():
        town, label = row.split("\t")
        choice.append((town, label))
    if not choice:
        return ()
    none_of_them = (hints["town"], catalog.translate("form.other_town"))
    return (*choice, none_of_them)
