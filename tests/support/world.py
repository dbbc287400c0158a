"""The whole product over moto, with a clock that tests move: real handlers, use cases, tables and
mail content.

What moto does not do by itself, this does explicitly: stream records are handed to the outbox, the
bus's messages to notify, Scheduler's one-shots to wake. So a test can also do it twice, late, or
not at all.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from copy import copy
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any, TypeVar
from unittest.mock import patch
from urllib.parse import urlencode, urljoin, urlsplit
from uuid import uuid4

import boto3
import pytest

from infra.tools.hq_key import create_key
from routing_core.aws import wiring as wiring_module
from routing_core.aws.codecs.event_items import event_from_item
from routing_core.aws.codecs.partner_items import profile_key
from routing_core.aws.tables.dynamo import serialize_item
from routing_core.aws.tables.read_model_table import ReadModelTable
from routing_core.aws.wiring import Wiring, wiring
from routing_core.domain.events import CommitRecord
from routing_core.domain.hq_people import hq_person
from routing_core.domain.lead import Lead
from routing_core.domain.partner import Load, Partner
from routing_core.domain.people import person_id
from routing_core.service.hq_desk.sign_in import NewDevice, sign_in_on
from routing_core.service.kernel.back_tests import BACK_TEST_ASKED
from routing_core.service.kernel.hq_link import hq_link_for
from routing_core.service.kernel.links import Links, Purpose, Token
from tests.support.asl import Machine, StateFailed
from tests.support.builders import NOON, a_partner, a_programme
from tests.support.iam import roles_enforced
from tests.support.stack import (
    BASE_URL,
    LINK_KEY,
    REFUSING,
    REPORT_MACHINE,
    TRIED_ANEW,
    a_stack,
    dynamo_tables,
    forget_reports,
    put_back_messages,
    read,
    resources,
    route_of,
    schedules,
    sent_messages,
    ses_refuses,
    ses_takes_all,
)
from tests.support.swift_moto import forget_the_past, same_items
from tests.support.triggers import (
    Context,
    queue_message,
    read_by_read_model,
    request,
    stream_record,
    table_record,
)

T = TypeVar("T")
Only = Callable[[str, str], bool]
"""Of pk and sk: whether an item is wanted."""


def but_uses_of_keys(pk: str, sk: str) -> bool:
    """Everything but the list of API keys: it says when each was used, which changes nothing."""
    return pk != "KEYS"


@dataclass
class Answer:
    status: int
    headers: Mapping[str, str]
    body: str
    cookies: tuple[str, ...] = ()
    """What it has the browser keep, each as ``name=value; attributes``."""

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class World:
    now: datetime = NOON
    skew: timedelta = timedelta(0)
    """How far the functions' own clocks are off; what time a request came is API Gateway's word."""
    published: list[dict[str, Any]] = field(default_factory=list)
    """Every entry the bus took, oldest first."""
    _told: int = 0
    _rows: set[tuple[str, int]] = field(default_factory=set)
    _executions: set[str] = field(default_factory=set)
    """The executions of the state machine of reports that have been run."""
    _profiles: dict[str, int] = field(default_factory=dict)
    """Which version of each profile, of the rules and of the places the network has heard of."""
    _fed: dict[tuple[str, str], Any] = field(default_factory=dict)
    """Which item the read model has heard of under each key: moto replaces what is written."""

    # ── set-up ────────────────────────────────────────────────────────────────────────────────────

    @property
    def wiring(self) -> Wiring:
        return wiring()

    def use(self, programme: Any, *partners: Partner) -> None:
        """Saves the rules and the network as HQ would, and compiles the snapshot."""
        self.wiring.rules.save_programme(programme, self.now)
        self.add(*partners)

    def add(self, *partners: Partner) -> None:
        self.wiring.partners.save([(p, None) for p in partners], self.now)
        self._profiles |= {str(profile_key(p.id)["pk"]): 1 for p in partners}
        self.compile()

    def compile(self) -> None:
        self.wiring.rules.publish_network(self.wiring.partners.all, self.now)
        self._profiles |= {
            row["pk"]: row["version"]
            for row in self.items("partners", lambda pk, sk: sk == "CHANGED")
        }

    def saved(self) -> dict[str, Any]:
        """What ``back_to`` returns to: much faster than another world."""
        kept: dict[str, Any] = {
            name: same_items(table.items) for name, table in dynamo_tables().items()
        }
        kept |= {"under way": [copy(each) for each in self._under_way()], "told": self._told}
        kept["refusing"] = list(REFUSING)
        kept |= {"now": self.now, "profiles": dict(self._profiles), "fed": dict(self._fed)}
        return kept

    def back_to(self, point: Mapping[str, Any]) -> None:
        """As at that moment, with what was under way then."""
        for name, table in dynamo_tables().items():
            table.items = same_items(point[name])
        self.skew = timedelta(0)
        self.now, self._told, self._profiles = point["now"], point["told"], dict(point["profiles"])
        self._fed = dict(point["fed"])
        for each, then in zip(self._under_way(), point["under way"], strict=True):
            each.clear()
            (each.extend if isinstance(each, list) else each.update)(then)
        wiring.cache_clear()
        self._executions.clear()
        forget_reports()
        put_back_messages().clear()
        ses_takes_all()
        TRIED_ANEW.clear()
        for refusal in point["refusing"]:
            ses_refuses(*refusal)
        forget_the_past()

    def _under_way(self) -> tuple[Any, ...]:
        return (self.published, self._rows, schedules(), sent_messages())

    # ── looking ───────────────────────────────────────────────────────────────────────────────────

    def lead(self, lead_id: str) -> Lead:
        lead = self.wiring.leads.get(lead_id)
        assert lead is not None, f"no lead {lead_id}"
        return lead

    def load(self, partner: str) -> Load:
        return self.wiring.leads.loads([partner])[partner]

    def events(self, lead_id: str) -> tuple[CommitRecord, ...]:
        return self.wiring.leads.events(lead_id)

    def facts(self, lead_id: str) -> list[str]:
        return [fact.kind for row in self.events(lead_id) for fact in row.events]

    def items(self, table: str = "leads", only: Only = but_uses_of_keys) -> list[dict[str, Any]]:
        """What is stored, by key; ``only`` those whose pk and sk are wanted."""
        return self.read(dict, table, only)

    def read(
        self,
        how: Callable[[dict[str, Any]], T],
        table: str = "leads",
        only: Only = lambda pk, sk: True,
    ) -> list[T]:
        """The same, read by ``how``: the very same object for as long as nobody writes the item."""
        stored = dynamo_tables()[table].all_items()
        return [
            read(each, how) for each in stored if only(each.hash_key.value, each.range_key.value)
        ]

    def lead_ids(self) -> list[str]:
        return [
            item["pk"].removeprefix("LEAD#")
            for item in self.items(only=lambda pk, sk: sk == "LEAD")
        ]

    def mails(self, to: str = "") -> list[EmailMessage]:
        """What left through SES, oldest first, parsed."""
        raw = (m.raw_data for m in sent_messages())
        parsed = [
            message_from_bytes(m.encode() if isinstance(m, str) else m, policy=default) for m in raw
        ]
        return [m for m in parsed if to in str(m["To"])]

    def mailed_link(self, to: str, kind: str) -> str:
        """The path of the latest link that was mailed to an address: ``o`` offer, ``d`` desk,
        ``c``, ``s``, ``q``.
        """
        bodies = [str(mail.get_body(("plain",)).get_content()) for mail in self.mails(to)]  # type: ignore[union-attr]
        links = [link for body in bodies for link in re.findall(rf"{BASE_URL}(/{kind}/\S+)", body)]
        assert links, f"no link to /{kind}/ was mailed to {to}"
        return str(links[-1])

    # ── time and delivery ─────────────────────────────────────────────────────────────────────────

    def advance(self, **by: float) -> None:
        self.now += timedelta(**by)

    def rows(self, new: bool = False) -> list[CommitRecord]:
        """Event rows as the stream has them: by lead, in version order; ``new``: not delivered
        yet.
        """

        def wanted(pk: str, sk: str) -> bool:
            known = (
                (pk.removeprefix("LEAD#"), int(sk.removeprefix("EVENT#")))
                if sk.startswith("EVENT#")
                else None
            )
            return known is not None and not (new and known in self._rows)

        events = self.read(event_from_item, only=wanted)
        return sorted(events, key=lambda row: (row.at, row.lead, row.version))

    def deliver(self) -> None:
        """New stream records to the outbox, and what the bus then holds to wake and notify, until
        all is quiet.
        """
        while True:
            self.hear_of_partners()
            new = self.rows(new=True)
            for row in new:
                self.stream(row)
            if not new and self._told == len(self.published):
                return
            self.notify()

    def hear_of_partners(self) -> None:
        """Profiles, rules and places saved since the last time, to the network."""
        from functions.network.app import handler

        rows = self.items("partners", lambda pk, sk: sk in ("PROFILE", "CHANGED"))
        new = [row for row in rows if row["version"] != self._profiles.get(row["pk"])]
        if not new:
            return
        self._profiles |= {row["pk"]: row["version"] for row in new}
        images = [serialize_item(row) for row in new]
        records = [
            {"eventName": "MODIFY", "dynamodb": {"Keys": {}, "NewImage": image}} for image in images
        ]
        batch = resources()["NetworkFunctionChanges"]["Properties"]["BatchSize"]
        with self.clock():
            for start in range(0, len(records), batch):
                handler({"Records": records[start : start + batch]}, Context())

    def stream(self, *rows: CommitRecord) -> dict[str, Any]:
        """Records of the stream to the outbox, as one batch; again, if a test says so."""
        from functions.outbox.app import handler

        self._rows |= {(row.lead, row.version) for row in rows}
        with self.clock():
            answer: dict[str, Any] = handler(
                {"Records": [stream_record(row) for row in rows]}, Context()
            )
        return answer

    def feed(self, batch: int = 100) -> None:
        """What was written to the leads table since the last time, to the read model."""
        from functions.read_model.app import handler

        stored = {
            (item.hash_key.value, item.range_key.value): item
            for item in dynamo_tables()["leads"].all_items()
        }
        new = [
            (key, item)
            for key, item in stored.items()
            if self._fed.get(key) is not item and read_by_read_model(key[1])
        ]
        if not new:
            return
        self._fed |= dict(new)
        records = [table_record(item.to_json()["Attributes"], self.now) for _, item in new]
        with self.clock():
            for start in range(0, len(records), batch):
                answer = handler({"Records": records[start : start + batch]}, Context())
                assert answer == {"batchItemFailures": []}

    @property
    def read_model(self) -> ReadModelTable:
        """The lists and searches, up to date."""
        self.feed()
        return self.wiring.read_model

    def notify(self) -> None:
        """Everything published since the last time: to wake what concerns capacity, to notify the
        rest.
        """
        while self._told < len(self.published):
            entry = self.published[self._told]
            self._told += 1
            self.tell(entry)

    def tell(self, entry: dict[str, Any]) -> Any:
        from functions.back_test.app import handler as play
        from functions.notify.app import handler as notify
        from functions.wake.app import handler as wake

        detail = json.loads(entry["Detail"])
        kind = entry["DetailType"]
        event = {
            "id": f"event-{self._told}",
            "source": entry["Source"],
            "detail-type": kind,
            "detail": detail,
        }
        with self.clock():
            if kind == "partner.bounced":  # both rules match it
                wake(event, Context())
            if kind == BACK_TEST_ASKED:
                return play(event, Context())
            if kind in ("capacity.freed", "partner.changed", "repeat.found", "first.ended"):
                return wake(event, Context())
            return notify({"Records": [queue_message(event)]}, Context())

    def schedules(self) -> dict[str, datetime]:
        """Armed one-shots: name → when."""
        found = {}
        for name, each in schedules().items():
            at = each.schedule_expression.removeprefix("at(").removesuffix(")")
            found[name] = datetime.fromisoformat(at).replace(tzinfo=UTC)
        return found

    def fire(self, name: str) -> None:
        """One one-shot, now, whether it is due or not; it deletes itself."""
        self.wake(self.take_timer(name))

    def take_timer(self, name: str) -> dict[str, Any]:
        """Away with a one-shot, as if Scheduler had lost it; returns what it would have said."""
        payload: dict[str, Any] = json.loads(schedules().pop(name).target["Input"])
        return payload

    def wake(self, payload: dict[str, Any]) -> None:
        from functions.wake.app import handler

        with self.clock():
            handler(payload, Context())

    def sweep(self) -> None:
        from functions.sweep.app import handler

        with self.clock():
            handler({}, Context())

    def renew_calendars(self) -> None:
        """The daily look at holidays."""
        from functions.calendars.app import handler

        with self.clock():
            handler({}, Context())

    def nudge_reports(self) -> None:
        """The hourly look at reports that are due."""
        self.report_task({"task": "nudge"})

    def report_task(self, event: dict[str, Any]) -> Any:
        """One task of the state machine that makes reports."""
        from functions.reports.app import handler

        with self.clock():
            return handler(event, Context())

    def make_reports(self) -> list[Machine]:
        """Executions that were started, each through the real state machine to its end."""
        self.feed()
        states = boto3.client("stepfunctions")
        machines = []
        for each in states.list_executions(stateMachineArn=REPORT_MACHINE)["executions"]:
            if each["name"] in self._executions:
                continue
            self._executions.add(each["name"])
            given = states.describe_execution(executionArn=each["executionArn"])["input"]
            machine = Machine("report", self.report_task)
            machines.append(machine)
            with suppress(StateFailed):
                machine.run(json.loads(given))
        return machines

    def run_until(self, end: datetime) -> None:
        """Lets time pass as it would: each one-shot fires at its time, and everything it leads to
        is delivered.
        """
        self.deliver()
        while True:
            due = sorted((at, name) for name, at in self.schedules().items() if at <= end)
            if not due:
                break
            at, name = due[0]
            self.now = max(self.now, at)
            self.fire(name)
            self.deliver()
        self.now = max(self.now, end)

    def run_for(self, **time: float) -> None:
        self.run_until(self.now + timedelta(**time))

    # ── HTTP ──────────────────────────────────────────────────────────────────────────────────────

    def http(
        self,
        method: str,
        address: str,
        *,
        form: Mapping[str, str] | None = None,
        json_body: Any = None,
        body: str | bytes | None = None,
        headers: Mapping[str, str] | None = None,
        client: str = "192.0.2.1",
    ) -> Answer:
        """A request as API Gateway hands it to the function behind the route; ``client``: the
        network address.
        """
        parts = urlsplit(address)
        route, name, parameters = route_of(method, parts.path)
        sent = {k.lower(): v for k, v in (headers or {}).items()}
        if form is not None:
            body = urlencode(form)
            sent.setdefault("content-type", "application/x-www-form-urlencoded")
        if json_body is not None:
            body = json.dumps(json_body)
            sent.setdefault("content-type", "application/json")
        event = request(method, route, parts, parameters, sent, body, self.now, client)
        if name == "hq_desk" or parts.path in READ_FROM_ROWS:
            self.feed()
        handler = __import__(f"functions.{name}.app", fromlist=["handler"]).handler
        answer = handler(event, Context())
        return Answer(
            answer["statusCode"],
            answer.get("headers", {}),
            answer.get("body") or "",
            tuple(answer.get("cookies") or ()),
        )

    def post_lead(self, key: str = "", *, client: str = "192.0.2.1", **fields: Any) -> Answer:
        """An enquiry from Munich for a heat pump, or what the test says, as a form of ours posts
        it.
        """
        key = key or "one"
        posted = ENQUIRY | {"submission_id": key, "started": self.signed_start(key)} | fields
        return self.http("POST", "/v1/forms/enquiry/leads", json_body=posted, client=client)

    def signed_start(self, key: str, ago: timedelta = timedelta(minutes=1)) -> str:
        """What a form carries that was shown so long ago, for that submission; made without asking
        AWS.
        """
        told = json.dumps([(self.now - ago).isoformat(), None, {}, key])
        return LINKS.token(Token(Purpose.FORM, extra=told))

    def api_key(self, *scopes: str) -> str:
        """A key of a machine that may do no more than that."""
        return create_key(boto3.client("dynamodb"), "partners", f"machine-{uuid4()}", list(scopes))

    def offer_link(self, lead_id: str, number: int = 0) -> str:
        """The path of the page for an offer: the last one, or that number."""
        lead = self.lead(lead_id)
        offer = lead.offer(number) if number else lead.offers[-1]
        assert offer is not None
        links = self.load(offer.partner).links
        return urlsplit(self.wiring.links.offer(lead_id, offer.number, offer.partner, links)).path

    def hq_link(self, lead_id: str = "", email: str = "hq@example.com") -> str:
        """The path of HQ's queue, or of one lead on it, as it would be mailed to that address
        now.
        """
        queue = urlsplit(hq_link_for(self.wiring.services, email, self.now)).path
        return f"{queue}/leads/{lead_id}" if lead_id else queue

    def desk(self, email: str = "hq@example.com") -> "HqBrowser":
        """The browser of somebody at HQ who has signed in."""
        services = self.wiring.services
        person = hq_person(services.programme, person_id(email))
        assert person is not None, f"{email} is nobody at HQ"
        cookie = sign_in_on(services, person, NewDevice(uuid4().hex[:12], "Firefox"), self.now)
        return HqBrowser(self, f"__Host-hq={cookie}")

    def press(self, path: str, **form: str) -> Answer:
        """A button of a page, and the page that a browser then shows."""
        answer = self.http("POST", path, form=form)
        return (
            self.http("GET", path + answer.headers["Location"]) if answer.status == 303 else answer
        )

    @contextmanager
    def clock(self) -> Iterator[None]:
        """Functions without a request read the clock at their edge; there it shows this world's
        time.
        """
        names = [
            "outbox",
            "read_model",
            "wake",
            "sweep",
            "notify",
            "network",
            "calendars",
            "back_test",
            "reports",
        ]
        world = self

        class Clock(datetime):
            @classmethod
            def now(cls, tz: Any = None) -> datetime:  # type: ignore[override]
                return world.now + world.skew

        patches = [patch(f"functions.{name}.app.datetime", Clock) for name in names]
        for each in patches:
            each.start()
        try:
            yield
        finally:
            for each in patches:
                each.stop()


@dataclass
class HqBrowser:
    """Somebody's browser at HQ's desk: it keeps a cookie, and posts from our own pages."""

    world: World
    cookie: str

    def get(self, path: str, **headers: str) -> Answer:
        """A page."""
        return self.world.http("GET", path, headers={"cookie": self.cookie, **headers})

    def post(self, path: str, **form: str) -> Answer:
        """A button of a page, and its own answer."""
        return self.send(path, form=form)

    def send(self, path: str, **what: Any) -> Answer:
        """A post with any body: ``form``, ``body``, ``headers`` as of ``World.http``."""
        headers = {"cookie": self.cookie, "origin": BASE_URL, **what.pop("headers", {})}
        return self.world.http("POST", path, headers=headers, **what)

    def press(self, path: str, **form: str) -> Answer:
        """A button of a page, and the page that a browser then shows."""
        answer = self.post(path, **form)
        if answer.status != 303:
            return answer
        # Where it leads may be a path, or only what stands behind the question mark.
        return self.get(urljoin(path, answer.headers["Location"]))


LINKS = Links(BASE_URL, {"k1": LINK_KEY}, "k1")
READ_FROM_ROWS = frozenset({"/v1/leads", "/v1/log", "/v1/figures"})
"""What the API answers from the read model; of pages, the desk's own."""
ENQUIRY = {
    "country": "DE",
    "postcode": "80331",
    "product": "heat-pump",
    "urgency": "soon",
    "owner": "owner",
    "name": "Erika Beispiel",
    "email": "erika@posteo.de",
    "phone": "+4989999981230",
    "message": "Please call in the evening.",
    "consent": True,
}


