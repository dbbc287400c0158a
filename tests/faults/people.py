"""What people do to the product: those who ask, partners, HQ; each act a rule of the games."""

import json
from abc import abstractmethod
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from functools import partial, wraps
from typing import Any
from urllib.parse import urlsplit

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from routing_core.aws.codecs.lead_items import lead_from_item
from routing_core.domain.lead import OPEN, OWNED, Lead, LeadStatus
from routing_core.domain.offer import OfferStatus
from routing_core.domain.values.mailboxes import email_mark
from tests.faults.calls import Killed
from tests.faults.conftest import told_at_the_end
from tests.faults.deliveries import PatientWorld
from tests.faults.playground import (
    AGAIN,
    ANSWERS,
    FIRM,
    HISTORIES,
    PEOPLE,
    POSTCODES,
    RETURNS,
    STEPS_AFTER,
    WISHES,
    Form,
    History,
    programmes,
)
from tests.support.hooks import meanwhile, writes_counted
from tests.support.invariants import NOTHING
from tests.support.world import Answer


def step(**drawn: Any) -> Callable[[Callable[..., None]], Any]:
    """A rule whose every play is counted and written down: also a game that fails once and never
    again can be read.
    """

    def noted(act: Callable[..., None]) -> Any:
        @wraps(act)
        def play(game: "People", **given: Any) -> None:
            game.story.append(f"{game.world.now:%d %H:%M:%S} {act.__name__} {given}")
            game.met["steps"] += 1
            with game.failure_told():
                act(game, **given)

        return rule(**drawn)(play)

    return noted


WORDS = "These are the words of enquiry number "
"""Of each that says nothing else: whose words they are can be seen wherever they are shown."""
MISSED = (OfferStatus.DECLINED, OfferStatus.EXPIRED, OfferStatus.WITHDRAWN)
TO_LOOK_AT = (LeadStatus.QUARANTINED, LeadStatus.HQ_QUEUE)


def may_wait(lead: Lead) -> bool:
    """Somebody missed it who could ask to have it if it comes free."""
    return not lead.finished and any(offer.status in MISSED for offer in lead.offers)


def may_be_owned(lead: Lead) -> bool:
    return bool(lead.live_offers) or lead.status in OWNED


