"""Read what a person or a machine posted: every field checked, every problem named at once.

The fields of a form are ``country``, ``postcode``, ``product``, ``urgency`` and its questions by
their id (what is needed where), then ``name``, ``email``, ``phone``, ``company``, ``street``,
``town``, ``message`` and ``consent``. A form with one country, product or urgency need not ask for
it.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from routing_core.domain.enquiry.also_sent import also_sent
from routing_core.domain.enquiry.answers import read_answer
from routing_core.domain.enquiry.location import (
    ask_which_town,
    no_towns,
    read_country,
    read_location,
    region_of,
    without_postcode,
)
from routing_core.domain.enquiry.typed_fields import LENGTHS, TypedFields, sent_text
from routing_core.domain.errors import InvalidInput, Problem
from routing_core.domain.lead import Contact
from routing_core.domain.programme.document import in_language, mail_address
from routing_core.domain.programme.forms import Consent, Form
from routing_core.domain.programme.programme import Programme
from routing_core.domain.territory.town_search import FindTowns
from routing_core.domain.values.clean import one_line
from routing_core.domain.values.phones import Phone, Unreadable, callback_number, read_phone

HONEYPOT = "second_topic"
"""No person sees this field, and no browser fills it in by itself: who fills it in is a machine."""
OLD_HONEYPOT = "website_url"
"""Pages that were opened before it was renamed call it so; some browsers did fill that in."""
NEED_FIELDS = ("country", "postcode", "product", "urgency")
"""Every form has these fields for what is needed where, beside its questions."""
CONTACT_FIELDS = (*LENGTHS, "consent")
"""Every form has these fields for who asks."""
TECHNICAL_FIELDS = frozenset(
    {HONEYPOT, OLD_HONEYPOT, "altcha", "submission_id", "started", "step", "back"}
    | {"lang", "language", "locale", "source", "referrer", "asked_town", "context", "pages"}
    | {"utm", "utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content"}
)
"""These fields come with an enquiry without being part of it: intake reads them."""
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
"""Machines and people send these for a ticked box; whatever else is sent is no consent."""


@dataclass(frozen=True, slots=True)
class RequestedWork:
    """Requested work is what is wanted where: enough to say who could do it."""

    country: str
    """The work is in this country, by its ISO code."""
    postcode: str
    """It is spelled as its country writes it."""
    region: str
    """The narrowest of the programme's regions around the postcode has this id; empty = none is."""
    product: str
    """The programme has a product of this id."""
    urgency: str
    """The programme has an urgency of this id."""
    answers: Mapping[str, str]
    """Question id → option id, ``yes`` or ``no``, a plain number, or text.

    Unanswered questions are left out.
    """
    located_by: str = ""
    """``town``: nobody told the postcode, it is the one in the middle of the town that was told."""


@dataclass(frozen=True, slots=True)
class FormShown:
    """The form that a prospect had in sight decides what may be asked of the enquiry."""

    language: str
    """The prospect was addressed in this language."""
    consent: Consent | None = None
    """They read this before agreeing; None = what the form says now."""
    is_ours: bool = False
    """A person filled in a form of ours.

    It asks for a phone number in an emergency, and which of several towns is meant; a program that
    has no answer may still send the enquiry.
    """
    on_behalf: bool = False
    """Somebody else enters it for the prospect: a number or an address is enough."""


@dataclass(frozen=True, slots=True)
class Submission:
    """A submission is an enquiry that was read without a problem and can become a lead."""

    form: str
    """It came by the form of this id."""
    country: str
    """The work is in this country, by its ISO code."""
    postcode: str
    """It is spelled as its country writes it; empty where there is none."""
    region: str
    """The narrowest of the programme's regions around the place; empty = none is."""
    product: str
    urgency: str
    language: str
    """The prospect is addressed in this language of the programme."""
    answers: Mapping[str, str]
    """The answers stand here as in ``RequestedWork``."""
    contact: Contact
    """This person asks."""
    phone_typed: str
    """The number stands here as it was typed, if more was said than ``contact.phone`` tells."""
    town: str
    """The town stands here as it was typed, without a postcode before it."""
    message: str
    """The message stands here in clean paragraphs."""
    consent_version: str
    """The prospect agreed to this version of the consent."""
    consent_text: str
    """The prospect agreed to these words."""
    located_by: str
    """``town``: nobody told the postcode, as in ``RequestedWork``."""
    also_sent: Mapping[str, str]
    """Fields that the form does not have are kept here as they came."""
    ignored: tuple[str, ...]
    """Fields of these names came too, and are not kept."""
    payload_hash: str
    """The normalised fields have this hash.

    A retry that differs in spaces, order or tracking is the same enquiry.
    """


