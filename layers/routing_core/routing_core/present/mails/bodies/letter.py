"""A letter: title and blocks in order, the same for HTML and plain text."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from routing_core.domain.lead import DeadlineKind, Note
from routing_core.domain.values.clean import named
from routing_core.present.explain.timeline import lapses_in_a_row
from routing_core.present.lead_summary import Line, also_lines, contact_lines, lead_lines, what
from routing_core.present.locale_context import LocaleContext
from routing_core.present.mails.calendar_file import contact_ics
from routing_core.present.safe import line, visible
from routing_core.service.kernel.ports import Attachment
from routing_core.service.kernel.views import MailView

LEFT_OUT = {"partner": (), "prospect": ("language", "region"), "hq": ("answer", "language")}
"""Audience → kinds of lines that its mails do without."""


MOST_CASES_SIZE = 80_000
"""Bytes for all cases of a mail: Gmail cuts what is longer than 102 kB, the button to the queue
first.
"""
CASE_SIZE, CASE_LINE_SIZE = 1_000, 400
"""Bytes that one case takes at most in the HTML, and each of its lines."""


@dataclass(frozen=True, slots=True)
class Case:
    """One enquiry among several: a line of a digest or a grouped alert."""

    title: str
    sentence: str
    lines: tuple[str, ...]
    url: str


@dataclass(frozen=True, slots=True)
class Block:
    """``kind`` is text, small, alarm, lines, quote, button, link or case; the templates draw
    each.
    """

    kind: str
    text: str = ""
    url: str = ""
    lines: tuple[Line, ...] = ()
    case: Case | None = None


@dataclass
class Letter:
    """Collects blocks; ``view`` and ``reader`` at hand, words under ``mails.<template>``."""

    view: MailView
    reader: LocaleContext
    audience: str
    subject: str = ""
    preheader: str = ""
    title: str = ""
    blocks: list[Block] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)

    def t(self, key: str, **fill: Any) -> str:
        """Words of this mail. Where a customer who gave no phone number needs others, those are
        ``<key>_write``.
        """
        fill["brand"] = self.brand
        words = f"mails.{self.view.template}.{key}"
        if not self.view.may_be_called and (told := self.reader.t.find(f"{words}_write", **fill)):
            return told
        return self.reader.t(words, **fill)

    @property
    def brand(self) -> str:
        return self.view.programme.brand.name

    @property
    def partner_name(self) -> str:
        return self.view.partner.name if self.view.partner else ""

    @property
    def what(self) -> str:
        view = self.view
        return (
            what(view.lead, view.programme, self.reader, self.audience != "partner")
            if view.lead
            else self.brand
        )

    def head(self, subject: str, title: str, preheader: str = "") -> None:
        self.subject, self.title, self.preheader = subject, title, preheader

    def add(self, kind: str, text: str) -> None:
        """``text`` is our own words, filled in by ``t``, or one line."""
        self.blocks.append(Block(kind, text))

    def text(self, text: str) -> None:
        self.add("text", text)

    def small(self, text: str) -> None:
        self.add("small", text)

    def lines(self, *lines: Line) -> None:
        if lines:
            self.blocks.append(Block("lines", lines=lines))

    def quote(self, label: str, text: str) -> None:
        if text.strip():
            self.blocks.append(
                Block("quote", visible(text).strip(), lines=(Line("quote", label, ""),))
            )

    def button(self, label: str, link: str) -> None:
        """Nothing if the view has no such link: a mail never shows a dead button."""
        if url := self.view.links.get(link, ""):
            self.blocks.append(Block("button", label, url))

    def link(self, label: str, link: str) -> None:
        if url := self.view.links.get(link, ""):
            self.blocks.append(Block("link", label, url))

    def case(self, case: Case) -> None:
        self.blocks.append(Block("case", case=case))

    def cases(self, cases: Iterable[Case]) -> int:
        """Lists them as far as the mail stays whole in Gmail; gives how many there was no room
        for.
        """
        size = left = 0
        for case in cases:
            size += CASE_SIZE + CASE_LINE_SIZE * len(case.lines)
            if size > MOST_CASES_SIZE:
                left += 1
            else:
                self.case(case)
        return left

    # What several letters show.

    @property
    def is_owner(self) -> bool:
        """Only the owner's mails may carry contact, message and notes."""
        lead, partner = self.view.lead, self.view.partner
        return bool(lead and partner and lead.owner == partner.id)

    @property
    def person(self) -> str:
        lead = self.view.lead
        name = lead.contact.name if self.is_owner and lead and lead.contact else ""
        return name or self.reader.t("common.somebody")

    def greet(self) -> None:
        """Customers are greeted, and nobody by a name; partners and HQ, who get many mails, read
        the matter at once.
        """
        self.text(self.reader.t("mails.greeting"))

    @property
    def colleague(self) -> str:
        """Who at the owner's firm looks after it, if that was said and can be told to the customer;
        their address is nobody else's business.
        """
        lead = self.view.lead
        who = lead.colleague if lead and lead.owner else None
        return named(who.name) if who and lead and who.partner == lead.owner else ""

    def lead_lines(self, *more: Line) -> None:
        """What was asked, as far as this reader may see it: HQ's mails name work and place, never
        answers.
        """
        view = self.view
        if view.lead:
            everything = self.audience != "partner" or self.is_owner
            km = view.offer.km if view.offer and self.audience == "partner" else None
            as_asked = self.audience == "prospect"
            told = lead_lines(view.lead, view.programme, self.reader, everything, km, as_asked)
            left_out = LEFT_OUT[self.audience]
            if self.audience == "partner" and not any(each.kind == "reference" for each in more):
                more = (*more, self.line("reference", view.lead.reference))  # tells two alike apart
            self.lines(*more, *(each for each in told if each.kind not in left_out))

    def contact_by_line(self, by: str) -> Line:
        """By when the owner is to call, or to write."""
        return self.line("call_by" if self.view.may_be_called else "write_by", by)

    def contact_lines(self, *more: Line) -> None:
        if self.view.lead and self.is_owner:
            typed = also_lines(self.view.context, self.reader) if self.view.context else ()
            phone_typed = [each for each in typed if each.kind == "phone_typed"]
            self.lines(*contact_lines(self.view.lead, self.reader), *phone_typed, *more)

    def message(self) -> None:
        """The prospect's own words and later notes, for the owner."""
        context = self.view.context
        if context and self.is_owner:
            self.quote(self.reader.t("common.note_by.prospect"), context.message)
            for note in context.notes:
                self.note(note)

    def note(self, note: Note) -> None:
        by = note.by.partition(":")[0]
        label = self.reader.t(
            f"common.note_by.{by if by in ('partner', 'hq', 'repeat') else 'prospect'}",
            brand=self.brand,
        )
        self.quote(f"{label}, {self.reader.when(note.at)}", note.text)

    @property
    def call_by(self) -> datetime | None:
        return self.view.lead.deadline(DeadlineKind.CONTACT) if self.view.lead else None

    @property
    def lapses(self) -> int:
        """In a row, of which the fact tells."""
        return lapses_in_a_row(str(self.view.data.get("kind")), self.view.data, self.view.programme)

    @property
    def return_until(self) -> datetime | None:
        lead = self.view.lead
        if not lead or not lead.accepted_at:
            return None
        until = lead.accepted_at + timedelta(minutes=self.view.programme.early_return.minutes)
        return until if until > self.view.now else None

    @property
    def beside(self) -> int:
        """How many other partners were asked at the same time."""
        lead, made = self.view.lead, self.view.offer
        return lead.beside(made) if lead and made else 0

    @property
    def emergency(self) -> bool:
        return bool(self.view.lead and self.view.programme.is_emergency(self.view.lead.urgency))

    def line(self, kind: str, value: str) -> Line:
        return Line(kind, self.reader.t(f"common.label.{kind}"), line(value))

    def attach_call(self) -> None:
        view, by = self.view, self.call_by
        if view.lead and view.partner and by and self.is_owner:
            ics = contact_ics(view.lead, view.partner, view.programme, by, view.language)
            self.attachments.append(
                Attachment("contact.ics", "text/calendar; charset=utf-8; method=PUBLISH", ics)
            )
