"""What people at HQ do on their desk, and machines by HQ's API, beside single leads."""

import html
import json
import re
from functools import partial
from typing import Any
from urllib.parse import urlencode

from routing_core.domain.people import person_id
from tests.faults.cases.deliveries import told_of
from tests.faults.cases.network import decided_long_list
from tests.faults.deliveries import PatientWorld
from tests.faults.stages import RULES, Act, Case, Cases, exhausted, hq_api, offered, owned, staged
from tests.integration.test_rule_forms import _Inputs
from tests.support.builders import programme_document
from tests.support.world import ENQUIRY, HqBrowser, munich

CASES = Cases()
ADMIN = "hq@example.com"
MUNICH = "/hq/partners/munich-1"
FORM = "application/x-www-form-urlencoded"


def on_hq(world: PatientWorld, path: str, *more: tuple[str, str], **form: str) -> Act:
    """A button of a page of the desk, of somebody who has signed in."""
    browser = signed_in(world)
    body = urlencode([*form.items(), *more])
    return partial(browser.send, path, body=body, headers={"content-type": FORM})


def signed_in(world: PatientWorld) -> HqBrowser:
    """The read model has heard of everything, so that no page has to bring it up to date."""
    browser = world.desk(ADMIN)
    world.feed()
    return browser


def multipart(**parts: str | bytes) -> dict[str, Any]:
    """A form as browsers send it with a file, which is what is given as bytes."""
    lines = []
    for name, value in parts.items():
        file = '; filename="list.csv"' if isinstance(value, bytes) else ""
        text = value.decode() if isinstance(value, bytes) else value
        lines.append(f'--b\r\nContent-Disposition: form-data; name="{name}"{file}\r\n\r\n{text}')
    body = "\r\n".join([*lines, "--b--\r\n"]).encode()
    return {"body": body, "headers": {"content-type": "multipart/form-data; boundary=b"}}


def version(world: PatientWorld) -> str:
    return str(world.wiring.rules.programme()[0])


# ── leads ─────────────────────────────────────────────────────────────────────────────────────────


@CASES("desk: assign a lead")
def assign(world: PatientWorld) -> Act:
    lead = exhausted(world)
    world.add(munich(4))
    seen = str(world.lead(lead).version)
    return on_hq(world, f"/hq/leads/{lead}", action="assign", partner="munich-4", version=seen)


@CASES("desk: reject two at once")
def reject_two(world: PatientWorld) -> Act:
    leads = [exhausted(world), world.post_lead("two", postcode="25980").json()["lead"]]
    world.deliver()
    chosen = [("lead", f"{lead}.{world.lead(lead).version}") for lead in leads]
    return on_hq(world, "/hq/leads", *chosen, action="reject")


PHONED: dict[str, str] = {name: f"{value}" for name, value in ENQUIRY.items()} | {"consent": "yes"}


@CASES("desk: enter an enquiry")
def enter(world: PatientWorld) -> Act:
    staged(world)
    return on_hq(world, "/hq/leads/new", submission_id="phoned", way="phone", **PHONED)


@CASES("desk: enter an enquiry for a partner")
def enter_for_partner(world: PatientWorld) -> Act:
    staged(world)
    typed = PHONED | {"submission_id": "phoned", "way": "phone", "partner": "munich-2"}
    return on_hq(world, "/hq/leads/new", **typed)


@CASES("enter an enquiry by the API")
def enter_by_program(world: PatientWorld) -> Act:
    staged(world)
    return hq_api(world, "POST", "/v1/leads", PHONED, **{"idempotency-key": "phoned"})


@CASES("desk: ask who is full for more")
def ask_for_more(world: PatientWorld) -> Act:
    owned(world)
    return on_hq(world, "/hq/ask-more", partner="munich-1")


@CASES("desk: attach a file to a lead")
def attach_file(world: PatientWorld) -> Act:
    lead = owned(world)
    return partial(signed_in(world).send, f"/hq/leads/{lead}/files", **multipart(file=b"A plan."))


@CASES("desk: remove a file from a lead")
def remove_file(world: PatientWorld) -> Act:
    lead = owned(world)
    signed_in(world).send(f"/hq/leads/{lead}/files", **multipart(file=b"A plan."))
    context = world.wiring.leads.context(lead)
    assert context
    return on_hq(world, f"/hq/leads/{lead}/files/{context.files[0].id}")


# ── lists of leads ────────────────────────────────────────────────────────────────────────────────

