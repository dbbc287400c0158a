"""The body of a mail: title and blocks in order, the same for HTML and plain text."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from routing_core.domain.events import LeadEvent
from routing_core.domain.lead import DeadlineKind, Lead, Note
from routing_core.domain.offer import Offer
from routing_core.domain.partner import Partner, Person
from routing_core.domain.programme.programme import Programme
from routing_core.domain.values.clean import named
from routing_core.present.explain.timeline import lapses_in_a_row
from routing_core.present.lead_summary import (
    Disclosure,
    LabelledLine,
    also_lines,
    contact_lines,
    lead_lines,
    lead_title,
)
from routing_core.present.locale_context import LocaleContext
from routing_core.present.mails.bodies.blocks import Block, ListedLead, MailBar
from routing_core.present.mails.calendar_file import contact_ics
from routing_core.present.notes import note_author
from routing_core.present.safe import line, visible
from routing_core.service.kernel.mail_ports import Attachment
from routing_core.service.kernel.views import Entry, MailView

LEFT_OUT = {
    "partner": (),
    "prospect": ("language", "region"),
    "hq": ("answer", "language"),
}
"""Audience → kinds of lines that its mails do without."""
LARGEST_LIST_SIZE = 80_000
"""So many bytes there are for all listed enquiries of a mail.

