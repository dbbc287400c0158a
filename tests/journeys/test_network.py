"""HQ runs its network: keys, imports, addresses that are confirmed or bounce, rules; partners run
their desk.
"""

from __future__ import annotations

import csv
import io
import json

import httpx
import yaml

from infra.tools.hq_key import create_key
from tests.journeys.cast import CALM, HQ, inbox, installer
from tests.journeys.life import Life, link
from tests.support.embedded import SAMPLES, eventually

CAST = [
    installer("bonn", "53111"),
    installer("euskirchen", "53879"),
    installer("siegburg", "53721"),
    installer("troisdorf", "53840"),
]


def csv_of(*rows: dict[str, str]) -> bytes:
    file = io.StringIO()
    writer = csv.DictWriter(file, list(rows[0]), delimiter=";")
    writer.writeheader()
    writer.writerows(rows)
    return file.getvalue().encode()


def row(name: str, place: str, **more: str) -> dict[str, str]:
    told = {
        "id": name,
        "name": name.title(),
        "email": inbox(name),
        "language": "en",
        "languages": "en|de",
    }
    return (
        told
        | {
            "territories": f"DE {place}",
            "products": CALM,
            "certificates": "f-gas",
            "confirmed": "yes",
        }
        | more
    )


def send(life: Life, body: bytes, **query: str) -> httpx.Response:
    return life.stack.hq(
        "POST",
        "/v1/partners/import",
        content=body,
        params=query,
        headers={"Content-Type": "text/csv"},
    )


# ── coverage ──────────────────────────────────────────────────────────────────────────────────────


def test_hq_reads_where_the_network_has_gaps_packed_as_browsers_like_it(life: Life) -> None:
    def found() -> bool:
        answer = life.stack.hq("GET", "/v1/network/coverage", headers={"Accept-Encoding": "gzip"})
        assert answer.headers["Content-Encoding"] == "gzip"
        return {spot["finding"] for spot in answer.json()["spots"]} == {"gap", "thin", "overlap"}

    eventually(found, what="a report of the network that has just been imported")
    table = life.stack.hq(
        "GET", "/v1/network/coverage", headers={"Accept": "text/csv", "Accept-Encoding": "identity"}
    )
    assert table.text.startswith("\ufefffinding;country;area")


# ── keys ──────────────────────────────────────────────────────────────────────────────────────────


def test_a_key_opens_only_what_its_scopes_say(life: Life) -> None:
    def status(method: str, path: str, key: str) -> int:
        return life.http.request(
            method, path, headers={"X-Api-Key": key} if key else {}, json={}
        ).status_code

    table = life.stack.outputs["PartnersTable"]
    reads = create_key(life.stack.client("dynamodb"), table, "reports", ["partners:read"])
    for method, path in (
        ("GET", "/v1/partners/bonn"),
        ("PUT", "/v1/partners/bonn"),
        ("POST", "/v1/partners/import"),
        ("GET", "/v1/programme"),
        ("PUT", "/v1/programme"),
        ("GET", "/v1/leads/L1"),
        ("POST", "/v1/leads/L1/assign"),
        ("POST", "/v1/leads/L1/release"),
        ("POST", "/v1/leads/L1/erase"),
    ):
        assert status(method, path, "") == 401, path
        assert status(method, path, "pr_made_up") == 401, path
        assert status(method, path, reads) == (
            200 if (method, path) == ("GET", "/v1/partners/bonn") else 403
        ), path
    assert (
        life.http.get("/v1/partners/bonn", headers={"Authorization": f"Bearer {reads}"}).status_code
        == 200
    )


# ── the list of partners ──────────────────────────────────────────────────────────────────────────


def test_every_error_of_a_list_is_named_with_row_and_column_and_nothing_is_half_imported(
    life: Life,
) -> None:
    answer = send(
        life,
        csv_of(
            row("rheinbach", "53359"),
            row("meckenheim", "5334"),
            row("alfter", "53347", email="not an address", products="heat-pump|airship"),
            row("rheinbach", "53359"),
        ),
    )
    assert answer.status_code == 422
    assert answer.headers["content-type"].startswith("application/problem+json")
    wrong = {error["field"] for error in answer.json()["errors"]}
    assert wrong == {"row 3, territories", "row 4, email", "row 4, products", "row 5, id"}
    assert all(error["message"] for error in answer.json()["errors"])
    assert life.stack.hq("GET", "/v1/partners/rheinbach").status_code == 404


def test_a_dry_run_says_what_would_happen_and_saves_nothing(life: Life) -> None:
    answer = send(life, csv_of(row("koenigswinter", "53639")), dry_run="true")
    assert answer.status_code == 200, answer.text
    said = {
        "created": ["koenigswinter"],
        "updated": [],
        "unchanged": [],
        "dry_run": True,
        "finished": True,
    }
    assert answer.json() == said | {
        "changes": [],
        "changes_left_out": 0,
        "warnings": [],
        "ignored_columns": [],
    }
    assert life.stack.hq("GET", "/v1/partners/koenigswinter").status_code == 404


