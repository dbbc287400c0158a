"""HQ's page of one lead: what was tried, who could take it, and what HQ can do."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from routing_core.domain.enquiry.qualify import because
from routing_core.domain.enquiry.typed_fields import LENGTHS
from routing_core.domain.hq_people import Right
from routing_core.domain.lead import REJECTABLE, DeadlineKind, LeadStatus
from routing_core.domain.questions import open_question
from routing_core.present.explain.decision_words import explained, key_words
from routing_core.present.explain.entered import entered_lines
from routing_core.present.explain.timeline import Moment, moments, offer_outcome, offer_reason
from routing_core.present.interest import told_interest
from routing_core.present.lead_summary import (
    TO_OWNER,
    LabelledLine,
    also_lines,
    contact_lines,
    lead_lines,
    lead_title,
    partner_name,
    place_words,
)
from routing_core.present.locale_context import LocaleContext
from routing_core.present.notes import hq_notes
from routing_core.present.pages.frame import known_notice, page_in, render
from routing_core.present.pages.queue import QUEUE_NOTICES
from routing_core.present.pages.summary import at_action
from routing_core.present.problems import by_field
from routing_core.service.kernel.views import CandidateView, Meanwhile, QueueLeadView

NOT_ASSIGNABLE = ("unconfirmed", "bounced")
"""Names why not even HQ can assign a lead to a partner: no mail would reach them."""
ASKED_NAMED = 6
"""Partners named in one question, of a wave that may have forty."""
REFERENCE_LENGTH = 8
"""Letters of a lead's id, its last, that are its reference."""


@dataclass(frozen=True, slots=True)
class CandidateRow:
    """One partner who could take the lead, or could not, as the page shows it."""

    id: str
    """The partner's id, which the button posts."""
    name: str
    """The partner's name."""
    place: str
    """The partner's seat."""
    reasons: tuple[str, ...]
    """Says what ranks them, or why they are not asked."""
    assignable: bool
    """Shows the button that assigns the lead to them."""
    instead_of: str
    """Names who is being asked now and would no longer be; empty if nobody is."""


@dataclass(frozen=True, slots=True)
class AskedAgain:
    """Asks whether a button is still meant, because the lead changed meanwhile."""

    happened: tuple[Moment, ...]
    """Tells what happened in between."""
    question: str
    """Asks whether to do what would be done now."""
    fields: Mapping[str, str]
    """The fields that are posted if the answer is yes."""


@dataclass(frozen=True, slots=True)
class ToDecide:
    """What a partner said that HQ must judge."""

    sentence: str
    """Says what the partner said, and until when HQ can decide."""
    partner: str
    """The partner's name."""
    grant: bool
    """Shows the button that makes the lead theirs."""


def queue_lead_page(view: QueueLeadView) -> str:
    """Draw the page of one lead as it stands now."""
    programme = view.programme
    locale = LocaleContext.for_programme(
        programme, view.reader.language or programme.hq.language, view.now
    )
    told = hq_lead_fill(view, locale)
    return render(page_in(locale, programme, "queue_lead.html", told["heading"]), **told)


def hq_lead_fill(view: QueueLeadView, locale: LocaleContext) -> dict[str, Any]:
    """Give what ``lead_body.html`` shows of a lead, on whichever page it stands."""
    return {
        "view": view,
        "heading": lead_title(view.lead, view.programme, locale, everything=True),
        "notice": known_notice(view.notice, QUEUE_NOTICES),
        **_about_lead(view, locale),
        **_what_was_tried(view, locale),
        **_what_can_be_done(view, locale),
        **_what_was_posted(view, locale),
    }