Gmail cuts what is longer than 102 kB, and the button at the end first.
"""
LISTED_SIZE = 1_000
"""One listed enquiry takes so many bytes of the HTML at most, without its lines."""
LISTED_LINE_SIZE = 400
"""One line of a listed enquiry takes so many bytes at most."""


@dataclass
class MailBody:
    """Collects the blocks of one mail, with the view and the reader's locale at hand."""

    view: MailView
    """Holds what the mail is about."""
    locale: LocaleContext
    """The language and clock of whoever reads it."""
    audience: str
    """The side that reads it: partner, prospect or hq."""
    subject: str = ""
    """The subject, as it will stand in a list of mails."""
    preheader: str = ""
    """The words that many programs show behind the subject; the title if empty."""
    title: str = ""
    """The heading."""
    blocks: list[Block] = field(default_factory=list)
    """Holds what the mail says, in order."""
    attachments: list[Attachment] = field(default_factory=list)
    """The files that go with it."""

    # Words.

    def translate(self, key: str, **fill: Any) -> str:
        """Give words of this mail, from under ``mails.<template>``.

        Where a customer who gave no phone number needs others, those are ``<key>_write``. Raises
        LookupError for a key nobody wrote.
        """
        told = self.find(key, **fill)
        if told is None:
            raise LookupError(f"no words for {key!r} in the mail {self.view.template!r}")
        return told

    def find(self, key: str, **fill: Any) -> str | None:
        """Give words of this mail as ``translate`` does, or None if nobody wrote any."""
        catalog = self.locale.catalog
        path = f"mails.{self.view.template}.{key}"
        fill["brand"] = self.brand
        if not self.view.may_be_called:
            told = catalog.find(f"{path}_write", **fill)
            if told:
                return told
        return catalog.find(path, **fill)

    def translate_at(self, key: str, at: datetime | None, **fill: Any) -> str:
        """Give words of this mail that name an instant; those of ``<key>_plain`` without one."""
        if at is None:
            return self.translate(f"{key}_plain", **fill)
        return self.translate(key, when=self.locale.when(at), **fill)

    # What the mail is about.

    @property
    def lead(self) -> Lead | None:
        """Give the lead it is about, as far as this reader may know it."""
        return self.view.lead

    @property
    def offer(self) -> Offer | None:
        """Give the offer it is about, if it is about one."""
        return self.view.offer

    @property
    def partner(self) -> Partner | None:
        """Give the partner it is about, or who reads it."""
        return self.view.partner

    @property
    def programme(self) -> Programme:
        """Give the rules under which it is written."""
        return self.view.programme

    @property
    def event(self) -> LeadEvent | None:
        """Give the event that it tells, if it tells one."""
        return self.view.event

    @property
    def data(self) -> Mapping[str, Any]:
        """Give what the view says beside the lead: counts, names and reasons."""
        return self.view.data

    @property
    def brand(self) -> str:
        """Give the name of the brand that everybody knows."""
        return self.programme.brand.name

    @property
    def partner_name(self) -> str:
        """Give the name of the partner it is about; empty if it is about none."""
        return self.partner.name if self.partner else ""

    @property
    def second_contact(self) -> Person | None:
        """Give the second contact of the partner it is about, if there is one."""
        return self.partner.second if self.partner else None

    @property
    def lead_title(self) -> str:
        """Say in a few words what the lead is about; of a mail about no lead the brand."""
        if self.lead is None:
            return self.brand
        everything = self.audience != "partner"
        return lead_title(self.lead, self.programme, self.locale, everything)

    def title_of(self, entry: Entry) -> str:
        """Say in a few words what a listed enquiry is about. Never for a mail to a partner."""
        return lead_title(entry.lead, self.programme, self.locale, everything=True)

    @property
    def reference(self) -> str:
        """Give the lead's reference, for the phone; empty for a mail about no lead."""
        return self.lead.reference if self.lead else ""

    @property
    def is_owner(self) -> bool:
        """Tell whether the lead is the reader's.

        No other mail carries contact, message and notes.
        """
        lead, partner = self.lead, self.partner
        return bool(lead and partner and lead.owner == partner.id)

    @property
    def person(self) -> str:
        """Give the customer's name to the owner; to anybody else the words for somebody."""
        lead = self.lead
        if self.is_owner and lead and lead.contact and lead.contact.name:
            return lead.contact.name
        return self.locale.translate("common.somebody")

    @property
    def colleague(self) -> str:
        """Give the name of who looks after it at the owner's firm, if the customer may hear it.

        Their address is nobody else's business.
        """
        lead = self.lead
        if lead is None or not lead.owner or lead.colleague is None:
            return ""
        if lead.colleague.partner != lead.owner:
            return ""
        return named(lead.colleague.name)

    @property
    def call_by(self) -> datetime | None:
        """Give the instant by which the owner is to call or write, if there is one."""
        return self.deadline(DeadlineKind.CONTACT)

    def deadline(self, kind: DeadlineKind) -> datetime | None:
        """Give the instant of one of the lead's deadlines, if it has that."""
        return self.lead.deadline(kind) if self.lead else None

    @property
    def accepted_at(self) -> datetime | None:
        """Give the instant at which the lead was accepted, if it was."""
        return self.lead.accepted_at if self.lead else None

    @property
    def lapses(self) -> int:
        """Give how many offers in a row were left unanswered, of which the mail tells."""
        return lapses_in_a_row(self.event, self.programme)

    @property
    def return_until(self) -> datetime | None:
        """Give the instant until which the owner may give it back; None if that is over."""
        if self.accepted_at is None:
            return None
        early_return = timedelta(minutes=self.programme.early_return.minutes)
        until = self.accepted_at + early_return
        return until if until > self.view.now else None

    @property
    def beside(self) -> int:
        """Give how many other partners were asked at the same time."""
        lead, offer = self.lead, self.offer
        return lead.beside(offer) if lead and offer else 0

    @property
    def emergency(self) -> bool:
        """Tell whether the lead is an emergency."""
        lead = self.lead
        return lead is not None and self.programme.is_emergency(lead.urgency)

    # Plain blocks.

    def head(self, subject: str, title: str, preheader: str = "") -> None:
        """Set the subject, the title and what is shown behind the subject."""
        self.subject = subject
        self.title = title
        self.preheader = preheader

    def head_by_words(self, variant: str = "", **fill: Any) -> None:
        """Set them to the words of this mail, all three filled in alike.

        ``variant`` stands before each key: ``merged.``. A mail may do without a preheader.
        """
        subject = self.translate(f"{variant}subject", **fill)
        title = self.translate(f"{variant}title", **fill)
        self.head(subject, title, self.find(f"{variant}preheader", **fill) or "")

    def add(self, kind: str, text: str) -> None:
        """Add a block of our own words, filled in by ``translate``, or of one line."""
        self.blocks.append(Block(kind, text))

    def text(self, text: str) -> None:
        """Add a paragraph."""
        self.add("text", text)

    def small(self, text: str) -> None:
        """Add a paragraph in small print."""
        self.add("small", text)

    def items(self, items: Iterable[str], count: int) -> None:
        """Add a list of these, and how many more there are if ``count`` is larger."""
        shown = list(items)
        for item in shown:
            self.add("item", line(str(item)))
        if count > len(shown):
            more = count - len(shown)
            self.add("item", self.locale.translate("mails.alert.tried_more", n=more))

    def lines(self, *lines: LabelledLine) -> None:
        """Add a table of labelled lines; nothing if there are none."""
        if lines:
            self.blocks.append(Block("lines", lines=lines))

    def line(self, kind: str, value: str) -> LabelledLine:
        """Make a labelled line of a value."""
        label = self.locale.translate(f"common.label.{kind}")
        return LabelledLine(kind, label, line(value))

    def named_line(self, label: str, value: str) -> LabelledLine:
        """Make a line of a value under a label that is no part of ``common``."""
        return LabelledLine("figure", label, line(value))

    def bars(self, caption: str, bars: Sequence[tuple[str, str, float]]) -> None:
        """Add a picture of bars: of each its name, its value in words, and its length."""
        longest = max((length for _, _, length in bars), default=0)
        if longest <= 0:
            return
        drawn = tuple(
            MailBar(line(name), value, max(round(length / longest * 100), 1))
            for name, value, length in bars
        )
        self.blocks.append(Block("bars", caption, bars=drawn))

    def quote(self, label: str, text: str) -> None:
        """Add somebody else's words under a label that says whose they are.

        Nothing is added if they are empty.
        """
        if text.strip():
            who = LabelledLine("quote", label, "")
            self.blocks.append(Block("quote", visible(text).strip(), lines=(who,)))

    def button(self, label: str, link: str) -> None:
        """Add a button to one of the view's links.

        Nothing if the view has no such link: a mail never shows a dead button.
        """
        # Links are the view's: a colleague's mail has none to the desk.
        self._to("button", label, link)

    def link(self, label: str, link: str) -> None:
        """Add a plain link to one of the view's links; nothing if it has no such link."""
        self._to("link", label, link)

    def _to(self, kind: str, label: str, link: str) -> None:
        url = self.view.links.get(link, "")
        if url:
            self.blocks.append(Block(kind, label, url))

    def listed(self, lead: ListedLead) -> None:
        """Add one enquiry among several."""
        self.blocks.append(Block("case", case=lead))

    def listed_as_far_as_fits(self, leads: Iterable[ListedLead]) -> int:
        """Add enquiries as far as the mail stays whole in Gmail.

        Gives how many there was no room for.
        """
        size = 0
        left_out = 0
        for lead in leads:
            # Counted by what each takes at most: the real size is known only after drawing.
            size += LISTED_SIZE + LISTED_LINE_SIZE * len(lead.lines)
            if size > LARGEST_LIST_SIZE:
                left_out += 1
            else:
                self.listed(lead)
        return left_out

    # What several mails show.

    def greet(self) -> None:
        """Greet customers, and nobody by a name.

        Partners and HQ, who get many mails, read the matter at once.
        """
        self.text(self.locale.translate("mails.greeting"))

    def desk_link(self) -> None:
        """Add the link to the partner's own desk."""
        self.link(self.locale.translate("mails.desk"), "desk")

    def lead_lines(self, *more: LabelledLine) -> None:
        """Say what was asked, as far as this reader may see it.

        HQ's mails name work and place, never answers.
        """
        lead = self.lead
        if lead is None:
            return
        first = list(more)
        if self.audience == "partner" and all(each.kind != "reference" for each in more):
            first.append(self.line("reference", lead.reference))  # tells two alike apart
        left_out = LEFT_OUT[self.audience]
        told = lead_lines(lead, self.programme, self.locale, self._disclosure())
        shown = [each for each in told if each.kind not in left_out]
        self.lines(*first, *shown)

    def _disclosure(self) -> Disclosure:
        if self.audience != "partner":
            return Disclosure(everything=True, as_asked=self.audience == "prospect")
        km = self.offer.km if self.offer else None
        return Disclosure(everything=self.is_owner, km=km)

    def contact_by_line(self, by: str) -> LabelledLine:
        """Make the line that says by when the owner is to call, or to write."""
        return self.line("call_by" if self.view.may_be_called else "write_by", by)

    def contact_lines(self, *more: LabelledLine) -> None:
        """Say who asked, to the owner alone."""
        lead, context = self.lead, self.view.context
        if lead is None or not self.is_owner:
            return
        # Of what came beside the form a mail shows only the number: the page has the rest.
        typed = also_lines(context, self.locale) if context else ()
        phone_typed = [each for each in typed if each.kind == "phone_typed"]
        self.lines(*contact_lines(lead, self.locale), *phone_typed, *more)

    def message(self) -> None:
        """Quote the prospect's own words and later notes, to the owner alone."""
        context = self.view.context
        if context and self.is_owner:
            self.quote(self.locale.translate("common.note_by.prospect"), context.message)
            for note in context.notes:
                self.note(note)

    def note(self, note: Note) -> None:
        """Quote one note, with who wrote it and when."""
        author = note_author(note, self.programme, self.locale)
        self.quote(f"{author}, {self.locale.when(note.at)}", note.text)

    def attach_call(self) -> None:
        """Attach the call as a calendar entry, for the owner who has one to make."""
        view = self.view
        if view.lead is None or view.partner is None or self.call_by is None or not self.is_owner:
            return
        entry = contact_ics(view.lead, view.partner, view.programme, self.call_by, view.language)
        kind = "text/calendar; charset=utf-8; method=PUBLISH"
        self.attachments.append(Attachment("contact.ics", kind, entry))