class People(RuleBasedStateMachine):
    named: str
    """How to play these games again."""
    world: PatientWorld
    points: list[Mapping[str, Any]]
    """The playgrounds: a world with each of the programmes, and nobody who has asked yet."""
    met: Counter[str]
    """How often it came to what is rare, and the steps."""

    told = False
    """The first game that failed has been told; those after it only make it shorter."""

    def __init__(self) -> None:
        super().__init__()
        self.broken = False
        self.story: list[str] = []
        self.posts: list[tuple[str, dict[str, Any]]] = []
        self.acknowledged: dict[str, str] = {}
        self.seen = NOTHING

    @contextmanager
    def failure_told(self) -> Iterator[None]:
        """Whatever else the run prints or hides: what failed first, and how it came to it."""
        try:
            yield
        except Exception as failure:
            self.broken = True
            if not type(self).told:
                type(self).told = True
                lines = (
                    f"FAILED, game {self.met['games'] + 1} of {self.named}:",
                    *self.story,
                    f"{failure!r}",
                )
                told_at_the_end.append("\n  ".join(lines))
            raise

    @initialize(
        which=st.integers(0, 2),
        postcodes=st.lists(st.sampled_from(POSTCODES[:3]), min_size=1, max_size=3),
        history=st.sampled_from(HISTORIES),
        again=st.sampled_from([None, *AGAIN]),
        then=st.sampled_from(["nothing", "dealt with both", "withdrawn"]),
    )
    def start(
        self, which: int, postcodes: list[str], history: History, again: str | None, then: str
    ) -> None:
        """Somewhere in the middle of things, from where more can go wrong; ``again``: the first of
        them has asked once more since, and ``then`` a partner has spoken to them about both, or
        they have withdrawn the first.
        """
        self.story.append(f"start {which} {postcodes} {history} {again} {then}")
        self.world.trouble.next(None, -1)
        self.world.back_to(self.points[which])
        for person, postcode in enumerate(postcodes):
            self._submit(person, postcode, "heat-pump")
        with self.failure_told():
            for lead in self.acknowledged.values():
                for form in history.pressed if self.world.lead(lead).offers else ():
                    self.world.press(self.world.offer_link(lead, 1), **form)
                if history.decided:
                    self._at_queue(lead, **history.decided)
            if again:
                self._ask_again(self.posts[0][1], again)
                self.world.deliver()
                first = self.acknowledged["key-0"]
                if then == "dealt with both":
                    self._deal_with_both(first, STEPS_AFTER[1])
                if then == "withdrawn":
                    self.world.press(
                        urlsplit(self.world.wiring.links.status(first)).path, action="withdraw"
                    )
            if history.minutes:
                self.time_passes(history.minutes)

    @abstractmethod
    def time_passes(self, minutes: int) -> None:
        """Timers fire meanwhile, and the sweeper runs."""

    # ── intake ────────────────────────────────────────────────────────────────────────────────────

    @step(
        person=st.integers(0, len(PEOPLE) - 1),
        postcode=st.sampled_from(POSTCODES),
        product=st.sampled_from(["heat-pump", "heat-pump", "boiler"]),
        urgency=st.sampled_from(["soon", "soon", "emergency"]),
        kind=st.sampled_from(
            [
                "good",
                "good",
                "good",
                "spam",
                "tenant",
                "nobody",
                "couple",
                "landlord",
                "firm",
                "attacker",
                "mimic",
            ]
        ),
        with_phone=st.booleans(),
    )
    def submit(
        self, person: int, postcode: str, product: str, urgency: str, kind: str, with_phone: bool
    ) -> None:
        of_a_kind: dict[str, dict[str, str]] = {
            "good": {},
            "spam": {"website_url": "https://spam.example"},
            "tenant": {"owner": "tenant"},
            "nobody": {"owner": "tenant", "message": "", "urgency": "emergency"},
            "couple": {"name": "Max Beispiel", "email": f"max{person}@posteo.de"},
            "landlord": {
                "street": f"Hinterhaus {len(self.posts)}",
                "message": "Another house of mine.",
            },
            "firm": {
                "name": f"Colleague {person}",
                "email": f"colleague{person}@{FIRM}",
                "company": "Werk Beispiel",
            },
            "attacker": {"name": "Mallory", "phone": "+498999998666", "message": "Do not call."},
            "mimic": {"phone": "+498999998667", "message": "Call this number."},
        }
        more = {"urgency": urgency} | ({} if with_phone else {"phone": ""}) | of_a_kind[kind]
        self._submit(person, postcode, product, **more)

    def _submit(self, person: int, postcode: str, product: str, **more: str) -> None:
        email, phone = PEOPLE[person]
        self._enquire(
            {"postcode": postcode, "product": product, "email": email, "phone": phone} | more
        )

    @precondition(lambda self: self.posts)
    @step(which=st.integers(0, 99), how=st.sampled_from(sorted(AGAIN)), at_once=st.booleans())
    def somebody_asks_again(self, which: int, how: str, at_once: bool) -> None:
        """Mostly what is open still; ``at_once``: compared with the first before anything else
        happens.
        """
        asked = [
            self._body_of(lead)
            for _, lead in sorted(self.seen.leads.items())
            if lead.status in OPEN
        ]
        bodies = [body for body in asked if body] or [body for _, body in self.posts]
        self._ask_again(bodies[which % len(bodies)], how)
        if at_once:
            self.world.deliver()

    def _body_of(self, lead: Lead) -> dict[str, Any] | None:
        """What was posted for it, if its sender was ever told that it arrived."""
        keys = {told: key for key, told in self.acknowledged.items()}
        return dict(self.posts).get(keys.get(lead.id, ""))

    def _ask_again(self, body: Mapping[str, Any], how: str) -> None:
        self._enquire({**body, **AGAIN[how]})

    def _enquire(self, body: dict[str, Any]) -> None:
        key = f"key-{len(self.posts)}"
        if body.get("urgency") == "emergency" and body.get("phone") == "":
            body["phone"] = (
                # a form does not send an emergency without one
                f"+498999998{1000 + len(self.posts)}"
            )
        body.setdefault("message", f"{WORDS}{len(self.posts)}.")
        self.posts.append((key, body))
        self._post(key, body)

    def _post(self, key: str, body: dict[str, Any]) -> None:
        answer = self._asked(
            lambda: self.world.post_lead(key, **body),
            410 if self._is_erased(self.acknowledged.get(key, "")) else 201,
        )
        if answer and answer.status == 201:
            lead = answer.json()["lead"]
            assert self.acknowledged.setdefault(key, lead) == lead

    def _asked(self, act: Callable[[], Answer], *expected: int) -> Answer | None:
        """None for an answer that never came, or that says to try again: only a fault just now may
        cause either.
        """
        earlier = self.world.trouble.fired
        try:
            answer = act()
        except Killed:
            return None
        if answer.status in expected:
            return answer
        assert self.world.trouble.fired, answer.body
        assert not earlier, answer.body
        assert answer.status in (409, 500), answer.body
        return None

    @step(times=st.sampled_from([1, 3, 4]))
    def a_crowd_at_the_door(self, times: int) -> None:
        """Each time somebody has decided, somebody else was quicker."""

        def another() -> None:
            self._enquire(
                {
                    "postcode": POSTCODES[0],
                    "email": f"crowd{len(self.posts)}@posteo.de",
                    "phone": "",
                }
            )

        with meanwhile(self.world, another, times=times):
            another()
        self.met["races"] += 1

    @precondition(lambda self: self.posts)
    @step(which=st.integers(0, 99))
    def submit_the_same_again(self, which: int) -> None:
        self._post(*self.posts[which % len(self.posts)])

    @precondition(lambda self: self.acknowledged)
    @step(which=st.integers(0, 99))
    def use_the_key_for_something_else(self, which: int) -> None:
        known = [post for post in self.posts if post[0] in self.acknowledged]
        key, body = known[which % len(known)]
        answer = 410 if self._is_erased(self.acknowledged[key]) else 422
        self._asked(
            lambda: self.world.post_lead(key, **body | {"message": "something else"}), answer
        )

    def _is_erased(self, lead_id: str) -> bool:
        lead = self.seen.leads.get(lead_id)
        return lead is not None and lead.status is LeadStatus.ERASED

    # ── partners and prospects ────────────────────────────────────────────────────────────────────

    def _any(self, only: Callable[[Lead], Any]) -> bool:
        return any(only(lead) for lead in self.seen.leads.values())

    def _lead(self, which: int, only: Callable[[Lead], Any] = lambda _: True) -> Lead:
        """One of those in question, or of all if there is none."""
        leads = [lead for _, lead in sorted(self.seen.leads.items())]
        leads = [lead for lead in leads if only(lead)] or leads
        return leads[which % len(leads)]

    def _press(self, lead: Lead, number: int, form: Form) -> None:
        """``number`` counts back from the latest offer."""
        self._press_on(lead, lead.offers[-1 - number % len(lead.offers)].number, form)

    def _press_on(self, lead: Lead, number: int, form: Form) -> None:
        path = self.world.offer_link(lead.id, number)
        self._asked(lambda: self.world.press(path, **form), 200, 422)

    @precondition(lambda self: self._any(lambda lead: lead.live_offers))
    @step(which=st.integers(0, 99), form=st.sampled_from((ANSWERS[0], *ANSWERS[:3])))
    def a_partner_answers(self, which: int, form: Form) -> None:
        self._press(self._lead(which, lambda lead: lead.live_offers), 0, form)

    @precondition(lambda self: self._any(lambda lead: lead.offers))
    @step(which=st.integers(0, 99), number=st.integers(0, 3), form=st.sampled_from(ANSWERS))
    def a_partner_presses_any_button_of_any_mail(self, which: int, number: int, form: Form) -> None:
        self._press(self._lead(which, lambda lead: lead.offers), number, form)

    @precondition(lambda self: self._any(lambda lead: lead.owner))
    @step(
        which=st.integers(0, 99),
        number=st.sampled_from([0, 0, 0, 1]),
        form=st.sampled_from(STEPS_AFTER),
        also=st.booleans(),
    )
    def the_owner_goes_on(self, which: int, number: int, form: Form, also: bool) -> None:
        """``also``: and says the same of what is attached."""
        lead = self._lead(which, lambda lead: lead.owner)
        self._press(lead, number, {**form, **(self._also(lead) if also else {})})

    @precondition(lambda self: self._any(lambda lead: lead.attached and may_be_owned(lead)))
    @step(which=st.integers(0, 99), form=st.sampled_from(STEPS_AFTER[1:5]), also=st.booleans())
    def a_partner_deals_with_both(self, which: int, form: Form, also: bool) -> None:
        """Accepts the first if need be, and says the step of it: and of what is attached, or
        not.
        """
        lead = self._lead(which, lambda lead: lead.attached and may_be_owned(lead))
        self._deal_with_both(lead.id, form, also)

    def _deal_with_both(self, lead_id: str, form: Form, also: bool = True) -> None:
        lead = self.world.lead(lead_id)
        if not lead.owner and lead.live_offers:
            self._press_on(lead, lead.live_offers[0].number, {"action": "accept"})
        if lead.offers:
            self._press(self.world.lead(lead_id), 0, {**form, **(self._also(lead) if also else {})})

    def _also(self, lead: Lead) -> dict[str, str]:
        return {f"also-{self.world.lead(each).reference.lower()}": "yes" for each in lead.attached}

    @precondition(lambda self: self._any(may_be_owned))
    @step(
        which=st.integers(0, 99),
        form=st.sampled_from(STEPS_AFTER[1:5]),
        seconds=st.sampled_from([30, 119, 120]),
    )
    def the_owner_thinks_again(self, which: int, form: Form, seconds: int) -> None:
        """Within the two minutes for that, or at their end."""
        lead = self._owned(which)
        self._press(lead, 0, form)
        self.world.run_for(seconds=seconds)
        self._press(lead, 0, {"action": "undo"})

    @precondition(lambda self: self._any(lambda lead: lead.offers))
    @step(which=st.integers(0, 99))
    def a_partner_looks(self, which: int) -> None:
        path = self.world.offer_link(self._lead(which, lambda lead: lead.offers).id)
        self._asked(lambda: self.world.http("GET", path), 200)
        self._asked(lambda: self.world.press(f"{path}/seen"), 204)

    @precondition(lambda self: self.seen.leads)
    @step(which=st.integers(0, 99), form=st.sampled_from(WISHES))
    def the_prospect_acts(self, which: int, form: Form) -> None:
        lead = self._lead(which)
        path = urlsplit(self.world.wiring.links.status(lead.id)).path
        expected = (410,) if lead.status is LeadStatus.ERASED else (200, 422)
        self._asked(lambda: self.world.press(path, **form), *expected)

    @step(which=st.integers(1, 4), action=st.sampled_from(["pause", "resume", "resume", "renew"]))
    def a_partner_pauses_or_resumes(self, which: int, action: str) -> None:
        partner = f"munich-{which}"
        self._at_desk(partner, action=action)

    @step(
        which=st.integers(1, 4), first=st.integers(0, 2), days=st.integers(0, 2), ends=st.booleans()
    )
    def a_partner_plans_a_holiday(self, which: int, first: int, days: int, ends: bool) -> None:
        """Or is back from one, early."""
        start = self.world.now.date() + timedelta(days=first)
        planned = {"first": f"{start}", "last": f"{start + timedelta(days=days)}"}
        for action in ("holiday", "end_holiday")[: 1 + ends]:
            self._at_desk(f"munich-{which}", action=action, **planned)

    @step(which=st.integers(1, 4), confirmed=st.booleans())
    def mail_to_a_partner_comes_back(self, which: int, confirmed: bool) -> None:
        """``confirmed``: and later somebody there reads it after all."""
        partner = f"munich-{which}"
        bounce = {
            "bounceType": "Permanent",
            "bouncedRecipients": [{"emailAddress": f"{partner}@example.com"}],
        }
        detail = {"mail": {"tags": {"partner": [partner]}}, "bounce": bounce}
        self.world.tell(
            {"Source": "aws.ses", "DetailType": "Email Bounced", "Detail": json.dumps(detail)}
        )
        if confirmed:
            self.world.deliver()
            page = self.world.wiring.links.confirm(partner, email_mark(f"{partner}@example.com"))
            self._asked(partial(self.world.press, urlsplit(page).path), 200)

    def _at_desk(self, partner: str, **form: str) -> None:
        desk = urlsplit(self.world.wiring.links.desk(partner, self.world.load(partner).links)).path
        self._asked(lambda: self.world.press(desk, **form), 200, 422)

    @precondition(lambda self: self._any(may_wait))
    @step(which=st.integers(0, 99), number=st.integers(0, 3))
    def a_partner_asks_for_a_waiting_place(self, which: int, number: int) -> None:
        lead = self._lead(which, may_wait)
        ended = [offer for offer in lead.offers if offer.status is not OfferStatus.PENDING]
        path = self.world.offer_link(lead.id, ended[-1 - number % len(ended)].number)
        self._asked(lambda: self.world.press(path, action="wait"), 200)

    @precondition(lambda self: self._any(may_be_owned))
    @step(
        which=st.integers(0, 99),
        to=st.sampled_from(["colleague", "hq", "partner", "partner"]),
        choice=st.integers(0, 3),
    )
    def the_owner_hands_it_over(self, which: int, to: str, choice: int) -> None:
        """To a colleague of the firm or of another, to another partner who could take it or could
        not, or to HQ.
        """
        lead = self._owned(which)
        others = [
            n for n in range(1, 5) if f"munich-{n}" not in {offer.partner for offer in lead.offers}
        ] or [1]
        form = {"email": ("a.colleague@example.com", "somebody@elsewhere.example")[choice % 2]}
        form |= {
            "action": to,
            "partner": f"munich-{others[choice % len(others)]}",
            "text": "Somebody nearer, please.",
        }
        self._press(lead, 0, form)

    @precondition(lambda self: self._any(may_be_owned))
    @step(which=st.integers(0, 99), form=st.sampled_from(RETURNS), attempts=st.integers(0, 2))
    def the_owner_gives_it_back(self, which: int, form: Form, attempts: int) -> None:
        """At once, or for a reason; one of them holds only for who has tried, and not on one day
        only.
        """
        lead = self._owned(which)
        for _ in range(attempts):
            self._press(lead, 0, {"action": "attempt", "text": "no answer"})
            self.time_passes(60)
        self._press(lead, 0, form)

    @precondition(lambda self: self._any(may_be_owned))
    @step(which=st.integers(0, 99), number=st.integers(0, 3))
    def it_comes_free_for_who_waits(self, which: int, number: int) -> None:
        """Somebody takes it, another would take it later, and HQ or the owner lets it go."""
        lead = self._owned(which)
        missed = [offer for offer in lead.offers if offer.status in MISSED] or [*lead.offers]
        self._press_on(lead, missed[number % len(missed)].number, {"action": "wait"})
        self._press(
            lead,
            0,
            {"action": "return"} if number % 2 else {"action": "give_back", "reason": "far"},
        )

    def _owned(self, which: int) -> Lead:
        """The first partner asked accepts, if nobody owns it yet."""
        lead = self._lead(which, may_be_owned)
        if not lead.owner and lead.live_offers:
            self._press_on(lead, lead.live_offers[0].number, {"action": "accept"})
        return self._now(lead)

    def _now(self, lead: Lead) -> Lead:
        return next(each for each in self.world_leads() if each.id == lead.id)

    def world_leads(self) -> list[Lead]:
        return self.world.read(lead_from_item, only=lambda pk, sk: sk == "LEAD")

    # ── who has no business there ─────────────────────────────────────────────────────────────────

    @precondition(lambda self: self.seen.leads)
    @step(which=st.integers(0, 99))
    def somebody_reads_all_there_is_to_see_of_an_enquiry(self, which: int) -> None:
        self.nobody_reads_what_somebody_else_typed(self._lead(which))

    def nobody_reads_what_somebody_else_typed(self, lead: Lead) -> None:
        """15. Its sender's page shows the words of no other enquiry; the page of a partner who does
        not own it shows
        nobody's, and the owner's only those of what is attached.
        """
        shows = {f"{WORDS}{number}." for number in range(len(self.posts))}
        body = self._body_of(lead) or {}
        own = {str(body.get("message"))}
        status = self._asked(
            partial(self.world.http, "GET", urlsplit(self.world.wiring.links.status(lead.id)).path),
            200,
            410,
        )
        pages = [(status, own)]
        for offer in lead.offers:
            told = self._asked(
                partial(self.world.http, "GET", self.world.offer_link(lead.id, offer.number)),
                200,
                410,
            )
            attached = [
                each
                for each in self.world_leads()
                if each.attached_to == lead.id or each.id == lead.id
            ]
            theirs = {str((self._body_of(each) or {}).get("message")) for each in attached}
            pages.append((told, theirs if lead.owner == offer.partner else set()))
        for page, allowed in pages:
            if page is not None:
                leaked = {words for words in shows - allowed if words in page.body}
                assert not leaked, f"{lead.id} shows {leaked}"

    @precondition(lambda self: self._any(lambda lead: lead.offers))
    @step(which=st.integers(0, 99))
    def a_scanner_opens_every_link(self, which: int) -> None:
        """9. GET never writes."""
        pages = self._pages_of(self._lead(which, lambda lead: lead.offers))
        with writes_counted(self.world) as writes:
            for path in pages:
                self._asked(partial(self.world.http, "GET", path), 200, 403, 410)
        assert not writes, writes

    @precondition(lambda self: self._any(lambda lead: lead.offers))
    @step(
        which=st.integers(0, 99),
        number=st.integers(0, 3),
        page=st.sampled_from("odsq"),
        form=st.sampled_from(ANSWERS),
    )
    def somebody_tries_a_link_elsewhere(
        self, which: int, number: int, page: str, form: Form
    ) -> None:
        """9. A token acts only on its own offer, partner and actions: not on another page, nor a
        partner on the offer
        of another, rightly signed or not.
        """
        lead = self._lead(which, lambda lead: lead.offers)
        offer = lead.offers[number % len(lead.offers)]
        stranger = next(f"munich-{n}" for n in range(1, 3) if offer.partner != f"munich-{n}")
        forged = urlsplit(self.world.wiring.links.offer(lead.id, offer.number, stranger, 1)).path
        elsewhere = [
            f"/{page}/{path.split('/')[2]}"
            for path in self._pages_of(lead)
            if not path.startswith(f"/{page}")
        ]
        with writes_counted(self.world) as writes:
            for path in (forged, *elsewhere):
                self._asked(partial(self.world.press, path, **form), 403)
        assert not writes, writes

    def _pages_of(self, lead: Lead) -> list[str]:
        offers = [self.world.offer_link(lead.id, offer.number) for offer in lead.offers]
        partner = lead.offers[-1].partner
        links = self.world.wiring.links
        desk = links.desk(partner, self.world.load(partner).links)
        others = (links.status(lead.id), desk, self.world.wiring.services.queue_link(lead.id))
        return [*offers, *(urlsplit(url).path for url in others)]

    # ── HQ ────────────────────────────────────────────────────────────────────────────────────────

    @precondition(lambda self: self.seen.leads)
    @step(which=st.integers(0, 99), partner=st.integers(1, 4))
    def hq_assigns(self, which: int, partner: int) -> None:
        lead = self._lead(which)
        self._at_queue(
            lead.id, action="assign", partner=f"munich-{partner}", version=f"{lead.version}"
        )

    @step(which=st.integers(1, 4), most=st.integers(0, 3))
    def hq_changes_a_cap(self, which: int, most: int) -> None:
        known = self.world.wiring.partners.get(f"munich-{which}")
        assert known
        changed = replace(known, caps=replace(known.caps, open=most))
        self.world.wiring.partners.save([(changed, known.version)], self.world.now)

    @step(which=st.integers(0, 2))
    def hq_changes_the_rules(self, which: int) -> None:
        self.world.wiring.rules.save_programme(programmes()[which], self.world.now)

    @precondition(lambda self: self._any(lambda lead: lead.status in TO_LOOK_AT))
    @step(
        which=st.integers(0, 99),
        action=st.sampled_from(["release", "release", "grant", "reject", "note"]),
    )
    def hq_decides(self, which: int, action: str) -> None:
        self._at_queue(
            self._lead(which, lambda lead: lead.status in TO_LOOK_AT).id,
            action=action,
            text="looked at",
        )

    @precondition(lambda self: self._any(lambda lead: not lead.finished))
    @step(which=st.integers(0, 99), postcode=st.sampled_from(POSTCODES))
    def hq_puts_the_place_right(self, which: int, postcode: str) -> None:
        lead = self._lead(which, lambda lead: not lead.finished)
        self._at_queue(lead.id, action="move", postcode=postcode)

    @precondition(lambda self: self._any(lambda lead: lead.live_offers or lead.claimed))
    @step(
        which=st.integers(0, 99),
        then=st.sampled_from(["grant", "grant", "release", "assign", "nothing"]),
    )
    def a_partner_claims_it(self, which: int, then: str) -> None:
        """Already their customer: HQ says yes, no, or nothing in its time."""
        lead = self._lead(which, lambda lead: lead.live_offers or lead.claimed)
        if lead.live_offers:
            self._press_on(
                lead, lead.live_offers[0].number, {"action": "decline", "reason": "customer"}
            )
        if then == "nothing":
            self.time_passes(65)
        else:
            self._at_queue(lead.id, action=then, partner=lead.offers[-1].partner)

    @precondition(lambda self: self.seen.leads)
    @step()
    def hq_tries_all_again(self) -> None:
        self._at_queue("", action="retry")

    @precondition(lambda self: self.seen.leads)
    @step(which=st.integers(0, 99))
    def hq_erases(self, which: int) -> None:
        self._at_queue(self._lead(which).id, action="erase")

    def _at_queue(self, lead: str, **form: str) -> None:
        path = self.world.hq_link(lead)
        refused = (
            (409, 422) if form["action"] == "assign" else ()
        )  # meanwhile taken; to somebody whose mail comes back
        self._asked(lambda: self.world.press(path, **form), 200, *refused)