def _about_lead(view: QueueLeadView, locale: LocaleContext) -> dict[str, Any]:
    lead, context, programme = view.lead, view.context, view.programme
    told = lead_lines(lead, programme, locale, TO_OWNER)
    return {
        "lead": lead,
        "status": _status(view, locale),
        "urgent": programme.is_emergency(lead.urgency),
        "facts": (*told, *_more_lines(view, locale)),
        "contact": contact_lines(lead, locale),
        "also": also_lines(context, locale),
        "message": context.message,
        "notes": hq_notes(context, programme, locale),
        "interest": told_interest(context, locale),
        "score": because(programme, lead.score_reasons, locale.language),
        "erased": lead.status is LeadStatus.ERASED,
        "owner": _name(lead.owner, view) if lead.owner else "",
    }


def _status(view: QueueLeadView, locale: LocaleContext) -> str:
    """Say the status; of an erased lead also the one it ended in."""
    if view.lead.is_compared(locale.now):
        return locale.translate("queue.compared")
    statuses = [status for status in (view.lead.status, view.lead.ended) if status]
    names = [locale.catalog.of_code("facts.status_name", each.value) for each in statuses]
    return " · ".join(names)


def _more_lines(view: QueueLeadView, locale: LocaleContext) -> list[LabelledLine]:
    """Say what only HQ sees of it: when it came, who has it, which others belong to it."""
    lead = view.lead
    received = locale.translate("common.label.received")
    lines = [LabelledLine("received", received, locale.when(lead.received_at))]
    lines += entered_lines(view.context, locale, view.programme)
    if lead.promised_by:
        promised = locale.translate("queue.promised")
        lines.append(LabelledLine("promised", promised, locale.when(lead.promised_by)))
    if lead.owner:
        partner = locale.translate("common.label.partner")
        page = f"{view.pages_url}/partners/{lead.owner}"
        lines.append(LabelledLine("partner", partner, _name(lead.owner, view), page))
    if lead.attached_to:
        lines.append(_other("attached_to", lead.attached_to, view, locale))
    lines += [_other("attached", each, view, locale) for each in lead.attached]
    if lead.alike:
        lines.append(_other("same_customer", lead.alike, view, locale))
    return lines


def _other(kind: str, lead_id: str, view: QueueLeadView, locale: LocaleContext) -> LabelledLine:
    """Show another enquiry that has to do with this one, to open."""
    reference = lead_id[-REFERENCE_LENGTH:].upper()
    label = locale.translate(f"queue.{kind}")
    return LabelledLine(kind, label, reference, f"{view.pages_url}/leads/{lead_id}")


def _what_was_tried(view: QueueLeadView, locale: LocaleContext) -> dict[str, Any]:
    lead, programme, partners = view.lead, view.programme, view.partners
    tried = []
    for offer in lead.offers:
        outcome = offer_outcome(offer, locale, programme)
        tried.append((offer.partner, _name(offer.partner, view), outcome))
    return {
        "tried": tried,
        "decisions": explained(view.timeline, lead, locale, programme, partners),
        "timeline": moments(view.timeline, locale, programme, partners, lead),
    }


def _what_can_be_done(view: QueueLeadView, locale: LocaleContext) -> dict[str, Any]:
    lead = view.lead
    eligible = [each for each in view.candidates if not each.reason]
    excluded = [each for each in view.candidates if each.reason]
    waits_for_review = lead.status is LeadStatus.HQ_QUEUE and lead.reason == "review"
    may_act = Right.ACT_ON_LEADS.value in view.may
    return {
        "may_act": may_act,
        "ranked": _candidates(eligible, view, locale),
        "excluded": _candidates(excluded, view, locale),
        "releasable": may_act and (lead.status is LeadStatus.QUARANTINED or waits_for_review),
        "decide": _to_decide(view, locale) if lead.undecided else None,
        "retriable": may_act and view.retriable,
        "withdrawable": may_act and view.withdrawable,
        "movable": may_act and view.movable,
        **_question(view, locale),
        "rejectable": may_act and lead.status in REJECTABLE,
        "lengths": LENGTHS,
    }


def _question(view: QueueLeadView, locale: LocaleContext) -> dict[str, Any]:
    """Give what is needed to ask the owner something, and what waits for an answer."""
    waiting = open_question(view.lead, view.context.notes)
    return {
        "askable": view.askable,
        "asked_at": locale.when(waiting.at) if waiting else "",
    }


