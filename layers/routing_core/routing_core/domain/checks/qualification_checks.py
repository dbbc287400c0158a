"""Check a programme's points: each row looks at something that enquiries can say."""

from collections.abc import Iterator, Mapping, Sequence

from routing_core.domain.checks.id_checks import unknown_id
from routing_core.domain.errors import Problem
from routing_core.domain.programme.forms import Question
from routing_core.domain.programme.intake_rules import Points
from routing_core.domain.programme.programme import Programme
from routing_core.domain.values.sentence import worded

POINT_VALUES = {
    "phone": ("valid", "missing"),
    "email": ("disposable", "freemail", "business"),
    "message": ("present", "missing"),
}
"""Points look at these beside the answers, and each can say one of these words."""


def wrong_points(programme: Programme) -> Iterator[Problem]:
    """Find rows of points that can never apply, and thresholds that contradict each other."""
    questions: dict[str, Question] = {}
    for form in programme.forms:
        for question in form.questions:
            questions[question.id] = question
    known = _words_of_fields(programme, questions)
    for number, row in enumerate(programme.qualification.points):
        path = f"qualification.points[{number}]"
        if row.field not in known and row.field not in questions:
            fields = [*known, *(name for name in questions if name not in known)]
            yield unknown_id(f"{path}.field", row.field, fields)
            continue
        yield from _wrong_values(path, row, known.get(row.field))
        if row.at_least is not None and not _is_number(questions.get(row.field)):
            english = "compares numbers: use it with a question of kind number"
            message = worded("needs_number_question", english)
            yield Problem(f"{path}.at_least", "invalid", message)
    if programme.qualification.nurture_from > programme.qualification.offer_from:
        message = worded("above_offer_from", "must not be above offer_from")
        yield Problem("qualification.nurture_from", "invalid", message)


def _words_of_fields(
    programme: Programme, questions: Mapping[str, Question]
) -> dict[str, Sequence[str]]:
    """Collect what each field can say, for those that say one of a few words."""
    countries: set[str] = set()
    for form in programme.forms:
        countries.update(form.countries)
    known: dict[str, Sequence[str]] = {
        **POINT_VALUES,
        "product": [product.id for product in programme.products],
        "urgency": [urgency.id for urgency in programme.urgencies],
        "country": sorted(countries),
    }
    # Choices before the others: a problem names the fields in this order.
    for kind in ("choice", "yes_no"):
        for question in questions.values():
            if question.kind == kind:
                known[question.id] = question.closed_answers()
    return known


def _wrong_values(path: str, row: Points, known: Sequence[str] | None) -> Iterator[Problem]:
    if (row.is_ is None) == (row.at_least is None):
        yield Problem(
            path,
            "invalid",
            worded("one_of", "state exactly one of {units}", units="is, at_least"),
        )
    if known is None:
        return
    for value in row.wanted_answers():
        if value not in known:
            yield unknown_id(f"{path}.is", value, known)


def _is_number(question: Question | None) -> bool:
    return question is not None and question.kind == "number"
