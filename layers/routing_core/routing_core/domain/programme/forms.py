"""What the programme asks: its products and urgencies, and the forms with their questions and
consent.
"""
# ruff: noqa: RUF012 - pydantic copies a default for each document

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from routing_core.domain.programme.document import Doc, Id, Line, Text

Country = Annotated[str, Field(pattern=r"^[A-Z]{2}$")]
Spellings = Annotated[list[Line], Field(max_length=50)]
"""How else other people's pages and lists write it: ``GTXPro``. Capitals, spaces and hyphens do not
matter.
"""


class Product(Doc):
    id: Id
    name: Text
    also: Spellings = []
    certificate: Line | None = None
    """Partners need this certificate, valid on the day, to be offered the product."""
    required_tags: list[Line] = Field([], max_length=50)


class Urgency(Doc):
    id: Id
    name: Text
    also: Spellings = []
    emergency: bool = False
    """Asked on one screen, with a phone number and the hotline in sight (see
    ``Question.emergency``); never held for a digest.
    """
    required_tags: list[Line] = Field([], max_length=50)


class Option(Doc):
    id: Id
    label: Text
    short: Text = {}
    """What partners and HQ read instead: ``yes`` for "Yes, I own it"; empty = the label."""
    also: Spellings = []


MOST_OPTIONS = 100


class Question(Doc):
    id: Id
    label: Text
    short: Text = {}
    """What partners and HQ read instead: ``Owner`` for "Does the house belong to you?"; empty = the
    label.
    """
    kind: Literal["choice", "text", "number", "yes_no"]
    options: list[Option] = Field([], max_length=MOST_OPTIONS)
    many: bool = False
    """Of a choice: several options may be chosen. A condition ``is`` holds if one of them is
    that.
    """
    required: bool = False
    step: Literal[1, 2] = 2
    emergency: bool = False
    """Asked in an emergency too. What is not is left for later there, and is not required."""
    before_accept: bool = True
    """Partners see the answer before they accept. Free text never is shown before."""

    @model_validator(mode="after")
    def _options_where_needed(self) -> Self:
        if (self.kind == "choice") != bool(self.options):
            raise ValueError("options belong to questions of kind choice, and those need them")
        if self.many and self.kind != "choice":
            raise ValueError("many belongs to questions of kind choice")
        return self

    def is_required(self, in_emergency: bool) -> bool:
        """Tells whether an enquiry needs an answer: an emergency only to what is asked in one."""
        return self.required and (self.emergency or not in_emergency)


class Consent(Doc):
    version: Line
    text: Text


class Form(Doc):
    id: Id
    title: Text
    intro: Text = {}
    countries: list[Country] = Field(min_length=1, max_length=300)
    products: list[Id] = Field(min_length=1, max_length=200)
    urgencies: list[Id] = Field(min_length=1, max_length=20)
    questions: list[Question] = Field([], max_length=50)
    """An enquiry keeps the answer to each, up to 200 characters long."""
    phone_required: bool = False
    consent: Consent
    origins: list[Annotated[str, Field(pattern=r"^https?://[^/\s]+$", max_length=300)]] = Field(
        [], max_length=100
    )
    """Web origins whose pages may embed the form or post to it: ``https://www.example.com``."""
    time_trap_seconds: float = Field(3, ge=0, le=3_600)
    """A form filled in faster than this was not filled in by a person. With more than an hour
    everybody would be taken for a machine.
    """
    indexed: bool = False
    """Search engines may list the form's own page; no other page of ours is ever listed."""
    confirm_address: bool = False
    """Double opt-in: partners are asked once the sender has confirmed the email address, never
    before.
    """
