"""HQ's pages: the queue, and one lead with what was tried and who could take it."""

from collections.abc import Mapping
from dataclasses import dataclass

from routing_core.domain.enquiry.qualify import because
from routing_core.domain.enquiry.typed_fields import LENGTHS
from routing_core.domain.lead import REJECTABLE, DeadlineKind, Lead, LeadStatus
from routing_core.domain.people import people, person_id
from routing_core.present.catalog import Catalog
from routing_core.present.explain.explain import explained, key_words
from routing_core.present.explain.timeline import Moment, moments, offer_outcome, offer_reason
from routing_core.present.lead_summary import (
    Line,
    also_lines,
    contact_lines,
    lead_lines,
    place_words,
    urgency_name,
    what,
)
from routing_core.present.locale_context import LocaleContext
from routing_core.present.pages.frame import render
from routing_core.present.pages.notes import told_notes
from routing_core.present.pages.summary import at_action
from routing_core.present.problems import by_field
from routing_core.service.kernel.views import (
    AccessView,
    Alike,
    CandidateView,
    QueueLeadView,
    QueueSection,
    QueueView,
)

SECTIONS = ("hq_queue", "held", "follow_up", "nurture", "quarantined")
NOTICES = ("assigned", "granted", "released", "rejected", "moved", "noted", "erased", "gone", "retried", "still_nobody",
           "released_alike", "rejected_alike", "released_alike_but", "rejected_alike_but",
           "released_alike_so_far", "rejected_alike_so_far",
           "moved_away")  # fmt: skip
NOT_ASSIGNABLE = ("unconfirmed", "bounced")
ASKED_NAMED = 6
"""Partners named in one question, of a wave that may have forty."""


@dataclass(frozen=True, slots=True)
class QueueRow:
    title: str
    detail: str
    reference: str
    url: str
    age: str
    urgent: bool
    name: str
    """Of the person, whom only HQ's pages name."""
    by: str
    """When a reply was promised, if that lies ahead."""


@dataclass(frozen=True, slots=True)
class Section:
    """``count``: in words, ``1,000+`` where nobody counted further."""

    name: str
    count: str
    rows: tuple[QueueRow, ...]
    total: int
    alike: tuple[Alike, ...] = ()


@dataclass(frozen=True, slots=True)
class Candidate:
    id: str
    name: str
    place: str
    reasons: tuple[str, ...]
    assignable: bool
    instead_of: str
    """Who is being asked now and would no longer be; empty if nobody is."""


def queue_page(view: QueueView) -> str:
    reader = LocaleContext.at_home(view.programme, view.programme.hq.language, view.now)
    sections = [
        _section(name, view.sections[name], view, reader)
        for name in SECTIONS
        if name in view.sections
    ]
    sections.sort(key=_without_emergency)
    total = sum(each.total for each in view.sections.values())
    more = any(each.more for each in view.sections.values())
    return render(
        "queue.html",
        reader,
        view.programme,
        reader.t,
        reader.t("queue.title"),
        view=view,
        sections=sections,
        total=_total(total, more, reader),
        waiting=any(lead.exhausted for each in view.sections.values() for lead in each.leads),
        notice=view.notice if view.notice in NOTICES else "",
    )


def _without_emergency(section: Section) -> bool:
    """An emergency that waits in any list stands above all plans; spam stays below."""
    return section.name == "quarantined" or not any(row.urgent for row in section.rows)


def _total(total: int, more: bool, reader: LocaleContext) -> str:
    if more:
        return reader.t("queue.total_more", n=reader.number(str(total)))
    return reader.t("queue.total", n=total) if total else ""


def _section(name: str, section: QueueSection, view: QueueView, reader: LocaleContext) -> Section:
    rows = tuple(_row(lead, view, reader) for lead in section.leads)
    count = f"{reader.number(str(section.total))}{'+' if section.more else ''}"
    return Section(name, count, rows, section.total, section.alike)