HEADER = "id;name;email;phone;postcode;product;urgency;owner;consent;received"


def _listed(number: int, received: str = "") -> str:
    who = f"F-{number};Erika {number};e{number}@posteo.de;089 99998 12{number:02}"
    return f"{who};80331;heat-pump;soon;owner;yes;{received}"


def _list(world: PatientWorld, mode: str = "route", rows: int = 3) -> str:
    """A list that was uploaded and waits for a decision; gives its page."""
    staged(world)
    received = "2026-09-01" if mode == "past" else ""
    table = "\n".join([HEADER, *(_listed(number, received) for number in range(1, rows + 1)), ""])
    sent = multipart(name="Fair", mode=mode, file=table.encode())
    answer = signed_in(world).send("/hq/leads/import", **sent)
    assert answer.status == 303, answer.body
    return answer.headers["Location"]


@CASES("desk: import a list of leads")
def import_leads(world: PatientWorld) -> Act:
    return on_hq(world, _list(world), action="decide")


@CASES("desk: import a list of past leads")
def import_past(world: PatientWorld) -> Act:
    return on_hq(world, _list(world, "past"), action="decide")


@CASES("desk: cancel an import")
def cancel_import(world: PatientWorld) -> Act:
    page = _list(world, rows=5)
    on_hq(world, page, action="decide")()
    world.deliver()
    return on_hq(world, page, action="cancel")


@CASES("sweep: leads of a list have their turn")
def sweep_list(world: PatientWorld) -> Act:
    on_hq(world, _list(world, rows=5), action="decide")()
    world.deliver()
    world.advance(minutes=25)
    return world.sweep


# ── partners ──────────────────────────────────────────────────────────────────────────────────────


def _pressed(action: str, **form: str) -> Case:
    def prepare(world: PatientWorld) -> Act:
        offered(world)
        return on_hq(world, MUNICH, action=action, **form)

    return prepare


def _pressed_after(done: str, before: dict[str, str], action: str, **form: str) -> Case:
    def prepare(world: PatientWorld) -> Act:
        offered(world)
        on_hq(world, MUNICH, action=done, **before)()
        world.deliver()
        return on_hq(world, MUNICH, action=action, **form)

    return prepare


AWAY = {"first": "2026-12-01", "last": "2026-12-05"}
MORE = {"more": "2", "until": "2026-12-05"}
CASES["desk: pause a partner"] = _pressed("pause")
CASES["desk: resume a partner"] = _pressed_after("pause", {}, "resume")
CASES["desk: a partner takes more"] = _pressed("more", **MORE)
CASES["desk: a partner takes no more"] = _pressed_after("more", MORE, "no_more")
CASES["desk: a partner is away"] = _pressed("away", **AWAY)
CASES["desk: a partner is back"] = _pressed_after("away", AWAY, "back", **AWAY)
CASES["desk: end a partner's links"] = _pressed("revoke", seen="0")
CASES["desk: send a partner their link"] = _pressed("send_link", email="munich-1@example.com")
CASES["desk: ask a partner again to confirm"] = _pressed("ask_again")
CASES["desk: vouch for an address"] = _pressed_after("ask_again", {}, "confirm")


@CASES("desk: change a partner's profile")
def change_profile(world: PatientWorld) -> Act:
    offered(world)
    known = world.wiring.partners.get("munich-1")
    assert known
    typed = {
        "name": "Another name",
        "email": "munich-1@example.com",
        "territories": "DE 80*",
        "products": "heat-pump",
    }
    return on_hq(world, MUNICH, action="save", version=str(known.version), **typed)


@CASES("desk: add a partner")
def add_partner(world: PatientWorld) -> Act:
    staged(world)
    typed = {
        "id": "fresh",
        "name": "New",
        "email": "new@example.com",
        "territories": "DE 9*",
        "products": "boiler",
    }
    return on_hq(world, "/hq/partners/new", action="save", **typed)


TABLE = b"id;name;email;territories;products\nfresh;New;n@example.com;DE 9*;boiler\n"


@CASES("desk: look at a list of partners while a long one is waiting")
def look_at_the_gate(world: PatientWorld) -> Act:
    decided_long_list(world)
    return partial(signed_in(world).send, "/hq/partners/import", **multipart(file=TABLE))


@CASES("desk: import a list of partners")
def import_partners(world: PatientWorld) -> Act:
    staged(world)
    desk = signed_in(world)
    page = desk.send("/hq/partners/import", **multipart(file=TABLE)).body
    hidden = re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page)
    shown = {name: html.unescape(value) for name, value in hidden}
    return partial(desk.send, "/hq/partners/import", **multipart(**shown))