def read_requested_work(
    programme: Programme,
    form: Form,
    raw: Mapping[str, Any],
    find_towns: FindTowns = no_towns,
) -> RequestedWork:
    """Read step 1 of a form: the place, the work and the questions of that step.

    Raises InvalidInput, also where several towns have the name that was typed: once, for whoever
    does not know either is not to be kept from asking.
    """
    fields = TypedFields(raw)
    work = _requested_work(programme, form, fields, steps=(1,), find_towns=find_towns)
    ask_which_town(fields, work.country, work.postcode, find_towns)
    fields.raise_problems()
    return work


def read_enquiry(
    programme: Programme,
    form: Form,
    raw: Mapping[str, Any],
    shown: FormShown,
    find_towns: FindTowns = no_towns,
) -> Submission:
    """Read the whole enquiry; raises InvalidInput with every problem there is."""
    fields = TypedFields(raw)
    work = _requested_work(programme, form, fields, steps=(1, 2), find_towns=find_towns)
    # The order in which fields are read is the order in which their problems are told.
    called_at_once = shown.is_ours and programme.is_emergency(work.urgency)
    needs_phone = form.phone_required or called_at_once
    if shown.on_behalf and not needs_phone and not fields.written("email"):
        needs_phone = _is_reachable_by_phone_alone(fields)
    phone = _phone(fields, work.country, required=needs_phone)
    contact = _contact(fields, phone.number, needs_email=not shown.on_behalf)
    town = without_postcode(fields.text("town"), work.postcode)
    message = fields.text("message")
    if shown.is_ours:
        ask_which_town(fields, work.country, work.postcode, find_towns)
    consent = shown.consent or form.consent
    if not _consented(consent, raw.get("consent")):
        hint = "is required: send true, yes, or the version that was agreed to"
        fields.wrong("consent", "consent_missing", hint)
    fields.raise_problems()
    language = programme.language_for(shown.language)
    beside = also_sent(raw, _known(form))
    return Submission(
        form=form.id,
        country=work.country,
        postcode=work.postcode,
        region=work.region,
        product=work.product,
        urgency=work.urgency,
        language=language,
        answers=work.answers,
        contact=contact,
        phone_typed=phone.typed,
        town=town,
        message=message,
        consent_version=consent.version,
        consent_text=in_language(consent.text, language),
        located_by=work.located_by,
        also_sent=beside.kept,
        ignored=beside.ignored,
        payload_hash=_payload_hash(form, work, contact, town=town, message=message),
    )


def suspicion(
    raw: Mapping[str, Any], form: Form, started_at: datetime | None, now: datetime
) -> str | None:
    """Say why this looks like a machine: ``honeypot`` or ``too_fast``; None if it does not.

    ``started_at`` is when the form was shown; None (the JSON API) is no ground for suspicion.
    """
    for field in (HONEYPOT, OLD_HONEYPOT):
        # False says of a checkbox that it was not ticked: that is no text, but no machine's either.
        is_filled_in = raw.get(field) is not False and sent_text(raw.get(field)) != ""
        if is_filled_in:
            return "honeypot"
    if started_at is not None and (now - started_at).total_seconds() < form.time_trap_seconds:
        return "too_fast"
    return None


def phone_problem(error: ValueError) -> Problem:
    """Word what is wrong with a number.

    Of one that can be read, but at which nobody is called back, the hints say so.
    """
    hints = () if isinstance(error, Unreadable) else (("callback", "no"),)
    return Problem("phone", "invalid_phone", str(error), hints)


# ── what is needed where ──────────────────────────────────────────────────────────────────────────