def _row(lead: Lead, view: QueueView, reader: LocaleContext) -> QueueRow:
    t = reader.t
    asked = len({offer.partner for offer in lead.offers})
    urgent = view.programme.is_emergency(lead.urgency)
    urgency = (
        "" if urgent else urgency_name(view.programme, lead.urgency, reader)
    )  # the badge says it
    parts = [urgency, t("queue.asked", n=asked) if asked else ""]
    if opens := lead.held_until:
        parts.append(t("queue.asked_at", when=reader.when(opens)))
    elif lead.status is LeadStatus.HQ_QUEUE and lead.reason:
        parts.append(t.code("facts.queue", lead.reason))
    elif lead.status is LeadStatus.QUARANTINED and lead.reason:
        parts.append(t.code("facts.spam", lead.reason))
    elif lead.status is LeadStatus.NURTURE:
        parts.append(t("queue.score", n=lead.score))
    title = what(lead, view.programme, reader, True)
    by = lead.promised_by if lead.promised_by and lead.promised_by > view.now else None
    return QueueRow(
        title=title,
        detail=" · ".join(part for part in parts if part),
        reference=lead.reference,
        url=f"{view.url}/leads/{lead.id}",
        age=reader.span(view.now - lead.received_at),
        urgent=urgent,
        name=lead.contact.name if lead.contact else "",
        by=reader.when(by) if by else "",
    )


def queue_lead_page(view: QueueLeadView) -> str:
    reader = LocaleContext.at_home(view.programme, view.programme.hq.language, view.now)
    t, lead, programme = reader.t, view.lead, view.programme
    ranked = [_candidate(c, view, reader) for c in view.candidates if not c.reason]
    action = view.values.get("action", "")
    return render(
        "queue_lead.html",
        reader,
        programme,
        t,
        what(lead, programme, reader, True),
        view=view,
        lead=lead,
        heading=what(lead, programme, reader, True),
        status=" · ".join(
            t.code("facts.status_name", s.value) for s in (lead.status, lead.ended) if s
        ),
        urgent=programme.is_emergency(lead.urgency),
        facts=(*lead_lines(lead, programme, reader, everything=True), *_more(view, reader)),
        contact=contact_lines(lead, reader),
        also=also_lines(view.context, reader),
        message=view.context.message,
        notes=told_notes(view.context, programme, reader),
        score=because(programme, lead.score_reasons, reader.language),
        tried=[
            (o.partner, _name(o.partner, view), offer_outcome(o, reader, programme))
            for o in lead.offers
        ],
        ranked=ranked,
        owner=_name(lead.owner, view) if lead.owner else "",
        excluded=[_candidate(c, view, reader) for c in view.candidates if c.reason],
        decisions=explained(view.timeline, lead, reader, programme, view.partners),
        timeline=moments(view.timeline, reader, programme, view.partners, lead),
        releasable=lead.status is LeadStatus.QUARANTINED
        or (lead.status is LeadStatus.HQ_QUEUE and lead.reason == "review"),
        decide=_decide(view, reader) if lead.undecided else None,
        movable=view.movable,
        lengths=LENGTHS,
        erased=lead.status is LeadStatus.ERASED,
        rejectable=lead.status in REJECTABLE,
        notice=view.notice if view.notice in NOTICES else "",
        errors=by_field(view.problems, t),
        problems=at_action(view.problems, action, _labels(action, t), t),
        action=action,
        values=view.values,
        meanwhile=_meanwhile(view, reader) if view.meanwhile else None,
    )


@dataclass(frozen=True, slots=True)
class AskedAgain:
    """What happened in between, the question, and the fields that are posted if the answer is
    yes.
    """

    happened: tuple[Moment, ...]
    question: str
    fields: Mapping[str, str]


def _meanwhile(view: QueueLeadView, reader: LocaleContext) -> AskedAgain:
    assert view.meanwhile is not None  # noqa: S101
    t, form = reader.t, view.meanwhile.form
    since = tuple(row for row in view.timeline if row.version > view.meanwhile.seen)
    happened = moments(since, reader, view.programme, view.partners, view.lead)
    action = form.get("action", "")
    owner = _name(view.lead.owner, view) if view.lead.owner else ""
    takes_away = action == "assign" and owner
    question = t(
        "queue.meanwhile.take_away" if takes_away else f"queue.meanwhile.{action}",
        owner=owner,
        partner=_name(form.get("partner", ""), view),
    )
    fields = {name: value for name, value in form.items() if name != "version"}
    return AskedAgain(happened, question, fields | {"version": str(view.lead.version)})