@CASES("desk: end the work with a partner")
def end_partner(world: PatientWorld) -> Act:
    owned(world)
    return on_hq(world, f"{MUNICH}/deactivate", what="reroute")


@CASES("desk: work with a partner again")
def reactivate(world: PatientWorld) -> Act:
    offered(world)
    on_hq(world, f"{MUNICH}/deactivate", what="keep")()
    world.deliver()
    return on_hq(world, MUNICH, action="reactivate")


# ── the rules, and HQ's people ────────────────────────────────────────────────────────────────────


@CASES("desk: add somebody")
def add_person(world: PatientWorld) -> Act:
    staged(world)
    typed = {"email": "ada@example.com", "role": "viewer", "version": version(world)}
    return on_hq(world, "/hq/people/new", action="save", **typed)


def _with_ada(world: PatientWorld) -> str:
    """Two admins; gives the page of the other."""
    both = [{"email": email, "role": "admin"} for email in (ADMIN, "ada@example.com")]
    staged(world, hq={"people": both, "digests": []})
    return f"/hq/people/{person_id('ada@example.com')}"


def _about_ada(action: str, **form: str) -> Case:
    def prepare(world: PatientWorld) -> Act:
        page = _with_ada(world)
        return on_hq(world, page, action=action, version=version(world), **form)

    return prepare


CASES["desk: change somebody"] = _about_ada("save", email="ada@example.com", role="viewer")
CASES["desk: end somebody's access"] = _about_ada("end")
CASES["desk: remove somebody"] = _about_ada("remove")


def _changed(world: PatientWorld) -> str:
    return json.dumps(programme_document(**RULES, name="Another"))


@CASES("desk: put a draft of the rules in force")
def put_draft(world: PatientWorld) -> Act:
    staged(world)
    posted = _editor(world)
    return on_hq(world, "/hq/rules/edit", action="put", **posted)


def _editor(world: PatientWorld) -> dict[str, str]:
    """What the editor's form posts with other rules typed in."""
    page = signed_in(world).get("/hq/rules/edit").body
    return _Inputs(page).posted | {"text": _changed(world)}


@CASES("desk: back-test a draft of the rules")
def back_test(world: PatientWorld) -> Act:
    offered(world)
    return on_hq(world, "/hq/rules/edit", action="back_test", **_editor(world))


@CASES("back-test a draft by the API")
def play_draft(world: PatientWorld) -> Act:
    offered(world)
    return hq_api(world, "POST", "/v1/programme/back-tests", {"programme": _changed(world)})


@CASES("change some of the rules by the API")
def patch_rules(world: PatientWorld) -> Act:
    staged(world)
    return hq_api(world, "PATCH", "/v1/programme", {"name": "Another"})


@CASES("desk: a small form of the rules")
def rule_form(world: PatientWorld) -> Act:
    staged(world)
    form = "/hq/rules/change/offers"
    typed = _Inputs(signed_in(world).get(form).body).posted | {"offers-0-window": "30"}
    return on_hq(world, form, action="save", **typed)


@CASES("desk: earlier rules again")
def roll_back(world: PatientWorld) -> Act:
    staged(world)
    first = int(version(world))
    staged_again = hq_api(world, "PUT", "/v1/programme", programme_document(name="Another"))
    staged_again()
    world.deliver()
    world.wiring.rules.look_again()
    return on_hq(world, f"/hq/rules/versions/{first}", action="restore", replaces=version(world))


@CASES("desk: a machine changes somebody at HQ")
def patch_person(world: PatientWorld) -> Act:
    person = _with_ada(world).rpartition("/")[2]
    return hq_api(world, "PATCH", f"/v1/people/{person}", {"name": "Ada Beispiel"})


# ── signing in ────────────────────────────────────────────────────────────────────────────────────


@CASES("desk: ask for a link to sign in")
def ask_to_sign_in(world: PatientWorld) -> Act:
    staged(world)
    return on_hq(world, "/hq", email=ADMIN)


def _act_of(name: str) -> Case:
    return lambda world: CASES[name](world)()


CASES["notify: a link to sign in"] = told_of(
    "hq.sign_in_requested", _act_of("desk: ask for a link to sign in")
)
CASES["notify: take more?"] = told_of(
    "partner.asked_more", _act_of("desk: ask who is full for more")
)
