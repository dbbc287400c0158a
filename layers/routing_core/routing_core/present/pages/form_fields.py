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
"""Options that are shown as cards to tap; more are shown as a list."""
LONGEST_POSTCODE = 40
"""Signs of a postcode: more than any has, for people type the town with it."""
LONGEST_NUMBER = 16


@dataclass(frozen=True, slots=True)
class FormField:
    """Describes one field of a form, for a page or a script to draw."""

    name: str
    """The name it is sent under."""
    kind: str
    """The shape: cards, boxes (several may be ticked), select, text, email, tel, number or area."""
    label: str
    """The name it is shown under."""
    required: bool = False
    """Refuses the form while it is empty."""
    hint: str = ""
    """One more sentence between label and field."""
    options: tuple[tuple[str, str], ...] = ()
    """The values that may be chosen, each with its label."""
    autocomplete: str = ""
    """The name under which browsers know what people fill in here (HTML's ``autocomplete``)."""
    inputmode: str = ""
    """The keyboard that a phone shows (HTML's ``inputmode``)."""
    longest: int = 200
    """The most letters that may be typed."""
    more: bool = False
    """Puts an optional field into the fold at the end."""
    instead: str = ""
    """Another field that may be filled in instead of this one."""
    later: bool = False
    """Leaves it out in an emergency."""
    checks: tuple[Check, ...] = ()
    """Says what a browser tells of it before anything is sent."""

    @property
    def labels(self) -> tuple[str, ...]:
        """Give what the options are called, in their order."""
        return tuple(label for _, label in self.options)


def step_fields(
    programme: Programme, form: Form, locale: LocaleContext, step: int
) -> tuple[FormField, ...]:
    """List the fields of step 1 or 2.

    What a form with one product or urgency need not ask is left out. In step 2 who asks stands
    before the programme's questions: whoever leaves then has left what counts.
    """
    asked = [_question(each, locale) for each in form.questions if each.step == step]
    if step == 1:
        return (*_need(programme, form, locale), *asked)
    return (*_person(locale, form.phone_required), *asked, *_beside(locale))


def emergencies(programme: Programme, form: Form) -> tuple[str, ...]:
    """Name the urgencies of the form that are asked on one screen."""
    return tuple(filter(programme.is_emergency, form.urgencies))


def emergency_fields(form: Form, locale: LocaleContext) -> tuple[FormField, ...]:
    """List what the screen of an emergency asks beside step 1: what happened, whom to call."""
    urgent = [each for each in form.questions if each.emergency and each.step == 2]
    asked = [_question(each, locale) for each in urgent]
    # First what happened, while it is in mind; who it is can be asked of anybody.
    happened = replace(_message(locale), label=locale.translate("form.label.broken"))
    name, email, phone = _person(locale, phone_required=True)
    return (happened, *asked, name, phone, email)


def _need(programme: Programme, form: Form, locale: LocaleContext) -> list[FormField]:
    """List what is asked about the work and its place, as far as there is something to choose."""
    fields = []
    if len(form.products) > 1:
        products = [(each, product_name(programme, each, locale)) for each in form.products]
        fields.append(_choice("product", locale.translate("form.label.product"), products))
    if len(form.countries) > 1:
        fields.append(_country(form.countries, locale))
    with_postcodes = list(filter(postcodes.exist, form.countries))
    if with_postcodes:
        fields.append(_postcode(with_postcodes, locale))
    if len(form.urgencies) > 1:
        urgencies = [(each, urgency_name(programme, each, locale)) for each in form.urgencies]
        fields.append(_choice("urgency", locale.translate("form.label.urgency"), urgencies))
    fields.append(_town(locale, more=bool(with_postcodes)))
    return fields


def _country(countries: Sequence[str], locale: LocaleContext) -> FormField:
    return FormField(
        name="country",
        kind="select",
        label=locale.translate("form.label.country"),
        required=True,
        options=tuple((code, locale.country(code)) for code in countries),
        autocomplete="country",
    )


