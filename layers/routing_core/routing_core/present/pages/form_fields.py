"""The fields of a form, step by step: the same list draws the hosted page and the embedded form."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from routing_core.domain.enquiry.typed_fields import LENGTHS
from routing_core.domain.programme.forms import Form, Question
from routing_core.domain.programme.programme import Programme
from routing_core.domain.territory import postcodes
from routing_core.present.lead_summary import product_name, urgency_name
from routing_core.present.locale_context import LocaleContext
from routing_core.present.pages.field_checks import (
    Check,
    email_check,
    number_check,
    phone_check,
    postcode_checks,
)

CARDS = 6
"""Up to this many options are shown as cards to tap, more as a list."""


@dataclass(frozen=True, slots=True)
class Field:
    """``kind``: cards, boxes (several may be ticked), select, text, email, tel, number, area.
    ``more``: optional, in
    the fold at the end.
    """

    name: str
    kind: str
    label: str
    required: bool = False
    hint: str = ""
    options: tuple[tuple[str, str], ...] = ()
    autocomplete: str = ""
    inputmode: str = ""
    longest: int = 200
    more: bool = False
    instead: str = ""
    """Another field that may be filled in instead of this one."""
    later: bool = False
    """Not asked in an emergency."""
    checks: tuple[Check, ...] = ()
    """What a browser tells of it before anything is sent."""

    @property
    def labels(self) -> tuple[str, ...]:
        """What the options are called, in their order."""
        return tuple(label for _, label in self.options)


def step_fields(
    programme: Programme, form: Form, reader: LocaleContext, step: int
) -> tuple[Field, ...]:
    """What a form with one country, product or urgency need not ask is left out. In step 2 who asks
    stands before the programme's questions: whoever leaves then has left what counts.
    """
    asked = tuple(_question(q, reader) for q in form.questions if q.step == step)
    if step == 1:
        return (*_need(programme, form, reader), *asked)
    return (*_person(reader, form.phone_required), *asked, *_beside(reader))


def emergencies(programme: Programme, form: Form) -> tuple[str, ...]:
    """Names the urgencies of the form that are asked on one screen."""
    return tuple(urgency for urgency in form.urgencies if programme.is_emergency(urgency))


def emergency_fields(form: Form, reader: LocaleContext) -> tuple[Field, ...]:
    """Lists what the one screen of an emergency asks beside step 1: what happened, and whom to call
    back at once.
    """
    asked = tuple(_question(q, reader) for q in form.questions if q.emergency and q.step == 2)
    happened = replace(_message(reader), label=reader.t("form.label.broken"))
    name, email, phone = _person(reader, phone_required=True)
    return (happened, *asked, name, phone, email)


def _need(programme: Programme, form: Form, reader: LocaleContext) -> list[Field]:
    t = reader.t
    products = tuple((p, product_name(programme, p, reader)) for p in form.products)
    urgencies = tuple((u, urgency_name(programme, u, reader)) for u in form.urgencies)
    fields = []
    if len(products) > 1:
        fields.append(_choice("product", t("form.label.product"), products))
    if len(form.countries) > 1:
        countries = tuple((c, reader.country(c)) for c in form.countries)
        fields.append(
            Field(
                "country",
                "select",
                t("form.label.country"),
                True,
                options=countries,
                autocomplete="country",
            )
        )
    with_postcodes = [country for country in form.countries if postcodes.exist(country)]
    if with_postcodes:
        fields.append(_postcode(with_postcodes, reader))
    if len(urgencies) > 1:
        fields.append(_choice("urgency", t("form.label.urgency"), urgencies))
    fields.append(_town(reader, more=bool(with_postcodes)))
    return fields


def _postcode(countries: Sequence[str], reader: LocaleContext) -> Field:
    t = reader.t
    label = t("form.label.zip" if countries == ["US"] else "form.label.postcode")
    in_digits = all(
        postcodes.digits(country) and not postcodes.hyphenated(country) for country in countries
    )
    keys = "numeric" if in_digits or countries == ["US"] else ""
    hint = t("form.hint.postcode")
    checks = postcode_checks(countries, t)
    return Field(
        "postcode",
        "text",
        label,
        True,
        hint,
        (),
        "postal-code",
        keys,
        40,
        instead="town",
        checks=checks,
    )


def _town(reader: LocaleContext, more: bool) -> Field:
    """For who does not know the postcode, or lives where there are none."""
    label = reader.t("form.label.town")
    return Field("town", "text", label, False, "", (), "address-level2", "", LENGTHS["town"], more)


def _choice(
    name: str, label: str, options: tuple[tuple[str, str], ...], required: bool = True
) -> Field:
    return Field(
        name, "cards" if len(options) <= CARDS else "select", label, required, options=options
    )


def _question(question: Question, reader: LocaleContext) -> Field:
    return replace(_asked(question, reader), later=not question.emergency)


def _asked(question: Question, reader: LocaleContext) -> Field:
    label = reader.say(question.label)
    if question.kind == "choice":
        options = tuple((o.id, reader.say(o.label)) for o in question.options)
        if question.many:
            return Field(question.id, "boxes", label, question.required, options=options)
        return _choice(question.id, label, options, question.required)
    if question.kind == "yes_no":
        options = (("yes", reader.t("common.yes")), ("no", reader.t("common.no")))
        return _choice(question.id, label, options, question.required)
    if question.kind == "number":
        checks = number_check(reader.t)
        return Field(
            question.id,
            "number",
            label,
            question.required,
            inputmode="decimal",
            longest=16,
            checks=checks,
        )
    return Field(question.id, "text", label, question.required)


def _person(reader: LocaleContext, phone_required: bool) -> tuple[Field, Field, Field]:
    name = _contact(reader, "name", "text", "name", required=True)
    email = _contact(reader, "email", "email", "email", required=True)
    phone = _contact(reader, "phone", "tel", "tel", required=phone_required)
    checked = phone_check(reader.t) if phone_required else ()
    return name, replace(email, checks=email_check(reader.t)), replace(phone, checks=checked)


def _message(reader: LocaleContext) -> Field:
    return _contact(reader, "message", "area", "off")


def _beside(reader: LocaleContext) -> tuple[Field, ...]:
    """What nobody needs: the message, and what lies in the fold."""
    folded = (("company", "organization"), ("street", "street-address"), ("town", "address-level2"))
    more = [
        replace(_contact(reader, name, "text", autocomplete), more=True)
        for name, autocomplete in folded
    ]
    return (_message(reader), *more)


def _contact(
    reader: LocaleContext, name: str, kind: str, autocomplete: str, *, required: bool = False
) -> Field:
    hint = reader.t.find(f"form.hint.{name}") or ""
    label = reader.t(f"form.label.{name}")
    return Field(
        name, kind, label, required, hint, autocomplete=autocomplete, longest=LENGTHS[name]
    )


def defaults(programme: Programme, form: Form) -> Mapping[str, str]:
    """What is chosen before anybody chose: the programme's country, and whatever has only one
    option.
    """
    country = programme.country if programme.country in form.countries else form.countries[0]
    single = {"product": form.products, "urgency": form.urgencies}
    return {"country": country} | {name: ids[0] for name, ids in single.items() if len(ids) == 1}
