"""Every mail, in every state."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

from routing_core.domain.events import (
    LeadCorrected,
    LeadNotCalled,
    LeadNoted,
    OfferRedirected,
    from_data,
)
from routing_core.domain.lead import Colleague, Deadline, DeadlineKind, LeadStatus, Note
from routing_core.domain.offer import OfferKind, OfferStatus
from routing_core.domain.on_behalf import EntryWay
from routing_core.service.kernel.views import Entry, MailView
from tests.samples.cast import (
    CALL_BY,
    CONTEXT,
    ERASED,
    HOST,
    LEAD,
    OWNED,
    PARTNER,
    PEOPLE,
    PROGRAMME,
    SECOND,
    TRIED,
)
from tests.support.builders import NOON, an_offer

LINKS = {
    name: f"{HOST}/{name[0]}/k1.{name}"
    for name in ("offer", "desk", "status", "confirm", "queue", "lead", "form", "held_back")
}


def mail_views(language: str) -> Iterator[tuple[str, MailView]]:
    """Every template at least once."""

    def mail(template: str, **changes: object) -> MailView:
        fields = {
            "lead": LEAD,
            "offer": LEAD.offers[0],
            "partner": PARTNER,
            "links": LINKS,
        } | changes
        return MailView(template, PROGRAMME, language, NOON, ("to@example.com",), **fields)  # type: ignore[arg-type]

    owned = {"lead": OWNED, "offer": OWNED.offers[0], "context": CONTEXT}
    yield "offer", mail("offer")
    yield (
        "offer-emergency",
        mail(
            "offer",
            lead=replace(LEAD, urgency="emergency"),
            offer=an_offer(kind=OfferKind.BACKUP, on_lapse="share"),
        ),
    )
    yield "reminder", mail("reminder", data={"second": True})
    yield "accepted", mail("accepted", **owned)
    for why in (
        "taken",
        "withdrawn",
        "assigned",
        "retracted",
        "expired",
        "shared",
        "joined",
        "not_granted",
        "undecided",
        "closed",
        "unreachable",
    ):
        yield f"gone-{why}", mail("gone", data={"why": why})
    former = replace(OWNED.offers[0], accepted_at=NOON)
    yield "gone-assigned-from-you", mail("gone", offer=former, data={"why": "assigned"})
    granted = replace(OWNED.offers[0], reason="customer")
    yield "accepted-granted", mail("accepted", **owned | {"offer": granted})
    yield "repeated", mail("repeated", data={"differs": ("phone", "urgency")}, **owned)
    yield "repeated-early", mail("repeated")
    for what in ("note", "phone", "postcode", "withdraw"):
        yield f"repeated-{what}", mail("repeated", data={"what": what}, **owned)
    for kind, event in (
        ("note", LeadNoted(by="prospect")),
        ("phone", LeadCorrected()),
        ("not_called", LeadNotCalled()),
    ):
        yield f"noted-{kind}", mail("noted", event=event, **owned)
    yield "noted-early", mail("noted", event=LeadNoted(by="prospect"))
    for template in (
        "contact_reminder",
        "contact_retracted",
        "status_ask",
        "quote_ask",
        "prospect_withdrew",
    ):
        yield template, mail(template, **owned)
    asked = Note(NOON, "hq:link:3ed27a04", "Has the <b>boiler</b> been ordered?", PARTNER.id)
    asking = replace(CONTEXT, notes=(*CONTEXT.notes, asked))
    yield "question", mail("question", **owned | {"context": asking})
    yield "please_erase", mail("please_erase", lead=ERASED, offer=OWNED.offers[0])
    for template in ("paused", "resumed", "unseen", "confirm_address", "ask_more"):
        yield template, mail(template, lead=None, offer=None)
    for why in ("confirmed", "renewed", "asked"):
        yield f"desk_link-{why}", mail("desk_link", lead=None, offer=None, data={"why": why})
    hear_by = (NOON + timedelta(hours=4)).isoformat()
    for answer in ("offered", "waiting", "noted", "joined"):
        data = {"answer": answer, "hear_by": hear_by}
        yield f"receipt-{answer}", mail("receipt", partner=None, offer=None, data=data)
    for way in EntryWay:
        entered = replace(LEAD, entered=way)
        yield f"receipt-entered-{way}", mail("receipt", lead=entered, partner=None, offer=None)
    yield "confirm_enquiry", mail("confirm_enquiry", partner=None, offer=None)
    many = {"count": 57, "alike": [42, 3]}
    for name, told in (("held_back", many), ("held_back-one", {"count": 1, "alike": []})):
        yield name, mail("held_back", lead=None, offer=None, partner=None, data=told)
    yield "partner_found", mail("partner_found", lead=OWNED, offer=None)
    for outcome in ("won", "lost"):
        yield f"served-{outcome}", mail("served", offer=None, data={"outcome": outcome})
    for template in ("follow_up", "promise_update", "nurture_ask", "closed"):
        yield template, mail(template, partner=None, offer=None, data={"hear_by": hear_by})
    hq_lead = replace(OWNED, score=12)
    yield "confirmation", mail("confirmation", lead=hq_lead, offer=None)
    claim = an_offer(status=OfferStatus.EXISTING_CUSTOMER, reason="customer")
    hold = (Deadline(CALL_BY, DeadlineKind.HQ_HOLD),)
    held = replace(
        LEAD,
        status=LeadStatus.HQ_QUEUE,
        reason="claimed",
        contact=None,
        offers=(claim,),
        deadlines=hold,
    )
    back = replace(
        held,
        reason="returned",
        offers=(an_offer(status=OfferStatus.RETURNED, reason="contact"),),
        deadlines=(),
    )
    yield "decide-returned", mail("decide", lead=back, offer=None, data={"reason": "returned"})
    yield (
        "closed-returned",
        mail("closed", lead=replace(LEAD, reason="unreachable"), data={"reason": "returned"}),
    )
    waits = replace(LEAD, promised_by=NOON + timedelta(hours=4))
    for kind in ("lead.returned", "offer.withdrawn", "contact.retracted"):
        yield (
            f"moved_on-{kind}",
            mail("moved_on", lead=waits, offer=None, event=from_data(kind, {})),
        )
    handed = an_offer(status=OfferStatus.WITHDRAWN, reason="handed_over")
    passed_on = replace(held, reason="handed_over", offers=(handed,))
    yield (
        "decide-handed-over",
        mail("decide", lead=passed_on, offer=None, data={"reason": "handed_over"}),
    )
    helped = replace(OWNED, colleague=Colleague("p1", "sam@huber.example", "Sam Huber"))
    yield "delegated", mail("delegated", **owned | {"lead": helped})
    yield "will_call", mail("will_call", offer=None, lead=helped)
    yield "will_call-later", mail("will_call", offer=None, lead=replace(helped, deadlines=()))
    yield "partner_found-colleague", mail("partner_found", offer=None, lead=helped)
    yield "delegated-later", mail("delegated", **owned | {"lead": replace(helped, deadlines=())})
    yield "offer-redirected", mail("offer", event=OfferRedirected(offer=1, partner="p1"))
    yield "offer-handed", mail("offer", offer=an_offer(kind=OfferKind.HANDED))
    yield "decide-claimed", mail("decide", lead=held, offer=None, data={"reason": "claimed"})
    entries = (
        Entry("offer.accepted", OWNED, PARTNER, NOON, LINKS["lead"]),
        Entry("lead.won", OWNED, SECOND, NOON - timedelta(hours=3), LINKS["lead"]),
    )
    yield "digest", mail("digest", lead=None, offer=None, partner=None, entries=entries)
    tried = tuple((PEOPLE.get(o.partner), o) for o in TRIED.offers)
    alert = Entry(
        "lead.exhausted", TRIED, None, NOON, LINKS["lead"], tried, {"full": 3, "certificate": 1}
    )
    none = Entry(
        "lead.exhausted",
        replace(TRIED, postcode="99998", town="", offers=()),
        None,
        NOON,
        LINKS["lead"],
    )
    yield "alert", mail("alert", lead=None, offer=None, partner=None, entries=(alert, none))
    yield "alert-one", mail("alert", lead=None, offer=None, partner=None, entries=(alert,))
    for template in (
        "contact_missed",
        "quote_missed",
        "outcome_missed",
        "phone_partner",
        "partner_paused",
        "partner_bounced",
        "not_called",
        "reply",
        "review",
    ):
        yield template, mail(template, lead=hq_lead, offer=None)
    yield "hq_link", mail("hq_link")
    yield "hq_sign_in", mail("hq_sign_in", data={"minutes": 60})
    yield (
        "partner_unconfirmed",
        mail(
            "partner_unconfirmed",
            lead=None,
            offer=None,
            partner=None,
            data={"count": 2, "names": ["Neu GmbH", "Alt KG"]},
        ),
    )
    for what in ("renewed", "by_hand", "zones"):
        names = ("Boston Air: EST → America/New_York",) if what == "zones" else ()
        data = {"what": what, "year": 2029, "count": 1, "names": names}
        yield f"calendars-{what}", mail("calendars", lead=None, offer=None, partner=None, data=data)
    for who in ("second", "colleague"):
        data = {"email": "kim@huber.example", "who": who}
        yield f"other_bounced-{who}", mail("other_bounced", lead=None, offer=None, data=data)
