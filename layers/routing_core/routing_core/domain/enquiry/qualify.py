"""Score how promising an enquiry is by the programme's points, and say what follows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from routing_core.domain.enquiry.enquiry import Submission
from routing_core.domain.lead import Lead
from routing_core.domain.programme.document import in_language
from routing_core.domain.programme.intake_rules import Points
from routing_core.domain.programme.programme import Programme
from routing_core.domain.programme.rules import number_in, single_answers
from routing_core.domain.values import phones
from routing_core.domain.values.mailboxes import MailKind, mail_kind

QualificationOutcome = Literal["offer", "nurture", "review"]
"""An enquiry is offered to partners, asked again later, or reviewed by HQ."""


@dataclass(frozen=True, slots=True)
class Qualified:
    """A qualified enquiry has a score, and an outcome that the score decides."""

    score: int
    """The points of every row that applies add up to this."""
    reasons: tuple[str, ...]
    """Each row of points that applies has a code like ``urgency=emergency:+40`` here.

    ``because`` says them in words.
    """
    outcome: QualificationOutcome
    """The programme does this with the score."""


def qualify(programme: Programme, submission: Submission) -> Qualified:
    """Add up every row of points that applies.

    Nothing is dropped: what is not offered is asked again or reviewed.
    """
    facts = facts_of(submission, mail_domains=programme.mail_domains)
    return qualify_facts(programme, facts)


def qualify_facts(programme: Programme, facts: Mapping[str, str]) -> Qualified:
    """Add up every row that applies to the answers and what ``facts_of`` tells beside them."""
    score = 0
    reasons: list[str] = []
    for row in programme.qualification.points:
        applying = _applying(row, facts)
        if applying is None:
            continue
        score += row.points
        reasons.append(_code(row, applying))
    return Qualified(score, tuple(reasons), outcome_of(programme, score))


def outcome_of(programme: Programme, score: int) -> QualificationOutcome:
    """Give what the programme does with a score: offer, nurture, or review by HQ."""
    if score >= programme.qualification.offer_from:
        return "offer"
    if score >= programme.qualification.nurture_from:
        return "nurture"
    return "review"


def because(programme: Programme, reasons: tuple[str, ...], language: str) -> tuple[str, ...]:
    """Give the reasons in words, ``Emergency: +40``.

    A code that only an older programme had stays a code.
    """
    words: dict[str, str] = {}
    for row in programme.qualification.points:
        for comparison in _comparisons(row):
            # Two rows may have one code; the first says why, as it did when the score was made.
            words.setdefault(_code(row, comparison), in_language(row.because, language))
    told: list[str] = []
    for reason in reasons:
        _, _, points = reason.rpartition(":")
        told.append(f"{words[reason]}: {points}" if reason in words else reason)
    return tuple(told)


def facts_of(
    told: Submission | Lead,
    message: str = "",
    mail_domains: Mapping[str, MailKind] | None = None,
) -> Mapping[str, str]:
    """Give what points look at; what was erased is left out.

    A lead keeps its message elsewhere: ``message`` is that, and does not count beside a submission.
    """
    facts = {
        **told.answers,
        "product": told.product,
        "urgency": told.urgency,
        "country": told.country,
    }
    contact = told.contact
    if contact is None:
        return facts
    if isinstance(told, Submission):
        message = told.message
    facts |= {
        "phone": _phone_fact(contact.phone),
        "message": "present" if message else "missing",
    }
    if contact.email:
        facts["email"] = mail_kind(contact.email, mail_domains)
    return facts


def _phone_fact(phone: str) -> str:
    if not phone:
        return "missing"
    return "valid" if phones.is_valid(phone) else "unusual"


def _applying(row: Points, facts: Mapping[str, str]) -> str | None:
    """Give the comparison by which a row applies, as it stands in codes; None if it does not."""
    answer = facts.get(row.field)
    if answer is None:
        return None
    comparisons = _comparisons(row)
    if row.at_least is not None:
        # There is no number where the question was another one when it was answered.
        number = number_in(answer)
        is_enough = number is not None and number >= Decimal(str(row.at_least))
        return comparisons[0] if is_enough else None
    said = {f"={each}" for each in single_answers(answer)}
    return next((comparison for comparison in comparisons if comparison in said), None)


def _comparisons(row: Points) -> Sequence[str]:
    """Give what a row compares with, as codes have it: ``=owner``, or ``>=15`` for a number."""
    if row.at_least is not None:
        return [f">={row.at_least:g}"]
    return [f"={answer}" for answer in row.wanted_answers()]


def _code(row: Points, comparison: str) -> str:
    return f"{row.field}{comparison}:{row.points:+d}"
