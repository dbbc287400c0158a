"""The page of one lead on HQ's desk."""

from dataclasses import dataclass
from typing import Any

from routing_core.domain.hq_people import HqPerson
from routing_core.domain.lead_file import LARGEST_LEAD_FILE, MEGABYTE, MOST_FILES, FileKind
from routing_core.present.hq_desk.frame import DeskFrame, desk_locale, render_desk
from routing_core.present.hq_desk.leads.rows import RowWords
from routing_core.present.lead_files import told_files
from routing_core.present.lead_summary import partner_name
from routing_core.present.locale_context import LocaleContext
from routing_core.present.mails.kept_subject import whole_subject
from routing_core.present.pages.queue_lead import hq_lead_fill
from routing_core.present.problems import problem_sentence
from routing_core.service.hq_desk.desk_lead import DeskLeadView
from routing_core.service.hq_desk.desk_reader import LEADS_URL
from routing_core.service.kernel.lead_mail import LeadMail, MailOutcome

BAD = frozenset(
    {
        MailOutcome.REJECTED,
        MailOutcome.RETURNED,
        MailOutcome.COMPLAINED,
        MailOutcome.DELAYED,
    }
)
"""What became of mails that somebody should look at."""


@dataclass(frozen=True, slots=True)
class MailLine:
    """One mail about the lead, as the page shows it."""

    what: str
    """Says what the mail was about."""
    subject: str
    """Gives its subject; empty if it is not known."""
    language: str
    """The language of the subject."""
    to: str
    """Says whom it went to."""
    when: str
    outcome: str
    """Says what became of it."""
    is_bad: bool
    """Marks a mail that did not arrive as it should."""


def desk_lead_page(view: DeskLeadView, visitor: HqPerson) -> str:
    """Draw the page of one lead as it stands now."""
    page = view.page
    locale = desk_locale(page.programme, visitor, page.now)
    told = hq_lead_fill(page, locale)
    frame = DeskFrame(
        "lead.html", told["heading"], "leads", visitor, page.programme, locale, ("file_size.js",)
    )
    words = RowWords(page.programme, page.partners, locale, LEADS_URL)
    return render_desk(
        frame,
        mails=[_mail(each, view, locale) for each in view.mails],
        same_contact=[words.line(each) for each in view.same_contact],
        **_files(view, locale),
        **told,
    )


def _files(view: DeskLeadView, locale: LocaleContext) -> dict[str, Any]:
    """Give the lead's files, what more may be attached, and why the last one was refused."""
    sentences = [problem_sentence(each, locale.catalog) for each in view.refused_file[:1]]
    return {
        "files": told_files(view.page.context.files, locale, view.page.programme),
        "file_error": "".join(sentences),
        "most_files": MOST_FILES,
        "largest_file": LARGEST_LEAD_FILE // MEGABYTE,
        "largest_bytes": LARGEST_LEAD_FILE,
        "accepted_files": ",".join(f".{kind.value}" for kind in FileKind) + ",.jpeg",
    }


def _mail(mail: LeadMail, view: DeskLeadView, locale: LocaleContext) -> MailLine:
    to = mail.role
    if to == "partner" and not mail.partner:
        to = "partner_unnamed"
    partner = partner_name(view.page.partners, mail.partner or "")
    return MailLine(
        what=locale.translate(f"hq_leads.mail.{mail.template}"),
        subject=whole_subject(mail, view.page.lead, view.page.programme),
        language=mail.language,
        to=locale.translate(f"hq_leads.mail_to.{to}", partner=partner),
        when=locale.when(mail.at),
        outcome=locale.translate(
            f"hq_leads.outcome.{mail.outcome.value}", readers=mail.readers, delivered=mail.delivered
        ),
        is_bad=mail.outcome in BAD,
    )
