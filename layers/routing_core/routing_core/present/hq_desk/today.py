"""The first page of HQ's desk: what needs a person, then how the day and the week are going."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from routing_core.domain.hq_people import HqPerson, Right
from routing_core.domain.lead_row import LeadNeed, LeadRow
from routing_core.domain.partner import Partner
from routing_core.domain.partner_state import partner_state
from routing_core.present.hq_desk.frame import DeskFrame, desk_locale, render_desk
from routing_core.present.hq_desk.leads.rows import RowWords
from routing_core.present.hq_desk.sparkline import SPARK_HEIGHT, SPARK_WIDTH
from routing_core.present.hq_desk.today_figures import told_figures
from routing_core.present.lead_summary import phone_words
from routing_core.present.locale_context import LocaleContext
from routing_core.present.pages.frame import known_notice
from routing_core.present.safe import line, tel
from routing_core.service.hq_desk.desk_reader import DESK_URL, LEADS_URL
from routing_core.service.hq_desk.today import SHOWN_OF_A_KIND, NeededLeads, TodayView
from routing_core.service.kernel.mail_delays import RefusedMail

TODAY_NOTICES = ("asked_more", "asked_nobody")
"""Names what a button may have done that the page tells once."""


@dataclass(frozen=True, slots=True)
class NeedLine:
    """One line of what needs a person."""

    title: str
    detail: str
    url: str
    """The page on which something can be done about it."""
    phone: str = ""
    """The number to call, as it is read."""
    phone_url: str = ""
    """The same, to tap."""


@dataclass(frozen=True, slots=True)
class NeedSection:
    """All that needs a person for one reason."""

    name: str
    count: str
    lines: tuple[NeedLine, ...]
    all_url: str
    """The list with all of them; empty where all have a line here."""


def today_page(view: TodayView, visitor: HqPerson) -> str:
    """Draw what needs somebody, and the figures."""
    locale = desk_locale(view.programme, visitor, view.now)
    title = locale.translate("hq.places.today")
    frame = DeskFrame("today.html", title, "today", visitor, view.programme, locale, wide=True)
    words = RowWords(view.programme, view.partners, locale, LEADS_URL)
    return render_desk(
        frame,
        view=view,
        notice=known_notice(view.notice, TODAY_NOTICES),
        behind=locale.duration(view.behind) if view.behind else "",
        sections=_sections(view, words),
        may_act=visitor.may(Right.ACT_ON_LEADS),
        standing=_standing(view, locale),
        emergencies=[_line("unseen", row, words) for row in view.emergencies.rows],
        emergencies_count=locale.number(str(view.emergencies.total)),
        refused=[_refused(mail, view, locale) for mail in view.mail.refused],
        unreached=_unreached(view, locale),
        unreached_states=_states(view.unreached, view.now.date()),
        shown=SHOWN_OF_A_KIND,
        dead_letters=[each for each in view.dead_letters.items() if each[1]],
        full=[line(each.name) for each in view.full.partners],
        **told_figures(view, visitor, locale),
        size=(SPARK_WIDTH, SPARK_HEIGHT),
    )


def _sections(view: TodayView, words: RowWords) -> list[NeedSection]:
    """Give what leads need, in the order in which it presses."""
    by_need = {
        LeadNeed.PROMISES: view.promises,
        LeadNeed.WAITING: view.waiting,
        LeadNeed.UNSEEN: view.unseen,
        LeadNeed.OVERDUE: view.overdue,
    }
    return [_section(need, needed, words) for need, needed in by_need.items() if needed.total]


def _section(need: LeadNeed, needed: NeededLeads, words: RowWords) -> NeedSection:
    lines = tuple(_line(need.value, row, words) for row in needed.rows)
    count = words.locale.number(str(needed.total))
    all_url = f"{LEADS_URL}?need={need.value}&sort=oldest" if needed.total > len(lines) else ""
    return NeedSection(need.value, count, lines, all_url)


def _line(name: str, row: LeadRow, words: RowWords) -> NeedLine:
    said = words.line(row)
    by = _by(name, row, words.locale)
    detail = " · ".join(filter(None, (by, said.partner, said.why, said.reference)))
    partner = _to_call(name, row, words)
    if partner is None or not partner.contact.phone:
        return NeedLine(said.title, detail, said.url)
    number = partner.contact.phone
    return NeedLine(said.title, detail, said.url, phone_words(number), tel(number))


def _standing(view: TodayView, locale: LocaleContext) -> str:
    """Say since when mail stands still and why; empty while it moves."""
    standing = view.mail.standing
    if standing is None:
        return ""
    why = locale.translate(f"hq_today.hindrance.{standing.hindrance.value}")
    return locale.translate("hq_today.standing.text", since=locale.when(standing.since), why=why)


def _refused(mail: RefusedMail, view: TodayView, locale: LocaleContext) -> NeedLine:
    """Say whose mail was refused, with the page on which that is told."""
    partner = view.partners.get(mail.partner)
    title = line(partner.name) if partner else locale.translate(f"hq_today.mail_for.{mail.role}")
    detail = locale.translate("hq_today.refused_at", when=locale.when(mail.at))
    if mail.lead:
        return NeedLine(title, detail, f"{LEADS_URL}/{mail.lead}")
    return NeedLine(title, detail, f"{DESK_URL}/partners/{mail.partner}" if mail.partner else "")


def _by(name: str, row: LeadRow, locale: LocaleContext) -> str:
    """Say what presses: since when it waits, or until when something should have been done."""
    instants: dict[str, datetime | None] = {
        "promises": row.promised_by,
        "unseen": row.expires_at,
        "overdue": row.contact_by,
    }
    if name == "waiting":
        return locale.translate("queue.age", age=locale.duration(locale.now - row.received_at))
    return locale.translate(f"hq_today.by.{name}", when=locale.when_known(instants[name]))


def _to_call(name: str, row: LeadRow, words: RowWords) -> Partner | None:
    """Give the partner whom a call may help with, if it is one."""
    if name == "unseen" and len(row.asked) == 1:
        return words.partners.get(row.asked[0])
    return words.partners.get(row.owner) if name == "overdue" and row.owner else None


def _states(partners: Iterable[Partner], today: date) -> list[str]:
    """Name the states in which the list of partners has them, each once."""
    return sorted({partner_state(each, None, today).value for each in partners})


def _unreached(view: TodayView, locale: LocaleContext) -> list[NeedLine]:
    lines = []
    for partner in view.unreached:
        why = "bounced" if partner.bounced else "unconfirmed"
        phone = partner.contact.phone
        lines.append(
            NeedLine(
                line(partner.name),
                locale.catalog.of_code("facts.excluded", why),
                f"{DESK_URL}/partners/{partner.id}",
                phone_words(phone) if phone else "",
                tel(phone) if phone else "",
            )
        )
    return lines
