"""A story that may be played by any versions: people ask, answer, wait and decide, by the dice, and
after each scene everything that must hold is looked at.
"""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from routing_core.domain.lead import Lead, LeadStatus
from tests.faults.playground import AGAIN, ANSWERS, PEOPLE, POSTCODES, RETURNS, STEPS_AFTER, WISHES
from tests.rolling.fleet import Fleet, Host
from tests.support.invariants import NOTHING, Seen, acknowledged_posts_have_leads, check, look
from tests.support.stack import BASE_URL, TABLES
from tests.support.world import Answer

PAGES = (
    "/hq",
    "/hq/leads",
    "/hq/leads?sort=score",
    "/hq/partners",
    "/hq/partners/munich-1",
    "/hq/log",
    "/hq/rules",
    "/hq/rules/versions",
    "/hq/coverage",
)
SCOPES = ("leads:read", "partners:read", "partners:write", "programme:read", "programme:write")
UNDERSTOOD = (200, 303, 409, 410, 422)
"""Answers that say yes, or why not; anything else is a fault."""


class Story:
    def __init__(self, fleet: Fleet) -> None:
        self.fleet, self.world, self.dice = fleet, fleet.world, fleet.dice
        self.posts: list[dict[str, Any]] = []
        self.acknowledged: dict[str, str] = {}
        self.seen = NOTHING
        self.met: Counter[str] = Counter()
        """What happened how often: states, events, kinds of acts."""
        self.key = self.world.api_key(*SCOPES)

    # ── scenes ────────────────────────────────────────────────────────────────────────────────────

    def play(self, shares: Sequence[float], leads: int = 5, acts: int = 9) -> None:
        """One scene for each share of the new code in the traffic."""
        for share in shares:
            self.fleet.share = share
            for _ in range(leads):
                self.somebody_asks()
            self.one_goes_all_the_way()
            for _ in range(acts):
                self.dice.choice(self.acts())()
                self.look()
            self.time_passes(self.dice.choice((30, 130, 300, 1500)))
            self.look()
        self.all_can_be_read()

    def acts(self) -> list[Callable[[], None]]:
        return [
            *[self.a_partner_answers] * 5,
            *[self.the_owner_goes_on] * 4,
            self.the_owner_gives_it_back,
            self.somebody_asks_again,
            self.the_sender_acts,
            self.hq_decides,
            self.hq_assigns,
            self.two_versions_at_once,
            self.two_versions_at_once,
            self.a_profile_is_saved,
            self.the_rules_are_saved,
            self.a_mail_is_opened,
            self.a_mail_is_opened,
            partial(self.time_passes, self.dice.choice((1, 45, 130, 300))),
        ]

    def time_passes(self, minutes: int) -> None:
        """Timers that either version has armed fire on time, and the sweeper runs."""
        self.world.run_for(minutes=minutes)
        self.world.sweep()
        self.world.deliver()
        self.world.feed()

    def everybody_is_erased(self) -> None:
        """HQ has every enquiry erased, by either version."""
        for lead in self.leads():
            self.pressed(self.world.hq_link(lead.id), action="erase")
        self.time_passes(1)
        self.look()
        assert {lead.status for lead in self.leads()} == {LeadStatus.ERASED}
        self.nobody_is_named()
        self.all_can_be_read()

    def one_goes_all_the_way(self) -> None:
        """Asked, accepted, spoken to, quoted and won, if anybody has room."""
        self.somebody_asks(postcode="80331", owner="owner")
        self.world.deliver()
        lead = self.world.lead(self.acknowledged[f"key-{len(self.posts) - 1}"])
        if lead.live_offers:
            path = self.world.offer_link(lead.id, lead.live_offers[0].number)
            for form in (ANSWERS[0], *STEPS_AFTER[1:4]):
                self.pressed(path, **form)

    # ── people ────────────────────────────────────────────────────────────────────────────────────

    def somebody_asks(self, **said: str) -> None:
        number = len(self.posts)
        email, phone = PEOPLE[number % len(PEOPLE)]
        self.post(
            {
                "postcode": self.dice.choice(POSTCODES[:3] * 2 + POSTCODES),
                "product": self.dice.choice(("heat-pump", "heat-pump", "boiler")),
                "urgency": self.dice.choice(("soon", "soon", "soon", "emergency")),
                "owner": self.dice.choice(("owner", "owner", "owner", "tenant")),
                "name": f"Beispiel Nummer{number}",
                "email": f"n{number}.{email}",
                "phone": f"{phone[:-3]}{number:03d}",
                "message": f"Mein Haus hat die Nummer {number}.",
                **said,
            }
        )

    def somebody_asks_again(self) -> None:
        posted = self.dice.choice(self.posts)
        self.post({**posted, **self.dice.choice(list(AGAIN.values()))})

    def post(self, form: dict[str, Any]) -> None:
        key = f"key-{len(self.posts)}"
        self.posts.append(form)
        answer = self.world.post_lead(key, **form)
        assert answer.status == 201, answer.body
        self.acknowledged[key] = answer.json()["lead"]
        again = self.world.post_lead(key, **form)  # as a browser does whose answer was lost
        assert (again.status, again.json()["lead"]) == (201, self.acknowledged[key])
        if self.dice.random() < 0.7:
            self.world.deliver()

    def a_partner_answers(self) -> None:
        self.on_some_offer(lambda lead: bool(lead.live_offers), self.dice.choice(ANSWERS[:3]))

    def the_owner_goes_on(self) -> None:
        self.on_some_offer(lambda lead: bool(lead.owner), self.dice.choice(STEPS_AFTER))

    def the_owner_gives_it_back(self) -> None:
        self.on_some_offer(lambda lead: bool(lead.owner), self.dice.choice(RETURNS))

    def the_sender_acts(self) -> None:
        if lead := self.some_lead(lambda lead: lead.status is not LeadStatus.ERASED):
            path = urlsplit(self.world.wiring.links.status(lead.id)).path
            self.pressed(path, **self.dice.choice(WISHES))

    def hq_decides(self) -> None:
        waiting = (LeadStatus.QUARANTINED, LeadStatus.HQ_QUEUE)
        if lead := self.some_lead(lambda lead: lead.status in waiting):
            action = self.dice.choice(("release", "grant", "reject", "note"))
            self.pressed(self.world.hq_link(lead.id), action=action, text="looked at")

    def hq_assigns(self) -> None:
        if lead := self.some_lead(lambda lead: not lead.finished):
            partner = f"munich-{self.dice.randint(1, 4)}"
            form = {"action": "assign", "partner": partner, "version": f"{lead.version}"}
            self.pressed(self.world.hq_link(lead.id), **form)

    def a_profile_is_saved(self) -> None:
        """What one version read is saved by whichever answers next."""
        path = f"/v1/partners/munich-{self.dice.randint(1, 4)}"
        document = self.api("GET", path).json()
        document["name"] = f"Isar Wärme {len(self.met)}.{self.dice.randint(1, 99)}"
        answer = self.api("PUT", path, json_body=document)
        assert answer.status == 200, answer.body
        self.world.deliver()
        self.met["profile saved"] += 1

    def the_rules_are_saved(self) -> None:
        document = self.api("GET", "/v1/programme").json()
        answer = self.api("PUT", "/v1/programme", json_body=document)
        assert answer.status == 200, answer.body
        self.world.deliver()
        self.met["rules saved"] += 1

    def a_mail_is_opened(self) -> None:
        """A link that either version has mailed leads somewhere, whichever answers."""
        if links := self.mailed_links():
            path = self.dice.choice(links)
            answer = self.world.http("GET", path)
            assert answer.status in (200, 410), (path, answer.status, answer.body)

    def mailed_links(self) -> list[str]:
        """All of partners and of those who asked."""
        texts = (str(mail.get_body(("plain",)).get_content()) for mail in self.world.mails())
        found = {
            link for text in texts for link in re.findall(rf"{BASE_URL}(/[osd]/[\w.-]+)", text)
        }
        return sorted(found)

    def two_versions_at_once(self) -> None:
        """One version is about to commit an answer as the other commits something on that lead."""
        lead = self.some_lead(lambda lead: bool(lead.live_offers))
        if not lead:
            return
        offer = lead.live_offers[0]
        path = self.world.offer_link(lead.id, offer.number)
        others = (
            partial(self.pressed, path, action="accept"),
            partial(self.pressed, path, action="decline", reason="busy"),
            partial(self.pressed, self.world.hq_link(lead.id), action="erase"),
            partial(self.world.wake, {"lead": lead.id, "version": lead.version}),
        )
        if self.dice.random() < 0.5:
            self.world.now = max(self.world.now, offer.expires_at - timedelta(seconds=1))
        self.fleet.meanwhile = self.dice.choice(others)
        self.pressed(path, action="accept")
        if self.fleet.meanwhile is None:
            self.met["raced"] += 1
        self.fleet.meanwhile = None

    # ── how ───────────────────────────────────────────────────────────────────────────────────────

    def leads(self) -> list[Lead]:
        return [self.world.lead(lead) for lead in self.world.lead_ids()]

    def some_lead(self, only: Callable[[Lead], bool]) -> Lead | None:
        fitting = [lead for lead in self.leads() if only(lead)]
        return self.dice.choice(fitting) if fitting else None

    def on_some_offer(self, only: Callable[[Lead], bool], form: Any) -> None:
        """By the link as the partner's mail has it, whichever version has written that."""
        self.world.deliver()
        lead = self.some_lead(lambda lead: bool(lead.offers) and only(lead))
        if lead:
            self.pressed(self.world.offer_link(lead.id), **form)

    def pressed(self, path: str, **form: str) -> None:
        answer = self.world.press(path, **form)
        assert answer.status in UNDERSTOOD, (path, form, answer.status, answer.body)
        self.met[form["action"]] += answer.status == 200

    def api(self, method: str, path: str, **more: Any) -> Answer:
        headers = {"x-api-key": self.key, **more.pop("headers", {})}
        return self.world.http(method, path, headers=headers, **more)

    # ── what must hold ────────────────────────────────────────────────────────────────────────────

    def look(self) -> None:
        before, self.seen = self.seen, look(self.world)
        for row in self.seen.since(before):
            self.met.update(event.kind for event in row.events)
        check(before, self.seen)
        self.what_is_newer_is_carried(before)
        acknowledged_posts_have_leads(self.seen, self.acknowledged)

    def what_is_newer_is_carried(self, before: Seen) -> None:
        """What only tomorrow's code knows is there for as long as the lead is."""
        for lead_id, lead in self.seen.leads.items():
            earlier = before.leads.get(lead_id)
            if earlier is None or lead.status is LeadStatus.ERASED:
                continue
            lost = news_in(earlier) - news_in(lead)
            assert not lost, f"{lead_id} has lost what tomorrow's code wrote into {lost}"
            self.met["carried"] += bool(news_in(earlier)) and lead.version > earlier.version

    def all_can_be_read(self) -> None:
        """Whatever either has written, both read; and what both know of an enquiry is the same."""
        self.world.feed()
        old, new = map(self.told_by, (self.fleet.old, self.fleet.new))
        assert old.keys() == new.keys() == self.seen.leads.keys()
        for lead, of_new in new.items():
            of_old = old[lead]
            known = of_old.keys() & of_new.keys()
            assert {n: of_old[n] for n in known} == {n: of_new[n] for n in known}

    def told_by(self, host: Host) -> dict[str, dict[str, Any]]:
        """Everything that one version says of each enquiry."""
        with self.fleet.served_by(host):
            desk = self.world.desk()
            for page in PAGES:
                assert desk.get(page).status == 200, (host.name, page)
            rows = self.rows()
            return {lead.id: rows[lead.id] | self.told_of(lead) for lead in self.leads()}

    def rows(self) -> dict[str, dict[str, Any]]:
        """The list of leads, out of the read model, page by page."""
        found: dict[str, dict[str, Any]] = {}
        query = "/v1/leads"
        while query:
            answer = self.api("GET", query)
            assert answer.status == 200, answer.body
            told = answer.json()
            found |= {
                row["id"]: {f"row {name}": row[name] for name in row} for row in told["leads"]
            }
            query = f"/v1/leads?cursor={told['next']}" if told["next"] else ""
        return found

    def told_of(self, lead: Lead) -> dict[str, Any]:
        """What its pages and the API say of one."""
        pages = [
            urlsplit(self.world.wiring.links.status(lead.id)).path,
            self.world.hq_link(lead.id),
            *(self.world.offer_link(lead.id, offer.number) for offer in lead.offers),
        ]
        statuses = [self.world.http("GET", page).status for page in pages]
        assert set(statuses) <= {200, 410}, (lead.id, statuses)
        answer = self.api("GET", f"/v1/leads/{lead.id}")
        assert answer.status == 200, answer.body
        told = answer.json()
        return {"pages": statuses, **told["lead"], **told["context"]}

    def nobody_is_named(self) -> None:
        """Nothing in any table names anybody who asked."""
        stored = "".join(repr(self.world.items(table)) for table in TABLES.values())
        for number, form in enumerate(self.posts):
            for words in (form["email"], f"Nummer{number}", form["message"]):
                assert words not in stored


def news_in(lead: Lead) -> set[str]:
    """Names the lead and its parts in which stands what only tomorrow's code knows."""
    parts = {"lead": lead, "contact": lead.contact}
    parts |= {f"offer {offer.number}": offer for offer in lead.offers}
    return {name for name, part in parts.items() if part and "tomorrow" in (part.extra or {})}
