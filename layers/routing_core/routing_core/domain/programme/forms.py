"""Define what the programme asks: products, urgencies, forms, questions and consent."""
# ruff: noqa: RUF012 - pydantic copies a default for each document

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from routing_core.domain.programme.document import Doc, Id, LocalizedText, OneLine
from routing_core.domain.values.sentence import worded

IsoCountry = Annotated[str, Field(pattern=r"^[A-Z]{2}$")]
"""A country is named by its ISO 3166-1 code: ``DE``."""
Spellings = Annotated[list[OneLine], Field(max_length=50)]
"""Other people's pages and lists write it like this too: ``GTXPro``.

Capitals, spaces and hyphens do not matter.
"""
MOST_OPTIONS = 100
"""One question has at most this many options."""


class Product(Doc):
    """A product is what people ask for, and what partners can do."""

    id: Id
    """Forms, rules and partners name the product by this."""
    name: LocalizedText
    """People read this name, by language."""
    also: Spellings = []
    """The product goes by these names elsewhere."""
    certificate: OneLine | None = None
    """Partners need this certificate, valid on the day, to be offered the product."""
    required_tags: list[OneLine] = Field([], max_length=50)
    """Partners need all of these tags to be offered the product."""

    @property
    def spellings(self) -> tuple[str, ...]:
        """Give every name that the product goes by, beside its id."""
        return (*self.name.values(), *self.also)


class Urgency(Doc):
    """An urgency says how soon somebody is needed."""

    id: Id
    """Forms and rules name the urgency by this."""
    name: LocalizedText
    """People read this name, by language."""
    also: Spellings = []
    """The urgency goes by these names elsewhere."""
    emergency: bool = False
    """An emergency is asked on one screen, with a phone number and the hotline in sight.

    See ``Question.emergency``. Its mails never wait for a digest.
    """
    required_tags: list[OneLine] = Field([], max_length=50)
    """Partners need all of these tags to be offered an enquiry of this urgency."""

    @property
    def spellings(self) -> tuple[str, ...]:
        """Give every name that the urgency goes by, beside its id."""
        return (*self.name.values(), *self.also)


class Option(Doc):
    """An option is one of the answers that a question offers."""

    id: Id
    """Stored answers and rules name the option by this."""
    label: LocalizedText
    """Prospects read these words, by language."""
    short: LocalizedText = {}
    """Partners and HQ read this instead: ``yes`` for "Yes, I own it"; empty = the label."""
    also: Spellings = []
    """The option goes by these names elsewhere."""

    @property
    def spellings(self) -> tuple[str, ...]:
        """Give every name that the option goes by, beside its id."""
        return (*self.label.values(), *self.also)


class Question(Doc):
    """A question is one field of a form that the programme itself defines."""

    id: Id
    """Posts, stored answers and rules name the question by this."""
    label: LocalizedText
    """Prospects read these words, by language."""
    short: LocalizedText = {}
    """Partners and HQ read this instead; empty = the label.

    ``Owner`` for "Does the house belong to you?".
    """
    kind: Literal["choice", "text", "number", "yes_no"]
    """An answer is an option, words, a number, or ``yes`` or ``no``."""
    options: list[Option] = Field([], max_length=MOST_OPTIONS)
    """Questions of kind ``choice`` offer these, the others none."""
    many: bool = False
    """Several options of a choice may be chosen; a condition ``is`` holds if one of them is it."""
    required: bool = False
    """An enquiry without an answer is refused."""
    step: Literal[1, 2] = 2
    """The form asks it beside the place and the work, or beside the name."""
    emergency: bool = False
    """An emergency is asked this too; what it is not asked is left for later, not required."""
    before_accept: bool = True
    """Partners see the answer before they accept. Free text never is shown before."""

    @model_validator(mode="after")
    def _options_where_needed(self) -> Self:
        is_choice = self.kind == "choice"
        if is_choice != bool(self.options):
            english = "options belong to questions of kind choice, and those need them"
            raise ValueError(worded("options_of_choice", english))
        if self.many and not is_choice:
            english = "many belongs to questions of kind choice"
            raise ValueError(worded("many_of_choice", english))
        return self

    def is_required(self, in_emergency: bool) -> bool:
        """Tell whether an enquiry needs an answer: an emergency only to what is asked in one."""
        return self.required and (self.emergency or not in_emergency)

    def closed_answers(self) -> tuple[str, ...]:
        """Give what the question can be answered with; nothing where people write freely."""
        if self.kind == "yes_no":
            return ("yes", "no")
        return tuple(option.id for option in self.options)


class Consent(Doc):
    """A consent is what the prospect agrees to; each enquiry keeps the words that were shown."""

    version: OneLine
    """A new version is written whenever the words change."""
    text: LocalizedText
    """Prospects read these words, by language."""


class Form(Doc):
    """A form is one way in: a page, an embedded form or an API caller sends its fields."""

    id: Id
    """The form's address and the API name it by this."""
    title: LocalizedText
    """Prospects read this above the form, by language."""
    intro: LocalizedText = {}
    """Prospects read this below the title, by language; empty = nothing."""
    countries: list[IsoCountry] = Field(min_length=1, max_length=300)
    """Enquiries may be for these countries."""
    products: list[Id] = Field(min_length=1, max_length=200)
    """Enquiries may be for these products."""
    urgencies: list[Id] = Field(min_length=1, max_length=20)
    """Enquiries may be of these urgencies."""
    questions: list[Question] = Field([], max_length=50)
    """An enquiry keeps the answer to each, up to 200 characters long."""
    phone_required: bool = False
    """An enquiry without a phone number is refused."""
    consent: Consent
    """The prospect has to agree to this."""
    origins: list[Annotated[str, Field(pattern=r"^https?://[^/\s]+$", max_length=300)]] = Field(
        [], max_length=100
    )
    """Pages of these web origins may embed the form or post to it: ``https://www.example.com``."""
    time_trap_seconds: float = Field(3, ge=0, le=3_600)
    """A form filled in faster than this was not filled in by a person.

    With more than an hour everybody would be taken for a machine.
    """
    indexed: bool = False
    """Search engines may list the form's own page; no other page of ours is ever listed."""
    confirm_address: bool = False
    """Partners are asked only once the sender has confirmed the address (double opt-in)."""