def test_the_same_list_again_changes_nothing_and_a_changed_row_only_its_partner(life: Life) -> None:
    rows = [row("swisttal", "53913"), row("weilerswist", "53919")]
    assert send(life, csv_of(*rows)).json()["created"] == ["swisttal", "weilerswist"]
    assert send(life, csv_of(*rows)).json()["unchanged"] == ["swisttal", "weilerswist"]
    rows[1]["town"] = rows[0]["town"] = "Weilerswist"
    changed = send(life, csv_of(rows[0] | {"town": ""}, rows[1])).json()
    assert (changed["updated"], changed["unchanged"]) == (["weilerswist"], ["swisttal"])


def test_one_partner_is_read_and_replaced_as_a_document(life: Life) -> None:
    document = life.stack.hq("GET", "/v1/partners/bonn").json()
    assert document["status"]["confirmed"]
    saved = life.stack.hq("PUT", "/v1/partners/bonn", json=document | {"caps": {"open": 9}})
    assert saved.status_code == 200, saved.text
    assert saved.json()["caps"]["open"] == 9
    wrong = life.stack.hq(
        "PUT",
        "/v1/partners/bonn",
        json={"territories": ["DE 1"], "contact": {"email": "x"}, "colour": "red"},
    )
    assert wrong.status_code == 422
    assert {e["field"] for e in wrong.json()["errors"]} == {
        "territories[0]",
        "contact.email",
        "colour",
    }


# ── addresses ─────────────────────────────────────────────────────────────────────────────────────


def test_an_unconfirmed_partner_gets_no_lead_until_the_button_is_pressed(life: Life) -> None:
    answer = life.stack.hq(
        "PUT", "/v1/partners/lohmar", json=installer("lohmar", "53797", confirmed=False)
    )
    assert answer.status_code == 200, answer.text
    mail = life.mail(inbox("lohmar"), "Please confirm your address")
    life.mail(HQ, "not confirmed")
    waits = life.enquire("53797")
    assert ("lohmar", "pending") not in life.offers(waits.lead)

    page = life.browser.open(link(mail, "/c/"))
    life.browser.open(link(mail, "/c/"))  # the scanner of a mail server
    assert not life.stack.hq("GET", "/v1/partners/lohmar").json()["status"]["confirmed"]
    assert "Your address is confirmed" in life.browser.press(page.form("confirm"))
    assert "Your address is confirmed" in life.browser.press(page.form("confirm")), (
        "twice is not a harm"
    )
    desk = life.mail(inbox("lohmar"), "Your desk")
    assert "You are receiving new enquiries" in life.browser.open(link(desk, "/d/"))

    life.until_covered("53797")
    assert life.offers(life.enquire("53797").lead) == [("lohmar", "pending")]


def test_a_link_for_an_address_that_changed_since_confirms_nothing(life: Life) -> None:
    life.stack.hq("PUT", "/v1/partners/hennef", json=installer("hennef", "53773", confirmed=False))
    page = life.browser.open(link(life.mail(inbox("hennef"), "Please confirm"), "/c/"))
    new = {"contact": {"email": inbox("hennef-new")}}
    life.stack.hq("PUT", "/v1/partners/hennef", json=new).raise_for_status()
    assert "out of date" in life.browser.press(page.form("confirm"))
    assert not life.stack.hq("GET", "/v1/partners/hennef").json()["status"]["confirmed"]
    life.mail(inbox("hennef-new"), "Please confirm")


def test_a_bounce_takes_the_partner_out_of_routing_and_hq_hears(life: Life) -> None:
    def comes_back(partner: str, address: str, kind: str) -> None:
        """What SES says on the account's bus, which takes it from nobody else, as the rule brings
        it to the queue.
        """
        detail = {
            "eventType": "Bounce",
            "bounce": {"bounceType": kind, "bouncedRecipients": [{"emailAddress": address}]},
            "mail": {"tags": {"partner": [partner], "role": ["partner"]}},
        }
        event = {"id": kind, "source": "aws.ses", "detail-type": "Email Bounced", "detail": detail}
        queue = life.stack.outputs["MailQueue"]
        life.stack.client("sqs").send_message(QueueUrl=queue, MessageBody=json.dumps(event))

    def bounced(partner: str = "euskirchen") -> bool:
        return life.stack.hq("GET", f"/v1/partners/{partner}").json()["status"]["bounced"]

    comes_back("bonn", inbox("bonn"), "Transient")  # a full mailbox is no reason
    comes_back("bonn", "somebody-else@partners.example", "Permanent")
    comes_back("euskirchen", inbox("euskirchen"), "Permanent")
    eventually(bounced, what="the bounce on the partner")
    told = life.mail(HQ, "Email to Euskirchen bounces")
    assert inbox("euskirchen") in told.text
    waits = life.enquire("53879")
    assert ("euskirchen", "pending") not in life.offers(waits.lead)
    life.stack.hq("PUT", "/v1/partners/euskirchen", json={"confirmed": True}).raise_for_status()
    assert not bounced(), "HQ phoned, the address is right again"
    assert not bounced("bonn")


# ── the rules ─────────────────────────────────────────────────────────────────────────────────────


