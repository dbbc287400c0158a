"""Facts told in sentences: the timeline of a lead, the lines of HQ's digests and alerts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from routing_core.domain.events import CommitRecord, Fact
from routing_core.domain.hq_people import BY_LINK, hq_person
from routing_core.domain.lead import TO_DECIDE, Lead
from routing_core.domain.offer import Offer, OfferStatus
from routing_core.domain.partner import Partner
from routing_core.domain.programme.programme import Programme
from routing_core.domain.programme.reasons import Reason, ReturnReason
from routing_core.present.locale_context import LocaleContext
from routing_core.present.safe import line, shown_address

WITH_UNTIL = ("offer.made", "offer.shortened", "contact.at_risk", "promise.renewed", "lead.held")
"""Facts that are told with their instant, where they name one."""
BY_HQ = (
    "claim.granted",
    "lead.assigned",
    "lead.erased",
    "lead.moved",
    "lead.noted",
    "lead.rejected",
    "lead.released",
    "lead.rerouted",
)
"""Facts that say who did it, where that was somebody at HQ."""
NOT_OF_HQ = ("prospect", "partner")


@dataclass(frozen=True, slots=True)
class Moment:
    when: str
    kind: str
    sentence: str


def reason_words(reasons: Sequence[Reason | ReturnReason], code: str, reader: LocaleContext) -> str:
    """The programme's own words for a decline or lost reason; what follows a colon in the code is
    free text.
    """
    code, _, text = code.partition(":")
    ours = reader.t.find(f"facts.reason.{code}") or code.replace("_", " ")
    words = next((reader.say(r.label) for r in reasons if r.id == code), ours)
    return line(f"{words} ({text.strip()})" if text.strip() else words) or reader.t("common.none")


def offer_reason(offer: Offer, programme: Programme, reader: LocaleContext) -> str:
    """Why a partner declined, claims or gave back, in the programme's words; empty if there was
    none to give.
    """
    reasons = (
        programme.return_reasons
        if offer.status is OfferStatus.RETURNED
        else programme.decline_reasons
    )
    return reason_words(reasons, offer.reason, reader) if offer.reason else ""


def instant(value: Any) -> datetime | None:
    """An instant out of a fact's data: ISO text or already a datetime."""
    if isinstance(value, datetime):
        return value
    try:
        return datetime.fromisoformat(value) if value else None
    except (TypeError, ValueError):
        return None


def sentence(
    kind: str,
    data: Mapping[str, Any],
    reader: LocaleContext,
    programme: Programme,
    partners: Mapping[str, Partner],
) -> str:
    """One fact as a sentence; whatever a fact leaves out is simply not said."""
    t = reader.t
    partner = str(data.get("partner") or "")
    known = partners.get(partner)
    until = next(
        (at for k in ("until", "expires_at", "hear_by", "by") if (at := instant(data.get(k)))), None
    )
    fill: dict[str, Any] = {
        "partner": known.name if known else partner or t("common.label.partner"),
        "reason": _reason(kind, str(data.get("reason") or ""), reader, programme),
        "why": t.code("facts.why", str(data.get("why") or "")) or t("common.none"),
        "of": t.code("facts.status_name", str(data.get("of") or "").rpartition(".")[2]),
        "by": _doer(data, reader),
        "value": reader.money(
            str(data.get("value") or ""), str(data.get("currency") or programme.currency)
        ),
        "until": reader.when(until) if until else "",
        "n": lapses_in_a_row(kind, data, programme),
    }
    variant = ""
    if kind == "lead.handed_over" and (to := str(data.get("to") or "")):
        variant, fill["to"] = "_to", partners[to].name if to in partners else to
    elif kind in ("lead.won", "lead.quoted") and data.get("value"):
        variant = "_value"
    elif kind == "lead.erased" and data.get("by"):
        variant = "_request"
    elif kind == "offer.expired" and data.get("shared"):
        variant = "_shared"
    elif kind == "offer.reminded" and data.get("second"):
        variant = "_second"
    elif kind == "lead.released" and data.get("reason") in TO_DECIDE:
        variant = "_decided"
    elif kind == "lead.not_called" and data.get("write"):
        variant = "_write"
    elif kind in WITH_UNTIL and until:
        variant = "_until"
    told = t.find(f"facts.{kind}{variant}", **fill) or line(
        kind.replace(".", " ").replace("_", " ")
    )
    if kind == "offer.made" and data.get("kind") not in (None, "", "routed"):
        told = f"{told} ({t.code('facts.kind', str(data['kind']))})"
    if kind == "offer.made" and data.get("wave"):
        told = f"{told} ({t('facts.wave', wave=data['wave'])})"
    if data.get("shortened"):
        told = f"{told} ({t('facts.shortened')})"
    if data.get("no_reminder"):
        told = f"{told} ({t.code('facts.no_reminder', str(data['no_reminder']))})"
    if data.get("holidays_through"):
        told = f"{told} ({t('facts.holidays_through', year=data['holidays_through'])})"
    if kind in BY_HQ and (who := _who_at_hq(str(data.get("by") or ""), reader, programme)):
        told = f"{told} ({line(who)})"
    return told


