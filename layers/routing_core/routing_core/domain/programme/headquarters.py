"""Define what the programme says of the vendor: its brand, hotline and headquarters."""
# ruff: noqa: RUF012 - pydantic copies a default for each document

from typing import Annotated, Literal

from pydantic import Field

from routing_core.domain.programme.document import (
    Doc,
    Email,
    LanguageTag,
    LocalizedText,
    LongText,
    OneLine,
)


class Brand(Doc):
    """The brand says how pages and mails look, and whose name stands on them."""

    name: OneLine
    """The vendor's name stands at the head of pages and mails."""
    colour: Annotated[str, Field(pattern=r"^#[0-9a-fA-F]{6}$")] = "#1f4e79"
    """The main colour draws headings and buttons, darkened where text would be unreadable."""
    accent: Annotated[str, Field(pattern=r"^#[0-9a-fA-F]{6}$")] = "#d9480f"
    """The second colour marks progress and alarms."""
    logo: Annotated[
        str, Field(pattern=r"^(data:image/(svg\+xml|png|jpeg)[;,].*)?$", max_length=60_000)
    ] = ""
    """The logo is an image as a ``data:`` address (SVG or PNG); empty = the name alone.

    It is no link, so that no third party learns who opened a page.
    """
    sender_name: OneLine = ""
    """Mails come from this name at the deployment's verified address; empty = ``name``."""
    reply_to: Email | Literal[""] = ""
    """Answers to mails go to this address; empty = to the address that sent them."""
    imprint: LongText = ""
    """The imprint stands at the foot of mails and pages: company, address, register number."""
    privacy_url: Annotated[str, Field(pattern=r"^(https?://\S+)?$", max_length=1_000)] = ""
    """The vendor's privacy notice is linked from forms; empty = no link."""


class Hotline(Doc):
    """The hotline is a telephone number that people in an emergency see."""

    phone: Annotated[str, Field(max_length=40)]
    """The number is written as people in the programme's country write it."""
    hours: LocalizedText = {}
    """These words say when somebody answers, by language."""


FinerRight = Literal["assign", "erase", "export"]
"""A manager may do this only where the programme says so."""


class HqPersonEntry(Doc):
    """A person at HQ has a role, and a language of their own."""

    email: Email
    """Mails and links of this person go to this address; it is how they sign in."""
    name: OneLine = ""
    """Colleagues read this name beside what this person did; empty = the address."""
    role: Literal["viewer", "manager", "admin"] = "viewer"
    """A viewer looks, a manager acts on leads and partners, an admin changes everything.

    Rules, people and API keys are an admin's alone.
    """
    language: LanguageTag = ""
    """Mails and pages are in this language of the programme; empty = in HQ's ``language``."""
    regions: list[OneLine] = Field([], max_length=500)
    """Only leads and partners of these regions are shown to this person; empty = all of them.

    An admin names none.
    """
    may: list[FinerRight] = Field(["assign"], max_length=3)
    """A manager may do these things besides releasing, rejecting, moving and noting.

    An admin may do them anyway, a viewer never.
    """


class Manager(Doc):
    """A channel manager is told about partners and leads of some regions or of all of them.

    It is the way to write a person of ``people`` with the role ``manager`` from before there were
    roles.
    """

    email: Email
    """Mails and links of this person go to this address."""
    name: OneLine = ""
    """Partners and colleagues read this name; empty = the address."""
    regions: list[OneLine] = Field([], max_length=500)
    """Only leads of these regions are shown to this person, and only they can be acted on."""
    may: list[FinerRight] = Field(["assign"], max_length=3)
    """This person may do these things besides looking, releasing, rejecting, moving and noting.

    HQ's own addresses may do everything.
    """


class Headquarters(Doc):
    """These settings say who works at HQ, and when they get mail."""

    people: list[HqPersonEntry] = Field([], max_length=200)
    """These people work at HQ; at least one of them is an admin."""
    emails: list[Email] = Field([], max_length=20)
    """These addresses are admins' too, from before people had roles."""
    managers: list[Manager] = Field([], max_length=200)
    """These are managers too, from before people had roles."""
    language: LanguageTag = "en"
    """Mails and pages are in this language of the programme for whoever names none of their own."""
    links: int = Field(1, ge=1, le=1_000_000)
    """Raising this number ends every link that HQ was sent so far, and signs every device out.

    A button on an old link mails its reader a fresh one. The number stands in each of those links.
    """
    digests: list[Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]] = Field(
        ["07:30", "16:00"], max_length=24
    )
    """Confirmations are sent together at these local times; an empty list sends each at once."""