def _what_was_posted(view: QueueLeadView, locale: LocaleContext) -> dict[str, Any]:
    """Give what was typed last and is wrong, or what is asked again before it is done."""
    action = view.values.get("action", "")
    labels = _labels(action, locale)
    return {
        "action": action,
        "values": view.values,
        "errors": by_field(view.problems, locale.catalog),
        "problems": at_action(view.problems, action, labels, locale.catalog),
        "meanwhile": _asked_again(view.meanwhile, view, locale) if view.meanwhile else None,
    }


def _labels(action: str, locale: LocaleContext) -> Mapping[str, str]:
    """Give the labels of the fields that can be wrong in one of the page's forms."""
    match action:
        case "move":
            return {
                "postcode": locale.translate("status.postcode.label"),
                "town": locale.translate("status.postcode.town"),
            }
        case "note" | "ask":
            return {"text": locale.translate(f"queue.{action}.label")}
    return {}


def _asked_again(meanwhile: Meanwhile, view: QueueLeadView, locale: LocaleContext) -> AskedAgain:
    form = meanwhile.form
    since = tuple(row for row in view.timeline if row.version > meanwhile.seen)
    action = form.get("action", "")
    owner = _name(view.lead.owner, view) if view.lead.owner else ""
    # To take a lead from somebody is more than to give it: the question says from whom.
    if action == "assign" and owner:
        action = "take_away"
    partner = _name(form.get("partner", ""), view)
    question = locale.translate(f"queue.meanwhile.{action}", owner=owner, partner=partner)
    # The version of now takes the place of the one that was seen: pressed again, it is meant.
    fields = {name: value for name, value in form.items() if name != "version"}
    fields["version"] = str(view.lead.version)
    happened = moments(since, locale, view.programme, view.partners, view.lead)
    return AskedAgain(happened, question, fields)


def _to_decide(view: QueueLeadView, locale: LocaleContext) -> ToDecide:
    lead = view.lead
    # Not the last offer: in a wave somebody who was asked later may have answered before.
    offer = max(lead.offers, key=lambda each: each.answered_at or each.made_at)
    partner = _name(offer.partner, view)
    sentence = locale.translate(
        f"queue.decide.{lead.reason}",
        partner=partner,
        reason=offer_reason(offer, view.programme, locale),
        when=locale.when_known(lead.deadline(DeadlineKind.HQ_HOLD)),
    )
    return ToDecide(sentence, partner, lead.claimed is not None)


def _name(partner: str, view: QueueLeadView) -> str:
    return partner_name(view.partners, partner)


def _candidates(
    candidates: Iterable[CandidateView], view: QueueLeadView, locale: LocaleContext
) -> list[CandidateRow]:
    return [_candidate(each, view, locale) for each in candidates]


def _candidate(
    candidate: CandidateView, view: QueueLeadView, locale: LocaleContext
) -> CandidateRow:
    partner = candidate.partner
    asked = _asked_now(view)
    # Named in the question, for they would be told that it is gone.
    others = [_name(each, view) for each in asked if each != partner.id]
    reasons = key_words(dict(candidate.keys), locale)
    if candidate.reason:
        reasons = (locale.catalog.of_code("facts.excluded", candidate.reason),)
    has_it_already = partner.id == view.lead.owner or asked == [partner.id]
    return CandidateRow(
        id=partner.id,
        name=partner.name,
        place=place_words(partner.country, partner.postcode, partner.town),
        reasons=reasons,
        assignable=candidate.reason not in NOT_ASSIGNABLE and not has_it_already,
        instead_of=", ".join(others[:ASKED_NAMED]),
    )


def _asked_now(view: QueueLeadView) -> list[str]:
    """Give the ids of those who would lose the lead if it were assigned to somebody else."""
    if view.lead.claimed:
        return [view.lead.claimed.partner]
    return [offer.partner for offer in view.lead.live_offers]
