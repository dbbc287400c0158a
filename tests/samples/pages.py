"""Every page, in every state."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

from routing_core.domain.errors import Problem
from routing_core.domain.events import CommitRecord, LeadEvent, from_data
from routing_core.domain.lead import Colleague, Context, Deadline, DeadlineKind, LeadStatus, Note
from routing_core.domain.offer import RELEASED, OfferKind, OfferStatus
from routing_core.domain.partner import Absence, Caps, Load
from routing_core.domain.territory.territory import Territory
from routing_core.present.pages.access import access_page
from routing_core.present.pages.coverage import coverage_page
from routing_core.present.pages.desk import desk_page
from routing_core.present.pages.form import form_page
from routing_core.present.pages.hand_over import hand_over_page
from routing_core.present.pages.offer import offer_page
from routing_core.present.pages.queue import queue_page
from routing_core.present.pages.queue_lead import queue_lead_page
from routing_core.present.pages.simple import confirm_page, digest_page, hq_link_page, thanks_page
from routing_core.present.pages.status import status_page
from routing_core.routing.decide.decision import decide
from routing_core.routing.decide.record import record_of
from routing_core.routing.decide.situation import Situation
from routing_core.routing.history import Run, Tally
from routing_core.routing.index.network import Network
from routing_core.routing.policy import Enquiry, Policy
from routing_core.routing.report.survey import survey_coverage
from routing_core.service.hq.check_coverage import NetworkCoverageView
from routing_core.service.kernel.views import (
    AccessView,
    AttachedView,
    CandidateView,
    ColleagueAccess,
    ConfirmView,
    Coverage,
    DeskEndedView,
    DeskLead,
    DeskView,
    DigestView,
    FormView,
    OfferState,
    OfferView,
    QueueLeadView,
    QueueSection,
    QueueView,
    StatusView,
    ThanksView,
)
from routing_core.service.notifications.digest_readers import DIGESTS
from routing_core.simulation.back_test import BackTest
from tests.samples.cast import (
    CALL_BY,
    CONTEXT,
    ERASED,
    HIDDEN,
    HOST,
    LEAD,
    OWNED,
    PARTNER,
    PEOPLE,
    PROGRAMME,
    SECOND,
    THIRD,
    TRIED,
    URL,
)
from tests.support.builders import NOON, a_partner, an_offer


def coverage(partners: int = 3, open_now: int = 1, hotline: str = "") -> Coverage:
    opens = None if open_now else NOON + timedelta(hours=20)
    return Coverage(partners, open_now, opens, NOON + timedelta(hours=4), "80331", "", hotline)


def form_views(language: str) -> Iterator[tuple[str, FormView]]:
    one = FormView(PROGRAMME, PROGRAMME.forms[0], language, 1, "s-1", "signed", now=NOON)
    yield "form-1", one
    yield (
        "form-1-problems",
        replace(
            one,
            values={"product": "heat-pump", "postcode": "803"},
            problems=(
                Problem("postcode", "invalid_postcode", ""),
                Problem("urgency", "required", ""),
            ),
        ),
    )
    asked = {
        "country": "DE",
        "postcode": "80331",
        "product": "heat-pump",
        "urgency": "soon",
        "owner": "owner",
    }
    two = replace(one, step=2, values=asked, coverage=coverage())
    yield "form-2", two
    yield (
        "form-2-problems",
        replace(
            two,
            values={**asked, "name": "Ada", "email": "ada@", "message": "<b>hi</b>"},
            problems=(
                Problem("email", "invalid_email", ""),
                Problem("phone", "invalid_phone", ""),
                Problem("consent", "consent_missing", ""),
            ),
        ),
    )
    urgent = {**asked, "urgency": "emergency"}
    yield "form-emergency", replace(one, values=urgent)
    yield (
        "form-emergency-problems",
        replace(
            one,
            values=urgent,
            problems=(Problem("phone", "required", ""), Problem("postcode", "required", "")),
        ),
    )
    yield "form-2-hotline", replace(two, values=urgent, coverage=coverage(3, 0, "+49 89 99998000"))
    yield "form-2-nobody", replace(two, coverage=coverage(0, 0))


def offer_views(language: str) -> Iterator[tuple[str, OfferView]]:
    offer = LEAD.offers[0]
    at = NOON + timedelta(minutes=40)
    view = OfferView(
        PROGRAMME, HIDDEN, offer, PARTNER, OfferState.OPEN, language, at, URL, f"{HOST}/d/k1.desk"
    )
    view = replace(view, may_wait=True)
    view = replace(view, claims=frozenset({"customer"}))
    yield "offer-open", view
    emergency = replace(HIDDEN, urgency="emergency")
    yield (
        "offer-open-emergency",
        replace(view, lead=emergency, offer=replace(offer, kind=OfferKind.ASSIGNED)),
    )
    yield "offer-open-away", replace(view, release="away")
    yield "offer-open-paused", replace(view, release="paused")
    yield (
        "offer-open-problem",
        replace(
            view,
            values={"action": "decline", "text": "far"},
            problems=(Problem("reason", "required", ""),),
        ),
    )
    yield "offer-shared", replace(view, state=OfferState.SHARED, notice="full")
    mine = replace(
        view,
        state=OfferState.MINE,
        lead=replace(OWNED, attempts=()),
        offer=OWNED.offers[0],
        context=CONTEXT,
        contact_by=CALL_BY,
        give_back=tuple(PROGRAMME.return_reasons),
        give_back_until=NOON + timedelta(days=14),
    )
    yield (
        "offer-mine",
        replace(mine, now=NOON, notice="accepted", return_until=NOON + timedelta(minutes=10)),
    )
    asked = Note(NOON, "hq:link:3ed27a04", "Has the <b>boiler</b> been ordered?", PARTNER.id)
    asking = replace(mine, context=replace(CONTEXT, notes=(*CONTEXT.notes, asked)))
    yield "offer-mine-question", asking
    yield (
        "offer-mine-question-problem",
        replace(
            asking,
            values={"action": "reply", "text": "In May."},
            problems=(Problem("text", "asked_anew", ""),),
        ),
    )
    second = replace(
        LEAD,
        id="L" + "Z" * 24,
        status=LeadStatus.ATTACHED,
        attached_to=OWNED.id,
        urgency="emergency",
    )
    further = AttachedView(second, CONTEXT, "also-zzzz", ("urgency",), preset=True, open=True)
    another = replace(further, lead=replace(second, id="L" + "Y" * 24), open=False)
    yield "offer-mine-attached", replace(mine, now=NOON, attached=(further, another), alike=True)
    yield "offer-open-attached", replace(view, further=1)
    yield (
        "offer-mine-problem",
        replace(
            mine,
            lead=OWNED,
            values={"action": "won", "value": "much"},
            problems=(Problem("value", "invalid_number", ""),),
        ),
    )
    yield "offer-mine-late", replace(mine, lead=OWNED, now=CALL_BY + timedelta(hours=1))
    contacted = replace(OWNED, status=LeadStatus.CONTACTED, deadlines=())
    yield (
        "offer-mine-contacted",
        replace(
            mine,
            lead=contacted,
            contact_by=None,
            undo_until=at + timedelta(minutes=2),
            notice="contacted",
        ),
    )
    quoted = replace(contacted, status=LeadStatus.QUOTED, quote="12500")
    yield (
        "offer-mine-quoted",
        replace(
            mine,
            lead=quoted,
            contact_by=None,
            undo_until=at + timedelta(minutes=2),
            notice="quoted",
        ),
    )
    yield (
        "offer-mine-quote-problem",
        replace(
            mine,
            lead=contacted,
            contact_by=None,
            values={"action": "quoted", "value": "much"},
            problems=(Problem("value", "invalid_number", ""),),
        ),
    )
    won = replace(OWNED, status=LeadStatus.WON, value="12500")
    yield (
        "offer-won",
        replace(
            mine,
            state=OfferState.DONE,
            lead=won,
            contact_by=None,
            give_back=(),
            undo_until=at + timedelta(minutes=1),
            notice="won",
        ),
    )
    lost = replace(OWNED, status=LeadStatus.LOST, reason="price")
    yield (
        "offer-lost",
        replace(mine, state=OfferState.DONE, lead=lost, contact_by=None, give_back=()),
    )
    claimed = replace(offer, status=OfferStatus.EXISTING_CUSTOMER, reason="customer")
    held = replace(HIDDEN, offers=(claimed,), deadlines=(Deadline(CALL_BY, DeadlineKind.HQ_HOLD),))
    yield (
        "offer-claimed",
        replace(
            view, state=OfferState.EXISTING_CUSTOMER, lead=held, offer=claimed, notice="claimed"
        ),
    )
    ended = replace(claimed, status=OfferStatus.WITHDRAWN, reason="not_granted")
    yield "offer-not-granted", replace(view, state=OfferState.TAKEN, offer=ended)
    granted = replace(claimed, status=OfferStatus.ACCEPTED)
    yield "offer-mine-granted", replace(mine, offer=granted)
    declined = replace(offer, status=OfferStatus.DECLINED, reason="busy")
    yield (
        "offer-declined",
        replace(view, state=OfferState.DECLINED, offer=declined, notice="declined"),
    )
    yield (
        "offer-declined-full",
        replace(view, state=OfferState.DECLINED, offer=declined, then="pause"),
    )
    yield (
        "offer-declined-far",
        replace(view, state=OfferState.DECLINED, offer=declined, then="territory"),
    )
    released = replace(offer, status=OfferStatus.DECLINED, reason=RELEASED)
    yield (
        "offer-released",
        replace(view, state=OfferState.DECLINED, offer=released, notice="released"),
    )
    yield "offer-missed", replace(view, state=OfferState.MISSED, waiting=True, notice="waiting")
    yield "offer-taken", replace(view, state=OfferState.TAKEN, notice="too_late")
    yield "offer-returned", replace(view, state=OfferState.RETURNED)
    back = replace(OWNED.offers[0], status=OfferStatus.RETURNED, reason="work")
    yield (
        "offer-given-back",
        replace(view, state=OfferState.RETURNED, offer=back, notice="given_back"),
    )
    handed = replace(OWNED.offers[0], status=OfferStatus.WITHDRAWN, reason="handed_over")
    yield (
        "offer-handed-over",
        replace(view, state=OfferState.RETURNED, offer=handed, notice="handed_over"),
    )
    for why in ("assigned", "retracted"):
        former = replace(OWNED.offers[0], status=OfferStatus.WITHDRAWN, reason=why)
        yield f"offer-{why}-from-you", replace(view, state=OfferState.RETURNED, offer=former)
    for why in ("assigned", "moved", "unreachable"):
        gone = replace(offer, status=OfferStatus.WITHDRAWN, reason=why)
        yield f"offer-gone-{why}", replace(view, state=OfferState.TAKEN, offer=gone)
    yield "offer-open-handed", replace(view, offer=replace(offer, kind=OfferKind.HANDED))
    helped = replace(OWNED, colleague=Colleague("p1", "sam@huber.example", "Sam Huber"))
    yield "offer-mine-delegated", replace(mine, lead=helped, notice="delegated")
    yield (
        "offer-mine-give-back-problem",
        replace(
            mine,
            lead=OWNED,
            values={"action": "give_back", "reason": "unreachable"},
            problems=(Problem("reason", "not_tried", ""),),
        ),
    )
    yield "offer-closed", replace(view, state=OfferState.CLOSED)
    yield "offer-erased", replace(view, state=OfferState.ERASED, lead=ERASED)


def hand_over_views(language: str) -> Iterator[tuple[str, OfferView]]:
    mine = replace(dict(offer_views(language))["offer-mine-delegated"], notice="")
    view = replace(mine, others=(SECOND, THIRD), firm="huber.example")
    yield "hand-over", view
    outsider = {"action": "colleague", "name": "Sam", "email": "sam@elsewhere.example"}
    yield (
        "hand-over-outsider",
        replace(view, values=outsider, problems=(Problem("email", "outsider", ""),)),
    )
    yield "hand-over-nobody", replace(view, others=(), firm="", values={"action": "partner"})
    yield (
        "hand-over-silent",
        replace(
            view, values={"action": "hq", "text": ""}, problems=(Problem("text", "required", ""),)
        ),
    )


def desk_views(language: str) -> Iterator[tuple[str, DeskView]]:
    load = Load("p1", active=True, open_count=3, caps=Caps(open=10))
    urgent = replace(HIDDEN, urgency="emergency")
    offers = (
        DeskLead(
            urgent,
            LEAD.offers[0],
            URL,
            Deadline(NOON + timedelta(minutes=25), DeadlineKind.EXPIRE, 1),
        ),
        DeskLead(
            HIDDEN,
            LEAD.offers[0],
            URL,
            Deadline(NOON + timedelta(hours=20), DeadlineKind.EXPIRE, 1),
        ),
    )
    view = DeskView(
        PROGRAMME,
        PARTNER,
        load,
        language,
        NOON,
        offers=offers,
        to_call=(
            DeskLead(
                OWNED,
                OWNED.offers[0],
                URL,
                Deadline(NOON - timedelta(hours=1), DeadlineKind.CONTACT),
            ),
        ),
        to_update=(
            DeskLead(
                replace(OWNED, status=LeadStatus.CONTACTED),
                OWNED.offers[0],
                URL,
                Deadline(NOON + timedelta(days=9), DeadlineKind.QUOTE),
            ),
            DeskLead(
                replace(OWNED, status=LeadStatus.QUOTED, quote="12500"),
                OWNED.offers[0],
                URL,
                Deadline(NOON + timedelta(days=60), DeadlineKind.OUTCOME),
            ),
        ),
        today=NOON.date(),
    )
    yield "desk", view
    today = NOON.date()
    holidays = (
        Absence(today, today + timedelta(days=3)),
        Absence(today + timedelta(days=30), today + timedelta(days=30)),
    )
    yield "desk-away", replace(view, holidays=holidays, notice="away")
    yield (
        "desk-holiday-problem",
        replace(
            view,
            values={"action": "holiday", "first": "2026-12-24", "last": "2026-12-20"},
            problems=(Problem("last", "before_first", ""),),
        ),
    )
    empty = Load("p1", active=False, open_count=0)
    yield (
        "desk-paused",
        replace(
            view,
            partner=replace(PARTNER, paused=True),
            load=empty,
            offers=(),
            to_call=(),
            to_update=(),
            notice="paused",
        ),
    )


def status_views(language: str) -> Iterator[tuple[str, StatusView]]:
    lead = replace(LEAD, promised_by=NOON + timedelta(hours=4))
    may = frozenset({"phone", "note", "withdraw"})
    view = StatusView(PROGRAMME, lead, CONTEXT, None, language, NOON, may)
    yield "status-offered", view
    owned = replace(view, lead=OWNED, partner=PARTNER, may=may | {"called", "not_called"})
    yield "status-accepted", replace(owned, notice="corrected")
    yield "status-contacted", replace(owned, lead=replace(OWNED, status=LeadStatus.CONTACTED))
    yield "status-quoted", replace(owned, lead=replace(OWNED, status=LeadStatus.QUOTED), may=may)
    yield "status-won", replace(owned, lead=replace(OWNED, status=LeadStatus.WON), may=frozenset())
    yield (
        "status-nurture",
        replace(view, lead=replace(lead, status=LeadStatus.NURTURE), may=may | {"ready"}),
    )
    yield "status-searching", replace(view, lead=replace(lead, status=LeadStatus.FOLLOW_UP))
    yield (
        "status-withdrawn",
        replace(
            view,
            lead=replace(lead, status=LeadStatus.WITHDRAWN),
            may=frozenset(),
            notice="withdrawn",
        ),
    )
    yield (
        "status-problem",
        replace(
            view,
            values={"action": "phone", "phone": "12"},
            problems=(Problem("phone", "invalid_phone", ""),),
        ),
    )


def queue_views(language: str) -> Iterator[tuple[str, QueueView | QueueLeadView]]:
    programme = PROGRAMME.model_copy(
        update={"hq": PROGRAMME.hq.model_copy(update={"language": language})}
    )
    spam = replace(LEAD, status=LeadStatus.QUARANTINED, reason="honeypot", offers=())
    listed = {
        "hq_queue": (TRIED, replace(TRIED, id="LZZZZ", urgency="emergency")),
        "follow_up": (replace(TRIED, status=LeadStatus.FOLLOW_UP),),
        "nurture": (),
        "quarantined": (spam,),
    }
    sections = {name: QueueSection(leads, len(leads)) for name, leads in listed.items()}
    at = NOON + timedelta(hours=3)
    yield "queue", QueueView(programme, sections, at, f"{HOST}/q/k1.q")
    many = {
        "quarantined": QueueSection((spam,) * 3, 1000, more=True),
        "hq_queue": QueueSection((TRIED,) * 3, 51),
    }
    yield "queue-full", QueueView(programme, many, at, f"{HOST}/q/k1.q")
    yield (
        "queue-spam",
        QueueView(
            programme, {"quarantined": QueueSection((), 0)}, at, f"{HOST}/q/k1.q", "", "quarantined"
        ),
    )
    yield "queue-empty", QueueView(programme, {}, at, f"{HOST}/q/k1.q")
    load = (("load", "2/10"), ("last_offered", (NOON - timedelta(days=1)).isoformat()))
    ranked = (
        CandidateView(
            THIRD,
            (("served_before", True), ("territory", "DE 80*"), ("rank", 1), ("tier", 1), *load),
        ),
        CandidateView(
            SECOND,
            (
                ("served_before", False),
                ("territory", "DE 80331"),
                ("rank", 2),
                ("tier", 2),
                ("load", "1"),
                ("last_offered", None),
            ),
        ),
    )
    view = QueueLeadView(
        programme,
        TRIED,
        CONTEXT,
        PEOPLE,
        (
            *ranked,
            CandidateView(PARTNER, reason="tried"),
            CandidateView(a_partner("p9", name="Neu GmbH"), reason="unconfirmed"),
        ),
        timeline(),
        at,
        f"{HOST}/q/k1.q/leads/{TRIED.id}",
        f"{HOST}/q/k1.q",
        pages_url=f"{HOST}/q/k1.q",
        may=frozenset({"act_on_leads", "assign", "erase", "export"}),
    )
    yield "queue-lead", view
    asked = Note(NOON, "hq:link:3ed27a04", "Has the <b>boiler</b> been ordered?", PARTNER.id)
    asking = replace(CONTEXT, notes=(*CONTEXT.notes, asked))
    yield "queue-lead-asked", replace(view, lead=OWNED, context=asking, askable=True)
    claim = an_offer(
        "p1", 1, status=OfferStatus.EXISTING_CUSTOMER, reason="customer", answered_at=NOON
    )
    hold = (Deadline(CALL_BY, DeadlineKind.HQ_HOLD),)
    back = an_offer("p1", 1, status=OfferStatus.RETURNED, reason="contact", answered_at=NOON)
    yield (
        "queue-lead-returned",
        replace(view, lead=replace(TRIED, reason="returned", offers=(back,), deadlines=())),
    )
    handed = an_offer("p1", 1, status=OfferStatus.WITHDRAWN, reason="handed_over", answered_at=NOON)
    passed_on = replace(TRIED, reason="handed_over", offers=(handed,), deadlines=hold)
    yield "queue-lead-handed-over", replace(view, lead=passed_on)
    yield (
        "queue-lead-claimed",
        replace(view, lead=replace(TRIED, reason="claimed", offers=(claim,), deadlines=hold)),
    )
    yield "queue-lead-spam", replace(view, lead=spam, timeline=(), notice="noted")
    yield (
        "queue-lead-erased",
        replace(view, lead=ERASED, context=Context(), candidates=(), timeline=erasure()),
    )
    yield (
        "queue-lead-decided",
        replace(view, timeline=decided_timeline(), partners={p.id: p for p in CROWD}),
    )
    yield (
        "queue-lead-problem",
        replace(view, problems=(Problem("partner", "unconfirmed", ""),), candidates=()),
    )


CROWD = (
    a_partner("p1", name="Isar Wärme", tier=1, territories=(Territory.parse("DE 803*"),)),
    *(a_partner(f"next-{n}", name=f"Sonnleitner & Töchter {n} KG") for n in range(5)),
    *(a_partner(f"other-{n}", products=frozenset({"boiler"})) for n in range(9)),
    *(a_partner(f"full-{n}", name=f"Voll {n} GmbH", caps=Caps(open=3)) for n in range(3)),
    a_partner("away", name="Alpenwärme eG", absences=(Absence(NOON.date(), NOON.date()),)),
)


def decided_timeline() -> tuple[CommitRecord, ...]:
    """Decided in a crowd, then with nobody left."""
    network = Network.compile("n1", CROWD, {})
    policy = Policy.of(PROGRAMME, 1)
    loads = {
        p.id: Load(p.id, active=True, caps=p.caps, open_count=3 if p.caps.open else 1)
        for p in CROWD
    }
    first = decide(Situation(Enquiry.of(replace(TRIED, offers=())), network, policy, NOON, loads))
    gone = frozenset(p.id for p in CROWD if p.id.startswith(("p1", "next")))
    last = decide(
        Situation(
            replace(Enquiry.of(TRIED), tried=gone),
            network,
            policy,
            NOON + timedelta(hours=2),
            loads,
        )
    )
    made, *_, ended = timeline()
    return (
        replace(made, decision=record_of(first, network, {"offered": "p1", "kind": "routed"})),
        replace(
            ended,
            decision=record_of(last, network, {"passed_over": {"full": ("full-0", "full-1")}}),
        ),
    )


def back_test_views(language: str) -> Iterator[tuple[str, BackTest]]:
    """Two months of a network of forty. The page is a file on somebody's disk: no function serves
    it.
    """
    programme = PROGRAMME.model_copy(
        update={"hq": PROGRAMME.hq.model_copy(update={"language": language})}
    )
    partners = {
        p.id: p
        for p in (a_partner(f"p{n}", name=f"Sonnleitner & Töchter {n} KG") for n in range(40))
    }

    def run(slower: int, lost: int) -> Run:
        tallies = {
            name: Tally(
                offers=n + slower * (n % 7),
                ranked=n + slower * (n % 7),
                accepted=n,
                waits=[0.5 * n + slower],
                fair=20.0,
            )
            for n, name in enumerate(partners)
        }
        waits = [0.002 * each**1.5 + slower for each in range(1060 - lost)]
        asked = [1, 2, 1 + slower] * 300
        return Run(1234, 1100, 1027, len(waits), lost, lost // 2, tallies, waits, asked)

    until = NOON + timedelta(days=61)
    yield (
        "backtest",
        BackTest(run(2, 40), run(0, 12), programme, partners, NOON, until, 2345, "1", until),
    )
    yield "backtest-empty", BackTest(Run(), Run(), programme, {}, NOON, NOON, 0, "1", NOON)


def coverage_views(language: str) -> Iterator[tuple[str, NetworkCoverageView]]:
    programme = PROGRAMME.model_copy(
        update={"hq": PROGRAMME.hq.model_copy(update={"language": language})}
    )
    partners = (
        PARTNER,
        SECOND,
        replace(
            THIRD,
            paused=True,
            territories=(Territory.parse("DE 85*"), Territory.parse("DE 20km 99999")),
        ),
    )
    network = Network.compile("1", partners, programme.regions)
    url = f"{HOST}/q/k1.q"
    report = survey_coverage(programme, network, NOON)
    view = NetworkCoverageView(
        programme, network.partners, report, f"{url}/coverage", url, may_export=True
    )
    yield "coverage", view
    yield (
        "coverage-whole",
        replace(view, coverage=replace(report, findings=(), unreachable=(), lost=())),
    )


def erasure() -> tuple[CommitRecord, ...]:
    facts = (
        from_data("lead.won", {"partner": "p1", "value": "12500", "currency": "EUR"}),
        from_data("lead.erased", {"by": "key"}),
    )
    return tuple(
        CommitRecord(ERASED.id, n, NOON + timedelta(hours=n), None, (fact,))
        for n, fact in enumerate(facts, 1)
    )


def timeline() -> tuple[CommitRecord, ...]:
    def row(version: int, minutes: int, *events: LeadEvent) -> CommitRecord:
        return CommitRecord(TRIED.id, version, NOON + timedelta(minutes=minutes), None, events)

    until = (NOON + timedelta(hours=2)).isoformat()
    return (
        row(
            1,
            0,
            from_data("lead.received", {"next": "offered"}),
            from_data(
                "offer.made", {"offer": 1, "partner": "p1", "kind": "routed", "until": until}
            ),
        ),
        row(
            2,
            20,
            from_data("offer.declined", {"offer": 1, "partner": "p1", "reason": "busy"}),
            from_data(
                "offer.made", {"offer": 2, "partner": "p2", "kind": "backup", "until": until}
            ),
        ),
        row(
            3,
            120,
            from_data("offer.expired", {"offer": 2, "partner": "p2", "shared": False}),
            from_data("lead.exhausted", {"tried": 2}),
            from_data("lead.queued", {"reason": "exhausted"}),
        ),
    )


def simple_views(language: str) -> Iterator[tuple[str, ThanksView | ConfirmView]]:
    for answer in ("offered", "waiting", "noted", "joined"):
        by = NOON + timedelta(hours=4) if answer in ("offered", "waiting") else None
        yield (
            f"thanks-{answer}",
            ThanksView(PROGRAMME, language, LEAD.reference, answer, by, f"{HOST}/s/k1.s"),
        )
    for state in ("ask", "done", "outdated"):
        yield f"confirm-{state}", ConfirmView(PROGRAMME, PARTNER, language, state)


def digest_views(language: str) -> Iterator[tuple[str, DigestView]]:
    for digest in sorted(DIGESTS):
        for is_stopped in (False, True):
            name = f"digest-{digest}-{'stopped' if is_stopped else 'ask'}"
            yield name, DigestView(PROGRAMME, language, digest, is_stopped)


def drawn_pages(language: str) -> Iterator[tuple[str, str]]:
    """Every page but the error pages, in each of its states: name → HTML."""
    yield from ((name, form_page(view)) for name, view in form_views(language))
    yield from ((name, offer_page(view)) for name, view in offer_views(language))
    yield from ((name, hand_over_page(view)) for name, view in hand_over_views(language))
    yield from ((name, desk_page(view)) for name, view in desk_views(language))
    yield from ((name, status_page(view)) for name, view in status_views(language))
    for name, view in queue_views(language):
        yield name, (queue_lead_page if "lead" in name else queue_page)(view)
    yield from ((name, coverage_page(view)) for name, view in coverage_views(language))
    in_their_words = PROGRAMME.model_copy(
        update={"hq": PROGRAMME.hq.model_copy(update={"language": language})}
    )
    yield (
        "access",
        access_page(
            AccessView(
                in_their_words, PARTNER, NOON, f"{HOST}/q/k1.q/partners/p1", f"{HOST}/q/k1.q"
            )
        ),
    )
    kim = (ColleagueAccess("kim@isar.example", "Kim", 0),)
    yield (
        "access-colleague",
        access_page(
            AccessView(
                in_their_words,
                PARTNER,
                NOON,
                f"{HOST}/q/k1.q/partners/p1",
                f"{HOST}/q/k1.q",
                kim,
                "revoked_before",
            )
        ),
    )
    for sent in (False, True):
        ended = DeskEndedView(PROGRAMME, PARTNER, language, sent)
        yield f"desk-link-{'sent' if sent else 'ended'}", desk_page(ended)
    yield "hq-link-ended", hq_link_page(in_their_words, "/q/k1.q")
    yield "hq-link-sent", hq_link_page(in_their_words)
    yield from ((name, digest_page(view)) for name, view in digest_views(language))
    for name, view in simple_views(language):
        yield name, (thanks_page if "thanks" in name else confirm_page)(view)