def _doer(data: Mapping[str, Any], reader: LocaleContext) -> str:
    """Says which side did it: the customer, the partner, or HQ, whose people and API keys have
    names of their own.
    """
    by = str(data.get("by") or "")
    return reader.t(f"facts.by.{by if by in NOT_OF_HQ else 'hq'}")


def _who_at_hq(by: str, reader: LocaleContext, programme: Programme) -> str:
    """Names the person by their address, or the API key; empty where a fact of old says no more
    than HQ.
    """
    kind, _, person = by.partition(":")
    if by in ("", "hq", *NOT_OF_HQ):
        return ""
    if kind != BY_LINK:
        return reader.t("facts.who.key", name=by)
    if not person:
        return reader.t("facts.who.shared")
    known = hq_person(programme, person)
    return shown_address(known.email) if known else reader.t("facts.who.former")


def lapses_in_a_row(kind: str, data: Mapping[str, Any], programme: Programme) -> int:
    """How many lapses a fact tells of, or a mail that comes of it; else the programme's number for
    it.
    """
    limit = programme.lapses.pause if kind == "partner.paused" else programme.lapses.unseen_to_hq
    return int(data.get("lapses") or limit)


def _reason(kind: str, code: str, reader: LocaleContext, programme: Programme) -> str:
    if not code:
        return reader.t("common.none")
    if kind == "lead.lost":
        return reader.t.find(f"facts.closed.{code}") or reason_words(
            programme.lost_reasons, code, reader
        )
    if kind == "lead.returned":
        return reason_words(programme.return_reasons, code, reader)
    if kind == "lead.queued":
        return reader.t.code("facts.queue", code)
    if kind in ("lead.quarantined", "lead.confirmed"):
        return reader.t.code("facts.spam", code)
    return reason_words(programme.decline_reasons, code, reader)


def told(
    fact: Fact,
    reader: LocaleContext,
    programme: Programme,
    partners: Mapping[str, Partner],
    lead: Lead,
) -> str:
    """As ``sentence``, with the offer's partner and window looked up where a fact names only its
    number.
    """
    data = dict(fact.data)
    number = data.get("n") or data.get("offer") or data.get("number")
    offer = lead.offer(number) if isinstance(number, int) else None
    if offer:
        data.setdefault("partner", offer.partner)
        if fact.kind == "offer.made":
            data.setdefault("until", offer.expires_at)
            data.setdefault("kind", offer.kind.value)
        if fact.kind == "offer.declined":
            data.setdefault("reason", offer.reason)
    elif lead.owner and "partner" not in data:
        data["partner"] = lead.owner
    return sentence(fact.kind, data, reader, programme, partners)


def moments(
    rows: tuple[CommitRecord, ...],
    reader: LocaleContext,
    programme: Programme,
    partners: Mapping[str, Partner],
    lead: Lead,
) -> tuple[Moment, ...]:
    """In order; what came of an enquiry at once is told after its arrival, though one commit holds
    both.
    """
    return tuple(
        Moment(reader.when(row.at), fact.kind, told(fact, reader, programme, partners, lead))
        for row in rows
        for fact in sorted(
            row.facts, key=lambda fact: row.version > 1 or fact.kind != "lead.received"
        )
    )


def offer_outcome(offer: Offer, reader: LocaleContext, programme: Programme) -> str:
    """How an offer ended: ``declined (no capacity), today 10:04``."""
    words = reader.t(f"facts.offer_status.{offer.status.value}")
    if (
        offer.status in (OfferStatus.DECLINED, OfferStatus.EXISTING_CUSTOMER, OfferStatus.RETURNED)
        and offer.reason
    ):
        words = f"{words} ({offer_reason(offer, programme, reader)})"
    elif offer.status is OfferStatus.WITHDRAWN and offer.reason:
        words = f"{words} ({reader.t.code('facts.why', offer.reason)})"
    at = offer.answered_at or (offer.expires_at if offer.status is OfferStatus.EXPIRED else None)
    return f"{words}, {reader.when(at)}" if at else words