def _requested_work(
    programme: Programme,
    form: Form,
    fields: TypedFields,
    steps: tuple[int, ...],
    find_towns: FindTowns,
) -> RequestedWork:
    country = read_country(fields, form)
    postcode, located_by = read_location(fields, country, find_towns)
    product = _product(programme, form, fields)
    urgency = _urgency(programme, form, fields)
    answers = _answers(form, fields, steps, in_emergency=programme.is_emergency(urgency))
    return RequestedWork(
        country=country,
        postcode=postcode,
        region=region_of(programme, country, postcode) if postcode else "",
        product=product,
        urgency=urgency,
        answers=answers,
        located_by=located_by,
    )


def _product(programme: Programme, form: Form, fields: TypedFields) -> str:
    names = {product.id: product.spellings for product in programme.products}
    return fields.one_of("product", {product: names[product] for product in form.products})


def _urgency(programme: Programme, form: Form, fields: TypedFields) -> str:
    names = {urgency.id: urgency.spellings for urgency in programme.urgencies}
    return fields.one_of("urgency", {urgency: names[urgency] for urgency in form.urgencies})


def _answers(
    form: Form, fields: TypedFields, steps: tuple[int, ...], *, in_emergency: bool
) -> dict[str, str]:
    answers: dict[str, str] = {}
    for question in form.questions:
        if question.step not in steps:
            continue
        required = question.is_required(in_emergency)
        try:
            answer = read_answer(question, fields.raw.get(question.id), required=required)
        except InvalidInput as error:
            fields.problems.extend(error.problems)
            continue
        if answer:
            answers[question.id] = answer
    return answers


# ── who asks ──────────────────────────────────────────────────────────────────────────────────────


def _is_reachable_by_phone_alone(fields: TypedFields) -> bool:
    """Tell whether a number is there to be checked where no address is; notes if there is none."""
    if fields.written("phone"):
        return True
    fields.wrong("phone", "phone_or_email", "is required where there is no email address")
    return False


def _contact(fields: TypedFields, phone: str, *, needs_email: bool) -> Contact:
    return Contact(
        name=fields.text("name", required=True),
        email=fields.checked("email", "invalid_email", _address, required=needs_email),
        phone=phone,
        company=fields.text("company"),
        street=fields.text("street"),
    )


def _address(text: str) -> str:
    try:
        return mail_address(text)
    except ValueError as error:
        # Not that error's own words: they repeat what was typed, which has no place in an answer.
        raise ValueError("is not an email address: use one like name@example.com") from error


def _phone(fields: TypedFields, country: str, *, required: bool) -> Phone:
    """Read the number.

    Where it is optional, what cannot be read costs nobody the enquiry: it is kept as it was typed.
    """
    text = fields.text("phone", required=required)
    try:
        read = read_phone(text, country)
        if required and text and not read.number:
            # Only for its error, which says what is wrong with the number.
            callback_number(text, country)
    except ValueError as error:
        fields.problems.append(phone_problem(error))
        return Phone("", "")
    return read


def _consented(consent: Consent, value: Any) -> bool:
    if value is True:
        return True
    text = one_line(sent_text(value) or "")
    return text.lower() in _YES or (bool(text) and text == consent.version)


# ── the enquiry as one value ──────────────────────────────────────────────────────────────────────


def _known(form: Form) -> frozenset[str]:
    questions = (question.id for question in form.questions)
    return frozenset((*NEED_FIELDS, *CONTACT_FIELDS, *TECHNICAL_FIELDS, *questions))


def _payload_hash(
    form: Form, work: RequestedWork, contact: Contact, *, town: str, message: str
) -> str:
    # A postcode that was looked up does not count: HQ's places may change between two tries.
    postcode = "" if work.located_by else work.postcode
    normalised = [
        form.id,
        work.country,
        postcode,
        work.product,
        work.urgency,
        dict(work.answers),
        contact.name,
        contact.email,
        contact.phone,
        contact.company,
        contact.street,
        town,
        message,
    ]
    return hashlib.sha256(json.dumps(normalised, sort_keys=True).encode()).hexdigest()