def _postcode(countries: Sequence[str], locale: LocaleContext) -> FormField:
    only_american = countries == ["US"]
    # A keyboard without letters and hyphens helps only where no postcode has any; nobody types the
    # four digits behind the hyphen of an American one.
    in_digits = only_american or all(map(_has_plain_digits, countries))
    label = "form.label.zip" if only_american else "form.label.postcode"
    return FormField(
        name="postcode",
        kind="text",
        label=locale.translate(label),
        required=True,
        hint=locale.translate("form.hint.postcode"),
        autocomplete="postal-code",
        inputmode="numeric" if in_digits else "",
        longest=LONGEST_POSTCODE,
        instead="town",
        checks=postcode_checks(countries, locale.catalog),
    )


def _has_plain_digits(country: str) -> bool:
    return bool(postcodes.digits(country)) and not postcodes.hyphenated(country)


def _town(locale: LocaleContext, more: bool) -> FormField:
    """Ask for the town: for who does not know the postcode, or lives where there are none."""
    return FormField(
        name="town",
        kind="text",
        label=locale.translate("form.label.town"),
        autocomplete="address-level2",
        longest=LENGTHS["town"],
        more=more,
    )


def _choice(
    name: str, label: str, options: Sequence[tuple[str, str]], required: bool = True
) -> FormField:
    return FormField(name, choice_kind(options), label, required, options=tuple(options))


def choice_kind(options: Sequence[tuple[str, str]]) -> str:
    """Choose how options are shown: as cards to tap, or as a list where they are many."""
    return "cards" if len(options) <= CARDS else "select"


def _question(question: Question, locale: LocaleContext) -> FormField:
    """Make the field of one of the programme's own questions."""
    return replace(_asked(question, locale), later=not question.emergency)


def _asked(question: Question, locale: LocaleContext) -> FormField:
    label = locale.say(question.label)
    name, required = question.id, question.required
    if question.kind == "choice":
        options = [(each.id, locale.say(each.label)) for each in question.options]
        if question.many:
            return FormField(name, "boxes", label, required, options=tuple(options))
        return _choice(name, label, options, required)
    if question.kind == "yes_no":
        options = [("yes", locale.translate("common.yes")), ("no", locale.translate("common.no"))]
        return _choice(name, label, options, required)
    if question.kind == "number":
        return FormField(
            name,
            "number",
            label,
            required,
            inputmode="decimal",
            longest=LONGEST_NUMBER,
            checks=number_check(locale.catalog),
        )
    return FormField(name, "text", label, required)


def _person(locale: LocaleContext, phone_required: bool) -> tuple[FormField, FormField, FormField]:
    """Ask who it is: name, mail address and phone number."""
    name = _contact(locale, "name", "text", "name", required=True)
    email = _contact(locale, "email", "email", "email", required=True)
    # An optional number is kept however it is written, so nothing refuses it here.
    phone = _contact(locale, "phone", "tel", "tel", required=phone_required)
    if phone_required:
        phone = replace(phone, checks=phone_check(locale.catalog))
    return name, replace(email, checks=email_check(locale.catalog)), phone


def _message(locale: LocaleContext) -> FormField:
    return _contact(locale, "message", "area", "off")


def _beside(locale: LocaleContext) -> tuple[FormField, ...]:
    """Ask what nobody needs: the message, and what lies in the fold."""
    folded = (
        _contact(locale, "company", "text", "organization"),
        _contact(locale, "street", "text", "street-address"),
        _contact(locale, "town", "text", "address-level2"),
    )
    return (_message(locale), *(replace(each, more=True) for each in folded))


def _contact(
    locale: LocaleContext, name: str, kind: str, autocomplete: str, *, required: bool = False
) -> FormField:
    return FormField(
        name,
        kind,
        locale.translate(f"form.label.{name}"),
        required,
        hint=locale.catalog.find(f"form.hint.{name}") or "",
        autocomplete=autocomplete,
        longest=LENGTHS[name],
    )


def defaults(programme: Programme, form: Form) -> Mapping[str, str]:
    """Give what is chosen before anybody chose: the programme's country, and whatever is single."""
    chosen = {"country": form.countries[0]}
    if programme.country in form.countries:
        chosen["country"] = programme.country
    if len(form.products) == 1:
        chosen["product"] = form.products[0]
    if len(form.urgencies) == 1:
        chosen["urgency"] = form.urgencies[0]
    return chosen