def test_errors_of_a_programme_are_named_by_path_and_nothing_is_saved(life: Life) -> None:
    before = life.stack.hq("GET", "/v1/programme")
    wrong = yaml.safe_load((SAMPLES / "dach-heating/programme.yaml").read_text())
    wrong["offers"][0]["window"] = {"minutes": 5, "working_days": 1}
    wrong["forms"][0]["products"].append("airship")
    wrong["colour"] = "red"
    answer = life.stack.hq("PUT", "/v1/programme", content=yaml.safe_dump(wrong))
    assert answer.status_code == 422
    assert {"offers[0].window", "colour"} <= {e["field"] for e in answer.json()["errors"]}
    del wrong["colour"]
    wrong["offers"][0]["window"] = {"minutes": 5}
    answer = life.stack.hq("PUT", "/v1/programme", content=yaml.safe_dump(wrong))
    assert [e["field"] for e in answer.json()["errors"]] == ["forms[0].products[3]"]
    assert "heat-pump" in answer.json()["errors"][0]["message"]
    after = life.stack.hq("GET", "/v1/programme")
    assert after.headers["etag"] == before.headers["etag"]


def test_the_programme_comes_back_as_it_was_put_and_says_what_is_odd(life: Life) -> None:
    shown = life.stack.hq("GET", "/v1/programme", headers={"Accept": "application/yaml"})
    assert shown.headers["content-type"].startswith("application/yaml")
    again = life.stack.hq("PUT", "/v1/programme", content=shown.content)
    assert again.status_code == 200, again.text
    assert any("under 10 min" in each for each in again.json()["warnings"])
    same = life.stack.hq("GET", "/v1/programme", headers={"Accept": "application/yaml"})
    assert same.text == shown.text


# ── where postcodes are ───────────────────────────────────────────────────────────────────────────


def test_a_list_of_places_is_in_force_within_seconds_and_a_wrong_one_changes_nothing(
    life: Life,
) -> None:
    def put(*lines: str) -> httpx.Response:
        text = "\r\n".join(("postcode;lat;lon", *lines, ""))
        return life.stack.hq(
            "PUT", "/v1/places/DE", content=text, headers={"Content-Type": "text/csv"}
        )

    betzdorf, wissen, siegen = "57518;50.79;7.87", "57537;50.78;7.73", "57072;50.87;8.02"
    assert send(life, csv_of(row("betzdorf", "15km 57518"))).status_code == 200
    assert life.covered("57537") == 0
    wrong = put(betzdorf, "57537;50.78;north")
    assert (wrong.status_code, [e["field"] for e in wrong.json()["errors"]]) == (
        422,
        ["row 3, lon"],
    )
    assert life.stack.hq("GET", "/v1/places").json() == {"places": []}
    said = put(betzdorf, wissen, siegen)
    assert said.json()["territories"] == {"found": 1, "unknown": 0}, said.text
    life.until_covered("57537")
    asked = life.enquire("57537")
    assert life.offers(asked.lead) == [("betzdorf", "pending")]
    assert life.covered("57072") == 1
    assert life.covered("57078") == 0, "nobody said where that is"
    (known,) = life.stack.hq("GET", "/v1/places").json()["places"]
    assert (known["country"], known["postcodes"]) == ("DE", 3)


# ── the desk ──────────────────────────────────────────────────────────────────────────────────────


def test_a_partner_sees_everything_on_the_desk_and_pauses(life: Life) -> None:
    asked = life.enquire("53721")
    offer = life.offer("siegburg", "53721")
    desk = life.browser.open(offer.link("/d/"))
    assert "Answer by" in desk
    assert asked.name not in desk
    life.browser.press(life.browser.open(desk.link("/o/")).form("accept"))
    desk = life.browser.open(desk.url)
    assert asked.name in desk
    assert "Call by" in desk

    paused = life.browser.press(desk.form("pause"))
    assert "You will not receive new enquiries" in paused
    assert asked.name in paused, "what they hold stays"
    other = life.enquire("53721")
    assert ("siegburg", "pending") not in life.offers(other.lead)
    life.browser.press(paused.form("resume"))
    life.until_covered("53721")
    third = life.enquire("53721")
    assert life.offers(third.lead)[0] == ("siegburg", "pending")


def test_a_renewed_desk_link_ends_every_link_sent_before(life: Life) -> None:
    asked = life.enquire("53840")
    offer = life.offer("troisdorf", "53840")
    old = life.browser.open(offer.link("/d/"))
    renewed = life.browser.press(old.form("renew"))
    assert "on its way" in renewed
    fresh = link(life.mail(inbox("troisdorf"), "Your desk"), "/d/")
    assert fresh != old.url
    assert fresh not in renewed.html, "whoever holds the old link does not get the new one"
    stale = life.browser.open(old.url)
    assert "53840" not in stale
    assert "pause" not in stale.actions
    assert life.browser.open(offer.url).status == 403
    assert life.http.post(offer.url, data={"action": "accept"}).status_code == 403
    desk = life.browser.open(fresh)
    assert "53840" in desk
    assert asked.name in life.browser.press(life.browser.open(desk.link("/o/")).form("accept"))
