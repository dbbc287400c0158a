"""Reading what a person or a machine posted: every field checked, every problem named at once.

The fields of a form are ``country``, ``postcode``, ``product``, ``urgency`` and its questions by
their
id (what is needed where), then ``name``, ``email``, ``phone``, ``company``, ``street``, ``town``,
``message`` and ``consent``. A form with one country, product or urgency need not ask for it.
"""

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from routing_core.domain.enquiry.also_sent import also_sent
from routing_core.domain.enquiry.answers import read_answer
from routing_core.domain.enquiry.location import (
    ask_which_town,
    no_towns,
    read_country,
    read_place,
    region_of,
    without_postcode,
)
from routing_core.domain.enquiry.typed_fields import LENGTHS, TypedFields, said
from routing_core.domain.errors import InvalidInput, Problem
from routing_core.domain.lead import Contact
from routing_core.domain.programme.document import Text, mail_address, say
from routing_core.domain.programme.forms import Consent, Form
from routing_core.domain.programme.programme import Programme
from routing_core.domain.territory.town_search import FindTowns
from routing_core.domain.values.clean import one_line
from routing_core.domain.values.mailboxes import MailKind, firm_of
from routing_core.domain.values.phones import (
    Phone,
    Unreadable,
    callback_number,
    read_phone,
    without_extension,
)

HONEYPOT = "second_topic"
"""No person sees this field, and no browser fills it in by itself: who fills it in is a machine."""
OLD_HONEYPOT = "website_url"
"""Its name in pages that were opened before; some browsers did fill that in."""
NEED_FIELDS = ("country", "postcode", "product", "urgency")
CONTACT_FIELDS = (*LENGTHS, "consent")
TECHNICAL_FIELDS = frozenset(
    {
        HONEYPOT,
        OLD_HONEYPOT,
        "altcha",
        "submission_id",
        "started",
        "step",
        "back",
        "lang",
        "language",
        "locale",
    }
    | {"source", "referrer", "asked_town"}
    | {
        "context",
        "pages",
        "utm",
        "utm_source",
        "utm_medium",
        "utm_campaign",
        "utm_term",
        "utm_content",
    }
)
"""Come with an enquiry without being part of it: intake reads them."""
_YES = frozenset(
    (
        "yes",
        "y",
        "true",
        "on",
        "1",
        "ja",
        "j",
        "oui",
        "si",
        "sí",
        "sì",
        "checked",
        "agreed",
        "accepted",
    )
)
"""What machines and people send for a ticked box; whatever else is sent is no consent."""


@dataclass(frozen=True, slots=True)
class Need:
    """What is wanted where; enough to say who could do it. ``postcode`` as its country writes
    it.
    """

    country: str
    postcode: str
    region: str
    """The narrowest of the programme's regions around the postcode; empty if none is."""
    product: str
    urgency: str
    answers: Mapping[str, str]
    """Question id → option id, ``yes`` or ``no``, a plain number, or text. Unanswered ones are left
    out.
    """
    located_by: str = ""
    """``town``: nobody told the postcode, it is the one in the middle of the town that was told."""


@dataclass(frozen=True, slots=True)
class Submission:
    """An enquiry that can become a lead."""

    form: str
    country: str
    postcode: str
    region: str
    product: str
    urgency: str
    language: str
    answers: Mapping[str, str]
    contact: Contact
    phone_typed: str
    """See ``Context``."""
    town: str
    message: str
    consent_version: str
    consent_text: str
    located_by: str
    """As of ``Need``."""
    also_sent: Mapping[str, str]
    """Fields that the form does not have, as they came."""
    ignored: tuple[str, ...]
    """The names of those that are not kept."""
    payload_hash: str
    """Of the normalised fields: a retry that differs in spaces, order or tracking is the same
    enquiry.
    """


def read_question(
    programme: Programme, form: Form, raw: Mapping[str, Any], find_towns: FindTowns = no_towns
) -> Need:
    """Step 1: the place, the work and the questions of that step. Raises InvalidInput, also where
    several towns have the name that was typed: once, for whoever does not know either is not to be
    kept from asking.
    """
    fields = TypedFields(raw)
    need = _need(programme, form, fields, steps=(1,), find_towns=find_towns)
    ask_which_town(fields, need.country, need.postcode, find_towns)
    fields.raise_problems()
    return need


def read_enquiry(
    programme: Programme,
    form: Form,
    raw: Mapping[str, Any],
    *,
    language: str,
    consent: Consent | None = None,
    on_our_form: bool = False,
    find_towns: FindTowns = no_towns,
) -> Submission:
    """The whole enquiry; ``language`` is what the prospect was addressed in, ``consent`` what they
    read before agreeing (None: what the form says now). ``on_our_form``: a person filled in a form
    of ours, which asks for a phone number in an emergency, and which of several towns is meant; a
    program that has no answer may still send the enquiry. Raises InvalidInput.
    """
    consent = consent or form.consent
    fields = TypedFields(raw)
    need = _need(programme, form, fields, steps=(1, 2), find_towns=find_towns)
    called_at_once = on_our_form and programme.is_emergency(need.urgency)
    phone = _phone(fields, need.country, required=form.phone_required or called_at_once)
    contact = Contact(
        name=fields.text("name", required=True),
        email=_email(fields),
        phone=phone.number,
        company=fields.text("company"),
        street=fields.text("street"),
    )
    town, message = without_postcode(fields.text("town"), need.postcode), fields.text("message")
    if on_our_form:
        ask_which_town(fields, need.country, need.postcode, find_towns)
    if not _consented(consent, raw.get("consent")):
        fields.wrong(
            "consent",
            "consent_missing",
            "is required: send true, yes, or the version that was agreed to",
        )
    fields.raise_problems()
    beside = also_sent(raw, _known(form))
    return Submission(
        form=form.id,
        country=need.country,
        postcode=need.postcode,
        region=need.region,
        product=need.product,
        urgency=need.urgency,
        language=programme.language_for(language),
        answers=need.answers,
        contact=contact,
        phone_typed=phone.typed,
        town=town,
        message=message,
        consent_version=consent.version,
        consent_text=say(consent.text, programme.language_for(language)),
        located_by=need.located_by,
        also_sent=beside.kept,
        ignored=beside.ignored,
        payload_hash=_hash(form, need, contact, town, message),
    )


