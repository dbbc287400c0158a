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


class Manager(Doc):
    """A channel manager is told about partners and leads of some regions or of all of them."""

    email: Email
    """Mails and links of this person go to this address."""
    name: OneLine = ""
    """Partners and colleagues read this name; empty = the address."""
    regions: list[OneLine] = Field([], max_length=500)
    """Only leads of these regions are shown to this person, and only they can be acted on."""
    may: list[Literal["assign", "erase", "export"]] = Field(["assign"], max_length=3)
    """This person may do these things besides looking, releasing, rejecting, moving and noting.

    HQ's own addresses may do everything.
    """


class Headquarters(Doc):
    """These settings say who works at HQ, and when they get mail."""

    emails: list[Email] = Field(min_length=1, max_length=20)
    """All of these addresses stand on each of HQ's mails; a mail service takes fifty recipients."""
    managers: list[Manager] = Field([], max_length=200)
    """Managers get what concerns their regions, beside the addresses of HQ."""
    language: LanguageTag = "en"
    """HQ's mails and pages are in this language of the programme."""
    links: int = Field(1, ge=1, le=1_000_000)
    """Raising this number ends every link to HQ's queue that was sent so far.

    A button then mails each person a fresh one. The number stands in each of those links.
    """
    digests: list[Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]] = Field(
        ["07:30", "16:00"], max_length=24
    )
    """Confirmations are sent together at these local times; an empty list sends each at once."""
