"""Read a programme, and check what no field of it alone can tell: that its parts fit together.

These checks stand above everything they look at (the programme, enquiries, territories, calendars)
and nothing of that imports them. A stored programme is read without them (``stored_document``):
what was saved under earlier rules still works.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from pydantic import ValidationError

from routing_core.domain.checks.area_checks import (
    unknown_countries,
    unreal_zones,
    wrong_outlines,
    wrong_regions,
)
from routing_core.domain.checks.id_checks import (
    ambiguous_spellings,
    duplicates,
    unknown_id,
    unknown_ids,
)
from routing_core.domain.checks.qualification_checks import wrong_points
from routing_core.domain.checks.rule_checks import wrong_routing, wrong_rule_list
from routing_core.domain.checks.text_checks import deceptive_words, missing_words
from routing_core.domain.enquiry.enquiry import CONTACT_FIELDS, NEED_FIELDS, TECHNICAL_FIELDS
from routing_core.domain.errors import MOST_TOLD, InvalidInput, Problem
from routing_core.domain.hq_people import hq_entries
from routing_core.domain.offer import RELEASED
from routing_core.domain.programme.document import problems_of
from routing_core.domain.programme.forms import Form, Product, Urgency
from routing_core.domain.programme.mail_texts import PLACEHOLDERS, unknown_placeholders
from routing_core.domain.programme.programme import Programme
from routing_core.domain.programme.reasons import Reason, ReturnReason
from routing_core.domain.values.phones import e164
from routing_core.domain.values.sentence import said_by, worded

RESERVED_FIELDS = {*NEED_FIELDS, *CONTACT_FIELDS, *TECHNICAL_FIELDS}
"""Every form has fields of these names, so that questions cannot have them."""


def read_programme(document: Mapping[str, Any]) -> Programme:
    """Read and check a programme that somebody wants to save.

    Raises InvalidInput with the path of each error and what would be right: those of single fields
    first, and only where there are none, those of parts that do not fit together.
    """
    try:
        programme = Programme.model_validate(document)
    except ValidationError as error:
        raise InvalidInput(problems_of(error)) from error
    problems = list(islice(check_references(programme), MOST_TOLD))
    if problems:
        raise InvalidInput(problems)
    return programme


def check_references(programme: Programme) -> Iterator[Problem]:
    """Find what does not fit together, in the order in which people read a programme."""
    yield from missing_words("", programme, programme.languages[0])
    yield from deceptive_words("", programme.model_dump(by_alias=True))
    yield from _ids_used_twice(programme)
    yield from ambiguous_spellings("products", programme.products)
    yield from ambiguous_spellings("urgencies", programme.urgencies)
    yield from _reserved_reasons(programme)
    yield from wrong_rule_list("offers", programme.offers, programme)
    yield from wrong_rule_list("contact", programme.contact, programme)
    yield from wrong_rule_list("promise", programme.promise, programme)
    for number, form in enumerate(programme.forms):
        yield from _wrong_form(f"forms[{number}]", form, programme)
    yield from wrong_rule_list("fallback.backup", programme.fallback.backup, programme)
    yield from _wrong_backups(programme)
    yield from _wrong_waves(programme)
    yield from unknown_countries(programme)
    yield from unreal_zones(programme)
    yield from wrong_regions(programme)
    yield from wrong_outlines(programme)
    yield from wrong_points(programme)
    yield from _wrong_headquarters(programme)
    yield from wrong_routing(programme)
    yield from _wrong_order(programme)
    yield from _wrong_hotline(programme)
    yield from _wrong_placeholders(programme)


def _ids_used_twice(programme: Programme) -> Iterator[Problem]:
    yield from duplicates("languages", programme.languages)
    yield from duplicates("partner_types", programme.partner_types)
    lists: dict[str, Sequence[Product | Urgency | Form | Reason | ReturnReason]] = {
        "products": programme.products,
        "urgencies": programme.urgencies,
        "forms": programme.forms,
        "decline_reasons": programme.decline_reasons,
        "lost_reasons": programme.lost_reasons,
        "return_reasons": programme.return_reasons,
    }
    for name, parts in lists.items():
        yield from duplicates(name, [part.id for part in parts], ".id")


def _reserved_reasons(programme: Programme) -> Iterator[Problem]:
    for index, reason in enumerate(programme.decline_reasons):
        if reason.id != RELEASED:
            continue
        meaning = "means that a partner on holiday or paused gave it back"
        english = f"{{value!r}} {meaning}: choose another name"
        message = worded("reserved_reason", english, value=RELEASED)
        yield Problem(f"decline_reasons[{index}].id", "taken", message)


def _wrong_form(path: str, form: Form, programme: Programme) -> Iterator[Problem]:
    products = [product.id for product in programme.products]
    yield from unknown_ids(f"{path}.products", form.products, products)
    yield from duplicates(f"{path}.products", form.products)
    urgencies = [urgency.id for urgency in programme.urgencies]
    yield from unknown_ids(f"{path}.urgencies", form.urgencies, urgencies)
    yield from duplicates(f"{path}.urgencies", form.urgencies)
    yield from duplicates(f"{path}.countries", form.countries)
    yield from duplicates(f"{path}.questions", [question.id for question in form.questions], ".id")
    for index, question in enumerate(form.questions):
        here = f"{path}.questions[{index}]"
        if question.id in RESERVED_FIELDS:
            english = "{value!r} is a field of every form: choose another name"
            message = worded("reserved_field", english, value=question.id)
            yield Problem(f"{here}.id", "taken", message)
        yield from duplicates(f"{here}.options", [option.id for option in question.options], ".id")
        yield from ambiguous_spellings(f"{here}.options", question.options)


def _wrong_backups(programme: Programme) -> Iterator[Problem]:
    rules = programme.fallback.backup
    for index, rule in enumerate(rules):
        yield from duplicates(f"fallback.backup[{index}].order", rule.order)
    is_asked = any("programme" in rule.order for rule in rules)
    if programme.fallback.backup_partner and not is_asked:
        english = "is never asked: add programme to the order of fallback.backup, or leave it out"
        message = worded("backup_never_asked", english)
        yield Problem("fallback.backup_partner", "contradiction", message)


def _wrong_waves(programme: Programme) -> Iterator[Problem]:
    for index, rule in enumerate(programme.offers):
        if not rule.waves:
            continue
        if rule.partners is not None:
            english = "leave it out: the waves say how many are asked"
            message = worded("partners_beside_waves", english)
            yield Problem(f"offers[{index}].partners", "contradiction", message)
        if "all" in rule.waves[:-1]:
            message = worded("all_last", "`all` comes last: nobody is left after it")
            yield Problem(f"offers[{index}].waves", "invalid", message)


def _wrong_headquarters(programme: Programme) -> Iterator[Problem]:
    if programme.hq.language not in programme.languages:
        yield unknown_id("hq.language", programme.hq.language, programme.languages)
    regions = list(programme.regions)
    for number, manager in enumerate(programme.hq.managers):
        yield from unknown_ids(f"hq.managers[{number}].regions", manager.regions, regions)
    yield from _wrong_people(programme)
    if not any(entry.role == "admin" for entry in hq_entries(programme.hq)):
        english = "name at least one person with the role admin: nobody could change the rules"
        message = worded("no_admin", english)
        yield Problem("hq.people", "required", message)


def _wrong_people(programme: Programme) -> Iterator[Problem]:
    hq, regions = programme.hq, list(programme.regions)
    seen = {email.casefold() for email in hq.emails}
    seen.update(manager.email.casefold() for manager in hq.managers)
    for number, entry in enumerate(hq.people):
        here = f"hq.people[{number}]"
        address = entry.email.casefold()
        if address in seen:
            english = "{value!r} is there already: write each address once"
            message = worded("address_there", english, value=entry.email)
            yield Problem(f"{here}.email", "duplicate", message)
        seen.add(address)
        if entry.language and entry.language not in programme.languages:
            yield unknown_id(f"{here}.language", entry.language, programme.languages)
        yield from unknown_ids(f"{here}.regions", entry.regions, regions)
        if entry.role == "admin" and entry.regions:
            message = worded("regions_of_admin", "leave it out: an admin sees every region")
            yield Problem(f"{here}.regions", "contradiction", message)


def _wrong_order(programme: Programme) -> Iterator[Problem]:
    if sorted(set(programme.reminders.at)) != programme.reminders.at:
        message = worded("fractions", "write each fraction once, the earliest first")
        yield Problem("reminders.at", "invalid", message)
    if sorted(set(programme.afterwards.status_days)) != programme.afterwards.status_days:
        message = worded("days_in_order", "write each day once, the earliest first")
        yield Problem("afterwards.status_days", "invalid", message)
    nurture = programme.qualification.nurture
    if nurture.close_after_days <= nurture.ask_after_days:
        message = worded("after_asking", "must come after ask_after_days")
        yield Problem("qualification.nurture.close_after_days", "invalid", message)


def _wrong_hotline(programme: Programme) -> Iterator[Problem]:
    if not programme.hotline:
        return
    try:
        e164(programme.hotline.phone, programme.country)
    except ValueError as error:
        yield Problem("hotline.phone", "invalid_phone", said_by(error))


def _wrong_placeholders(programme: Programme) -> Iterator[Problem]:
    written = {"mail_subjects": programme.mail_subjects, "mail_texts": programme.mail_texts}
    for part, by_mail in written.items():
        for mail, texts in by_mail.items():
            for code, text in texts.items():
                for name in unknown_placeholders(text)[:1]:
                    english = "{value!r} is no placeholder: use one of {options}"
                    options = ", ".join(f"{{{each}}}" for each in PLACEHOLDERS)
                    message = worded("no_placeholder", english, value=name, options=options)
                    yield Problem(f"{part}.{mail}.{code}", "unknown_placeholder", message)
