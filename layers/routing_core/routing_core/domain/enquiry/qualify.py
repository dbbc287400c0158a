"""How promising an enquiry is: the programme's points, with reasons, and what follows from them."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from routing_core.domain.enquiry.enquiry import Submission
from routing_core.domain.lead import Lead
from routing_core.domain.programme.document import say
from routing_core.domain.programme.programme import Points, Programme
from routing_core.domain.programme.rules import number_in, said_in
from routing_core.domain.values import phones
from routing_core.domain.values.mailboxes import MailKind, mail_kind

Outcome = Literal["offer", "nurture", "review"]


@dataclass(frozen=True, slots=True)
class Qualified:
    """``reasons`` are codes like ``urgency=emergency:+40``; ``because`` says them in words."""

    score: int
    reasons: tuple[str, ...]
    outcome: Outcome


def qualify(programme: Programme, submission: Submission) -> Qualified:
    """Adds up every row that applies. Nothing is dropped: what is not offered is asked again or
    reviewed.
    """
    return qualify_facts(programme, facts_of(submission, mail_domains=programme.mail_domains))


def qualify_facts(programme: Programme, facts: Mapping[str, str]) -> Qualified:
    """``facts`` are the answers, and what ``facts_of`` tells beside them."""
    applying = [points for points in programme.qualification.points if _applies(points, facts)]
    score = sum(points.points for points in applying)
    return Qualified(
        score, tuple(_code(points, facts) for points in applying), outcome_of(programme, score)
    )


def outcome_of(programme: Programme, score: int) -> Outcome:
    """What the programme does with a score: offer, nurture, or review by HQ."""
    if score >= programme.qualification.offer_from:
        return "offer"
    return "nurture" if score >= programme.qualification.nurture_from else "review"


def because(programme: Programme, reasons: tuple[str, ...], language: str) -> tuple[str, ...]:
    """The reasons in words, ``Emergency: +40``; a code that only an older programme had stays a
    code.
    """
    words: dict[str, str] = {}
    for points in programme.qualification.points:
        for value in _values(points):
            words.setdefault(
                f"{points.field}{value}:{points.points:+d}", say(points.because, language)
            )
    return tuple(f"{words[r]}: {r.rpartition(':')[2]}" if r in words else r for r in reasons)


def facts_of(
    told: Submission | Lead, message: str = "", mail_domains: Mapping[str, MailKind] | None = None
) -> Mapping[str, str]:
    """What points look at. A lead keeps its message elsewhere; what was erased is left out."""
    facts = {
        **told.answers,
        "product": told.product,
        "urgency": told.urgency,
        "country": told.country,
    }
    contact = told.contact
    if contact is None:
        return facts
    message = told.message if isinstance(told, Submission) else message
    return facts | {
        "phone": "missing"
        if not contact.phone
        else "valid"
        if phones.is_valid(contact.phone)
        else "unusual",
        "email": mail_kind(contact.email, mail_domains),
        "message": "present" if message else "missing",
    }


def _applies(points: Points, facts: Mapping[str, str]) -> bool:
    value = facts.get(points.field)
    if value is None:
        return False
    if points.at_least is not None:
        number = number_in(value)  # none where the question was another when it was answered
        return number is not None and number >= Decimal(str(points.at_least))
    return _matching(points, value) is not None


def _matching(points: Points, answer: str) -> str | None:
    """``=owner`` if the answer, or one of several, is among what the points are for."""
    said = {f"={each}" for each in said_in(answer)}
    return next((value for value in _values(points) if value in said), None)


def _values(points: Points) -> tuple[str, ...]:
    """As they stand in codes: ``=owner``, or ``>=15`` for a number."""
    if points.at_least is not None:
        return (f">={points.at_least:g}",)
    wanted = [points.is_] if isinstance(points.is_, str) else points.is_ or []
    return tuple(f"={value}" for value in wanted)


def _code(points: Points, facts: Mapping[str, str]) -> str:
    value = (
        _values(points)[0]
        if points.at_least is not None
        else _matching(points, facts[points.field])
    )
    return f"{points.field}{value}:{points.points:+d}"