@dataclass(frozen=True, slots=True)
class ToDecide:
    """What a partner said that HQ must judge; ``grant``: it may be theirs."""

    sentence: str
    partner: str
    grant: bool


def _decide(view: QueueLeadView, reader: LocaleContext) -> ToDecide:
    lead = view.lead
    offer = max(lead.offers, key=lambda each: each.answered_at or each.made_at)
    until = lead.deadline(DeadlineKind.HQ_HOLD)
    partner = _name(offer.partner, view)
    reason = offer_reason(offer, view.programme, reader)
    when = reader.when(until) if until else ""
    words = reader.t(f"queue.decide.{lead.reason}", partner=partner, reason=reason, when=when)
    return ToDecide(words, partner, lead.claimed is not None)


def _name(partner: str, view: QueueLeadView) -> str:
    known = view.partners.get(partner)
    return known.name if known else partner


def _more(view: QueueLeadView, reader: LocaleContext) -> list[Line]:
    t, lead = reader.t, view.lead
    lines = [Line("received", t("common.label.received"), reader.when(lead.received_at))]
    if lead.promised_by:
        lines.append(Line("promised", t("queue.promised"), reader.when(lead.promised_by)))
    if lead.owner:
        lines.append(Line("partner", t("common.label.partner"), _name(lead.owner, view)))
    if lead.attached_to:
        lines.append(_other("attached_to", lead.attached_to, view, reader))
    lines += [_other("attached", each, view, reader) for each in lead.attached]
    if lead.alike:
        lines.append(_other("same_customer", lead.alike, view, reader))
    return lines


def _other(kind: str, lead_id: str, view: QueueLeadView, reader: LocaleContext) -> Line:
    """Another enquiry that has to do with this one, to open."""
    return Line(
        kind, reader.t(f"queue.{kind}"), lead_id[-8:].upper(), f"{view.back_url}/leads/{lead_id}"
    )


def _candidate(candidate: CandidateView, view: QueueLeadView, reader: LocaleContext) -> Candidate:
    partner, claimed = candidate.partner, view.lead.claimed
    asked = [claimed.partner] if claimed else [offer.partner for offer in view.lead.live_offers]
    only_one_asked = asked == [partner.id]
    others = [_name(each, view) for each in asked if each != partner.id]
    reasons = (
        (reader.t.code("facts.excluded", candidate.reason),)
        if candidate.reason
        else key_words(dict(candidate.keys), reader)
    )
    place = place_words(partner.country, partner.postcode, partner.town)
    may_be_assigned = candidate.reason not in NOT_ASSIGNABLE and not only_one_asked
    return Candidate(
        partner.id, partner.name, place, reasons, may_be_assigned, ", ".join(others[:ASKED_NAMED])
    )


def access_page(view: AccessView) -> str:
    """Who may open a partner's links, each with a button that ends theirs."""
    reader = LocaleContext.at_home(view.programme, view.programme.hq.language, view.now)
    partner = view.partner
    contacts = [("contact", partner.contact), ("second", partner.second_contact)]
    generations = people(partner)
    return render(
        "access.html",
        reader,
        view.programme,
        reader.t,
        partner.name,
        view=view,
        people=[
            *((role, each, generations[person_id(each.email)]) for role, each in contacts if each),
            *(("colleague", each, each.seen) for each in view.colleagues),
        ],
        notice=view.notice if view.notice in ("revoked", "revoked_before") else "",
    )


def _labels(action: str, t: Catalog) -> dict[str, str]:
    """Of the fields of one of the forms on a lead's page that can be wrong."""
    match action:
        case "move":
            return {"postcode": t("status.postcode.label"), "town": t("status.postcode.town")}
        case "note":
            return {"text": t("queue.note.label")}
    return {}
