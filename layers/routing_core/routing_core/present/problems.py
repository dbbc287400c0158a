"""What is wrong, as a sentence a person can act on; and as problem details (RFC 9457) for
machines.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from routing_core.domain.enquiry.typed_fields import LENGTHS
from routing_core.domain.errors import Problem
from routing_core.domain.territory import postcodes
from routing_core.present.catalog import Catalog, words

TITLES = {
    400: "malformed",
    401: "key",
    403: "refused",
    404: "missing",
    405: "wrong_method",
    409: "conflict",
    410: "erased",
    413: "too_large",
    415: "unsupported",
    422: "invalid",
    428: "version_needed",
    429: "busy",
}


HINTS = ("meant", "options", "list", "digits", "like", "few", "callback")
"""The first that a problem brings, and that has a sentence, is told."""
NAMED_IN_A_SENTENCE = 6
"""Options that a sentence names; of more it says that there is a list."""
TOLD = 2_000
"""Problems of one answer: of a long list with every cell wrong all of them would be more than
Lambda can answer.
"""


def field_name(problem: Problem) -> str:
    """The form field a problem stands at: the last name of its path."""
    return problem.field.rpartition(".")[2]


def sentence(problem: Problem, t: Catalog) -> str:
    """For that hint or field if somebody wrote it, else for that code, else the English message as
    it came.
    """
    name = field_name(problem)
    hints = dict(problem.hints)
    country = hints.pop("country", "")
    hints["postcode"] = postcode_name(country, t)
    if country and postcodes.digits(country):
        hints["digits"] = str(postcodes.digits(country))
    for kind in HINTS:
        told = t.find(f"problems.code.{problem.code}.{kind}", **hints) if hints.get(kind) else None
        if told:
            return told
    at_field = t.find(f"problems.code.{problem.code}.{name}")
    general = t.find(
        f"problems.code.{problem.code}.any",
        longest=LENGTHS.get(name, 200),
        postcode=hints["postcode"],
    )
    return at_field or general or f"{name}: {problem.message}"


def postcode_name(country: str, t: Catalog) -> str:
    """Says what the country's postcodes are called in a sentence: ``German postcode``, ``US ZIP
    code``; without a country ``postcode``.
    """
    if not country:
        return t("problems.postcode.any")
    named = t.find(f"problems.postcode.{country}")
    if named:
        return named
    from babel import Locale  # few forms ask where nobody wrote the name

    return t(
        "problems.postcode.elsewhere", country=Locale(t.language).territories.get(country, country)
    )


def missing(field: str, t: Catalog, labels: Sequence[str] = ()) -> str:
    """What to say where a needed field is empty. ``labels``: what may be chosen there."""
    at_field = t.find(f"problems.code.required.{field}")
    return at_field or sentence(
        Problem(field, "required", "is required", to_choose_from(labels)), t
    )


def to_choose_from(labels: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """The hints that name what may be chosen, or say that it is a list where those are too many for
    a sentence.
    """
    if not labels:
        return ()
    return (
        (("options", ", ".join(labels)),)
        if len(labels) <= NAMED_IN_A_SENTENCE
        else (("list", str(len(labels))),)
    )


def by_field(problems: Iterable[Problem], t: Catalog) -> dict[str, str]:
    """Field name → its first problem's sentence."""
    found: dict[str, str] = {}
    for problem in problems:
        found.setdefault(field_name(problem), sentence(problem, t))
    return found


def problem_json(
    status: int, language: str, problems: Iterable[Problem] = (), detail: str = ""
) -> dict[str, Any]:
    """The body of an ``application/problem+json`` answer; ``errors`` names every field at once.
    ``language`` may name the country too: ``en_US``.
    """
    t = words(language)
    kind = TITLES.get(status, "failure")
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": t(f"problems.title.{kind}"),
        "status": status,
        "detail": detail or t(f"problems.detail.{kind}"),
    }
    listed = tuple(problems)
    errors = [_error(problem, t) for problem in listed[:TOLD]]
    if len(listed) > TOLD:
        errors.append(
            {
                "field": "",
                "code": "more",
                "message": f"{len(listed) - TOLD} more: these are the first",
            }
        )
    return body | {"errors": errors} if errors else body


def _error(problem: Problem, t: Catalog) -> dict[str, Any]:
    error: dict[str, Any] = {
        "field": problem.field,
        "code": problem.code,
        "message": sentence(problem, t),
    }
    for kind, hint in problem.hints:
        error[kind] = hint.split(", ") if kind == "options" else hint
    if "towns" in error:
        error["towns"] = [{"id": town, "label": label} for town, label in town_choice(problem, t)]
    return error


def town_choice(problem: Problem, t: Catalog) -> tuple[tuple[str, str], ...]:
    """Gives what to send for each town that may be meant, and its label; last what was typed, for
    none of them.
    """
    hints = dict(problem.hints)
    towns = [line.split("\t") for line in hints.get("towns", "").splitlines()]
    if not towns:
        return ()
    return (*((town, label) for town, label in towns), (hints["town"], t("form.other_town")))