@contextmanager
def a_world(monkeypatch: pytest.MonkeyPatch, kind: type[World] = World) -> Iterator[World]:
    with a_stack(monkeypatch), roles_enforced():
        world = kind()
        monkeypatch.setattr(wiring_module, "_utc_now", lambda: world.now + world.skew)
        with _published(world):
            yield world


@contextmanager
def _published(world: World) -> Iterator[None]:
    """moto's bus keeps nothing to look at: what it took is noted as its answer comes, read by
    anybody or not.
    """
    events = wiring_module._client("events").meta.events
    sent: list[dict[str, Any]] = []

    def asked(params: dict[str, Any], **_: Any) -> None:
        sent[:] = params["Entries"]

    def took(parsed: dict[str, Any], **_: Any) -> None:
        answers = zip(sent, parsed.get("Entries", ()), strict=False)
        world.published += [entry for entry, answer in answers if "ErrorCode" not in answer]

    events.register("provide-client-params.events.PutEvents", asked)
    events.register_first("after-call.events.PutEvents", took)
    yield


def munich(number: int, **changes: Any) -> Partner:
    """A partner in Munich whose offices are the programme's."""
    return a_partner(id=f"munich-{number}", name=f"Isar Wärme {number}", **changes)


__all__ = ["ENQUIRY", "Answer", "HqBrowser", "World", "a_programme", "a_world", "munich"]