def suspicion(
    raw: Mapping[str, Any], form: Form, started_at: datetime | None, now: datetime
) -> str | None:
    """Why this looks like a machine (``honeypot`` or ``too_fast``), or None.

    ``started_at`` is when the form was shown; None (the JSON API) is no ground for suspicion.
    """
    if any(
        said(raw.get(field)) != ""
        for field in (HONEYPOT, OLD_HONEYPOT)
        if raw.get(field) is not False
    ):
        return "honeypot"
    if started_at is not None and (now - started_at).total_seconds() < form.time_trap_seconds:
        return "too_fast"
    return None


def claim_values(
    contact: Contact,
    by: Collection[str] = ("email", "phone"),
    own: Mapping[str, MailKind] | None = None,
) -> dict[str, str]:
    """What makes two enquiries the same person's, in one spelling: those of ``by`` (as in Repeat)
    that are there.

    Letter case and ``+tags`` of an address do not count, nor do the dots of a Gmail address.
    ``own``: what the programme says of mail domains.
    """
    local, _, domain = contact.email.casefold().rpartition("@")
    local = local.split("+")[0] or local
    if domain in ("gmail.com", "googlemail.com"):
        local, domain = local.replace(".", ""), "gmail.com"
    firm = firm_of(contact.email, own)
    line = without_extension(contact.phone)
    values = {"email": local and f"{local}@{domain}", "phone": line, "domain": local and firm}
    return {kind: value for kind, value in values.items() if kind in by and value}


def same_address(one: Contact | None, other: Contact | None) -> bool:
    """Tells whether two contacts have one email address, in whatever spelling."""
    if one is None or other is None:
        return False
    return claim_values(one, ("email",)) == claim_values(other, ("email",))


def _need(
    programme: Programme,
    form: Form,
    fields: TypedFields,
    steps: tuple[int, ...],
    find_towns: FindTowns,
) -> Need:
    country = read_country(fields, form)
    postcode, located_by = read_place(fields, country, find_towns)
    products = {
        product.id: _spellings(product.name, product.also) for product in programme.products
    }
    urgencies = {
        urgency.id: _spellings(urgency.name, urgency.also) for urgency in programme.urgencies
    }
    product = fields.one_of("product", {known: products[known] for known in form.products})
    urgency = fields.one_of("urgency", {known: urgencies[known] for known in form.urgencies})
    emergency = programme.is_emergency(urgency)
    answers = {}
    for question in form.questions:
        if question.step not in steps:
            continue
        try:
            answer = read_answer(
                question, fields.raw.get(question.id), required=question.is_required(emergency)
            )
        except InvalidInput as error:
            fields.problems.extend(error.problems)
            continue
        if answer:
            answers[question.id] = answer
    region = region_of(programme, country, postcode) if postcode else ""
    return Need(country, postcode, region, product, urgency, answers, located_by)


def _spellings(name: Text, also: Iterable[str]) -> tuple[str, ...]:
    return (*name.values(), *also)


def _email(fields: TypedFields) -> str:
    def address(text: str) -> str:
        try:
            return mail_address(text)
        except ValueError as error:  # says what was typed, which is not to stand in an answer
            raise ValueError("is not an email address: use one like name@example.com") from error

    return fields.checked("email", "invalid_email", address)


def _phone(fields: TypedFields, country: str, *, required: bool) -> Phone:
    """Where it is optional, what cannot be read costs nobody the enquiry: it is kept as it was
    typed.
    """
    text = fields.text("phone", required=required)
    try:
        read = read_phone(text, country)
        if required and text and not read.number:
            callback_number(text, country)
    except ValueError as error:
        fields.problems.append(phone_problem(error))
        return Phone("", "")
    return read


def phone_problem(error: ValueError) -> Problem:
    """A number that can be read, but at which nobody is called back, is said to be that."""
    hints = () if isinstance(error, Unreadable) else (("callback", "no"),)
    return Problem("phone", "invalid_phone", str(error), hints)


def _consented(consent: Consent, value: Any) -> bool:
    if value is True:
        return True
    text = one_line(said(value) or "")
    return text.lower() in _YES or (bool(text) and text == consent.version)


def _known(form: Form) -> frozenset[str]:
    return frozenset(
        (*NEED_FIELDS, *CONTACT_FIELDS, *TECHNICAL_FIELDS, *(q.id for q in form.questions))
    )


def _hash(form: Form, need: Need, contact: Contact, town: str, message: str) -> str:
    told_postcode = (
        "" if need.located_by else need.postcode
    )  # HQ's list of places may change between two tries
    told = [form.id, need.country, told_postcode, need.product, need.urgency, dict(need.answers)]
    told += [
        contact.name,
        contact.email,
        contact.phone,
        contact.company,
        contact.street,
        town,
        message,
    ]
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()
