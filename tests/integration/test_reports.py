"""A month's report from the enquiries to the mails: by the clock or asked for, once, and whole."""

import base64
import gzip
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest
from botocore.exceptions import ClientError

from routing_core.aws.queues.mail import SesMailSender
from routing_core.service.kernel.mail_ports import Mail
from routing_core.service.reports.report_run import ReportRun, RunState
from tests.support.builders import working_in
from tests.support.world import World, a_programme, munich

OCTOBER = "2026-10"
PEOPLE = {
    "people": [
        {"email": "hq@example.com", "role": "admin"},
        {"email": "viewer@example.com", "role": "viewer"},
        {"email": "munich@example.com", "role": "manager", "regions": ["munich"]},
    ]
}


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def an_october(world: World, leads: int = 6) -> list[str]:
    """A network of two, and enquiries in October of which the first partner takes most."""
    world.now = at("2026-10-05T09:00")
    world.use(a_programme(), munich(1), munich(2))
    ids = []
    for number in range(leads):
        world.post_lead(f"october-{number}", email=f"a{number}@posteo.de", phone="")
        world.deliver()
        (new,) = set(world.lead_ids()) - set(ids)
        ids.append(new)
        if number % 3 != 2:
            world.press(world.offer_link(ids[-1]), action="accept")
            world.deliver()
        world.advance(hours=1)
    return ids


def made(world: World, period: str = OCTOBER, send: bool | None = None) -> dict[str, Any]:
    """The report on a period, asked for by a program and made."""
    world.now = max(world.now, at("2026-11-01T04:00"))
    key = world.api_key("reports:write", "reports:read")
    asked = {"period": period, "send": send}
    answer = world.http("POST", "/v1/reports", json_body=asked, headers={"x-api-key": key})
    assert answer.status == 202, answer.body
    world.make_reports()
    return world.http("GET", f"/v1/reports/{period}", headers={"x-api-key": key}).json()


def content(world: World, to: str, kind: str = "plain") -> str:
    """The last mail to an address."""
    body = world.mails(to)[-1].get_body((kind,))
    assert body is not None
    return str(body.get_content())


def rows_of(world: World) -> dict[str, RunState]:
    return {run.id: run.state for run in world.wiring.report_runs.newest(50)}


def files(world: World) -> dict[str, bytes]:
    """What the bucket keeps of reports, by name."""
    s3 = boto3.client("s3")
    found = s3.list_objects_v2(Bucket="networks", Prefix="reports/").get("Contents", [])
    return {
        each["Key"]: s3.get_object(Bucket="networks", Key=each["Key"])["Body"].read()
        for each in found
    }


# ── made, and sent ────────────────────────────────────────────────────────────────────────────────


def test_a_month_is_reported_to_hq_and_to_each_partner(world: World) -> None:
    an_october(world)
    before = len(world.mails())
    report = made(world)
    assert report["run"]["state"] == "done"
    figures = report["figures"]
    line = figures["reconciliation"]
    assert line["received"] == 6
    assert figures["activity"]["offers"]["accepted"] == 4
    assert {each["partner"] for each in figures["partners"]} <= {"munich-1", "munich-2"}
    sent = world.mails()[before:]
    assert "report for October 2026" in str(world.mails("hq@example.com")[-1]["Subject"])
    partners = [mail for mail in sent if "munich-" in str(mail["To"])]
    assert {str(mail["Subject"]) for mail in partners} == {"Ihr Bericht für Oktober 2026"}
    assert len(partners) == len(figures["partners"])


@pytest.mark.parametrize(
    ("said", "confirmed", "disputed"),
    [
        ((), 0, 0),
        (("called",), 1, 0),
        (("not_called",), 0, 1),
        (("not_called", "called"), 1, 0),
        (("called", "not_called"), 0, 1),
    ],
)
def test_what_prospects_say_of_the_call_stands_beside_what_partners_say(
    world: World, said: tuple[str, ...], confirmed: int, disputed: int
) -> None:
    (lead, *_) = an_october(world, leads=2)
    world.press(world.offer_link(lead), action="contacted")
    world.deliver()
    links = world.wiring.links
    for action in said:
        world.press(urlsplit(links.status(lead)).path, action=action)
        world.deliver()
    speed = made(world)["figures"]["speed"]
    assert speed["confirmed"] == {"count": confirmed, "of": 1}
    assert speed["disputed"] == {"count": disputed, "of": 1}


def test_a_mail_has_bars_that_mail_programs_show(world: World) -> None:
    an_october(world)
    made(world)
    html = content(world, "hq@example.com", "html")
    assert "<svg" not in html
    assert 'class="barfill"' in html
    plain = content(world, "hq@example.com")
    assert "Received: 6" in plain


def test_however_often_it_is_asked_for_there_is_one_and_nobody_gets_a_mail_twice(
    world: World,
) -> None:
    an_october(world)
    made(world)
    mails, kept = len(world.mails()), files(world)
    key = world.api_key("reports:write")
    for _ in range(3):
        answer = world.http(
            "POST", "/v1/reports", json_body={"period": OCTOBER}, headers={"x-api-key": key}
        )
        assert (answer.status, answer.json()["id"]) == (200, OCTOBER)
    world.nudge_reports()
    world.make_reports()
    assert len(world.mails()) == mails
    assert files(world) == kept


def test_a_task_that_is_repeated_changes_nothing_and_sends_nothing(world: World) -> None:
    an_october(world)
    made(world)
    mails, kept = len(world.mails()), files(world)
    world.advance(days=1)
    begun = world.report_task({"task": "begin", "run": OCTOBER})
    parts = []
    for each in begun["slices"]:
        parts.append(world.report_task({**each, "task": "gather"})["part"])
    batches = world.report_task({"task": "make", "run": OCTOBER, "parts": parts})["batches"]
    for batch in batches:
        world.report_task({**batch, "task": "send"})
    world.report_task({"task": "finish", "run": OCTOBER})
    assert len(world.mails()) == mails
    assert files(world) == kept


def test_what_happens_after_the_month_changes_no_report_that_was_sent(world: World) -> None:
    ids = an_october(world)
    sent = made(world)["figures"]
    kept = files(world)
    world.press(world.offer_link(ids[0], 1), action="won", value="12000")
    world.deliver()
    november = made_again(world, "2026-11", at("2026-12-01T04:00"))
    assert {name: files(world)[name] for name in kept} == kept
    key = world.api_key("reports:read")
    again = world.http("GET", f"/v1/reports/{OCTOBER}", headers={"x-api-key": key}).json()
    assert again["figures"] == sent
    line = november["figures"]["reconciliation"]
    assert line["open_at_start"] == sent["reconciliation"]["open_at_end"]
    assert line["won"] == 1
    assert [each["received"] for each in november["figures"]["trend"]] == [6, line["received"]]


def made_again(world: World, period: str, now: datetime) -> dict[str, Any]:
    world.now = now
    return made(world, period)


def test_the_second_month_reads_what_was_open_and_what_came_since_and_no_table(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = an_october(world, leads=3)
    made(world)
    world.now = at("2026-11-10T09:00")
    world.post_lead("november", email="n@posteo.de", phone="")
    world.deliver()
    histories = world.wiring.lead_histories

    def no_scan(*_: Any) -> None:
        raise AssertionError("the second report scanned the table")

    monkeypatch.setattr(histories, "scan", no_scan)
    november = made_again(world, "2026-11", at("2026-12-01T04:00"))
    assert november["run"]["leads"] == len(ids) + 1
    assert november["run"]["received"] == november["figures"]["activity"]["received"] == 1
    listed = world.desk().get("/hq/reports").body
    assert '<td class="number" data-label="Enquiries received">1</td>' in listed


def test_what_comes_in_the_first_instant_of_the_next_month_is_not_in_it(world: World) -> None:
    world.now = at("2026-10-31T22:59:59")  # in Berlin it is one second to November
    world.use(a_programme(), munich(1))
    world.post_lead("last", email="l@posteo.de", phone="")
    world.now = at("2026-10-31T23:00")
    world.post_lead("first", email="f@posteo.de", phone="")
    world.deliver()
    assert made(world)["figures"]["reconciliation"]["received"] == 1


def test_a_month_without_any_enquiry_is_noted_and_mailed_to_nobody(world: World) -> None:
    world.use(a_programme(), munich(1))
    report = made(world)
    assert (report["run"]["state"], report["figures"]) == ("empty", None)
    assert not world.mails()


@pytest.mark.parametrize(
    ("send", "mailed"), [(None, False), (True, True), (False, False)], ids=["usual", "yes", "no"]
)
def test_leads_of_the_past_that_hq_imported_are_in_the_report_and_by_themselves_mail_nobody(
    world: World, send: bool | None, mailed: bool
) -> None:
    world.now = at("2026-11-20T09:00")
    world.use(a_programme(), munich(1), munich(2))
    header = "asked_at;postcode;product;urgency;partner;outcome;value;accepted_at;closed_at"
    won = "2026-10-02 09:14;80331;heat-pump;soon;munich-1;won;18400;2026-10-02 11:00;2026-10-20"
    lost = "2026-10-05 17:40;80331;heat-pump;soon;munich-2;lost;;2026-10-06 08:30;2026-10-24"
    answer = world.http(
        "POST",
        "/v1/leads/import?name=old-system&mode=past",
        body="\r\n".join((header, won, lost)),
        headers={"x-api-key": world.api_key("leads:write"), "content-type": "text/csv"},
    )
    assert answer.json()["kept"] == 2
    report = made(world, send=send)
    line = report["figures"]["reconciliation"]
    assert (line["received"], line["won"], line["lost"], line["open_at_end"]) == (2, 1, 1, 0)
    assert report["run"]["mailed"] is mailed
    assert bool(world.mails()) is mailed
    listed = world.desk().get("/hq/reports").body
    assert ("made, mailed to nobody" in listed) is not mailed


def test_of_the_past_what_a_list_does_not_tell_is_not_said_to_be_taken_by_nobody(
    world: World,
) -> None:
    world.now = at("2026-11-20T09:00")
    world.use(a_programme(), munich(1))
    header = "asked_at;postcode;product;urgency;partner;outcome;value;accepted_at;closed_at"
    untold = "2026-10-02 09:14;80331;heat-pump;soon;;;;;"
    whose = "2026-10-05 17:40;80331;heat-pump;soon;;lost;;;2026-10-24"
    world.http(
        "POST",
        "/v1/leads/import?name=old-system&mode=past",
        body="\r\n".join((header, untold, whose)),
        headers={"x-api-key": world.api_key("leads:write"), "content-type": "text/csv"},
    )
    figures = made(world)["figures"]
    line = figures["reconciliation"]
    assert (line["received"], line["closed_unplaced"], line["past_untold"]) == (2, 0, 2)
    assert line["open_at_end"] == 0
    assert [each["unplaced"] for each in figures["cohorts"] if each["received"]] == [0]
    assert figures["speed"]["hours"]["cases"] == 0, "nobody knows whether they were called"
    page = world.desk().get(f"/hq/reports/{OCTOBER}").body
    assert "Past enquiries imported, end not known" in page


def test_one_enquiry_of_the_product_itself_beside_the_past_is_enough_to_mail(world: World) -> None:
    world.now = at("2026-10-20T09:00")
    world.use(a_programme(), munich(1))
    world.post_lead("live", email="l@posteo.de", phone="")
    world.deliver()
    before = len(world.mails())
    assert made(world)["run"]["mailed"] is True
    assert len(world.mails()) > before


def test_a_report_on_a_month_before_the_last_is_mailed_only_if_somebody_says_so(
    world: World,
) -> None:
    an_october(world)
    world.now = at("2026-12-05T04:00")
    before = len(world.mails())
    assert made(world)["run"]["mailed"] is False
    assert len(world.mails()) == before
    desk = world.desk()
    page = desk.get("/hq/reports").body
    assert "mailed to nobody" in page
    assert "people at HQ (1) and to partners with figures in it (2 at most)" in page
    assert "Report for October 2026" in desk.get(f"/hq/reports/{OCTOBER}").body
    desk.press("/hq/reports", period=OCTOBER, version="2", send="yes")
    world.make_reports()
    assert "report for October 2026" in str(world.mails("hq@example.com")[-1]["Subject"])


def test_a_report_that_was_mailed_to_nobody_is_mailed_by_a_button_to_everybody_once(
    world: World,
) -> None:
    an_october(world)
    world.now = at("2026-12-05T04:00")
    before = len(world.mails())
    made(world)
    desk = world.desk()
    page = desk.get(f"/hq/reports/{OCTOBER}").body
    assert "Mail this report now" in page
    assert "people at HQ (1) and to partners with figures in it (2 at most)" in page
    assert len(world.mails()) == before
    desk.press(f"/hq/reports/{OCTOBER}/mail")
    again = desk.press(f"/hq/reports/{OCTOBER}/mail")
    assert "The report is being mailed." in again.body
    (machine,) = world.make_reports()
    assert machine.steps[:2] == ["MadeAlready", "Mail"], "nothing is made anew"
    sent = world.mails()[before:]
    assert len(sent) == 3, "one of HQ and two partners"
    assert "Mail this report now" not in desk.get(f"/hq/reports/{OCTOBER}").body
    late = desk.press(f"/hq/reports/{OCTOBER}/mail")
    assert "Everybody has got this report already" in late.body
    world.make_reports()
    assert len(world.mails()) == before + 3
    key = world.api_key("reports:write", "log:read")
    asked = world.http("POST", f"/v1/reports/{OCTOBER}/mail", headers={"x-api-key": key})
    assert (asked.status, asked.json()["mailed"]) == (200, True)
    log = world.http("GET", "/v1/log", headers={"x-api-key": key}).json()["entries"]
    assert [each["kind"] for each in log].count("report.mailed") == 1


def test_a_mailing_that_never_began_is_begun_by_the_clock(world: World) -> None:
    an_october(world)
    world.now = at("2026-12-05T04:00")
    made(world)
    run = world.wiring.report_runs.get(OCTOBER)
    assert run
    assert world.wiring.report_runs.mail(run)
    assert not world.wiring.report_runs.mail(run), "two pressed at the same moment"

    def on_october() -> int:
        subjects = [str(mail["Subject"]) for mail in world.mails()]
        return sum("October 2026" in each or "Oktober 2026" in each for each in subjects)

    assert on_october() == 0
    for _ in range(2):
        world.nudge_reports()
        world.make_reports()
        assert on_october() == 3


def test_whoever_could_not_be_sent_a_report_is_mailed_it_later_and_nobody_twice(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    an_october(world)
    sending = SesMailSender.send

    def fails(sender: SesMailSender, mail: Mail, marks: Mapping[str, str]) -> str:
        if marks.get("partner") == "munich-1":
            raise RuntimeError("a fault of this partner's mail")
        return sending(sender, mail, marks)

    with monkeypatch.context() as broken:
        broken.setattr(SesMailSender, "send", fails)
        assert made(world)["run"]["failed_partners"] == ["munich-1"]
    before = len(world.mails())
    key = world.api_key("reports:write", "reports:read")
    asked = world.http("POST", f"/v1/reports/{OCTOBER}/mail", headers={"x-api-key": key})
    assert asked.status == 202
    world.make_reports()
    sent = world.mails()[before:]
    assert [str(mail["To"]).partition("@")[0][-8:] for mail in sent] == ["munich-1"]
    told = world.http("GET", f"/v1/reports/{OCTOBER}", headers={"x-api-key": key}).json()["run"]
    assert told["failed_partners"] == []


def test_a_report_that_is_not_there_cannot_be_mailed(world: World) -> None:
    world.now = at("2026-10-05T09:00")
    world.use(a_programme(), munich(1))
    made(world)
    key = world.api_key("reports:write")
    headers = {"x-api-key": key}
    assert world.http("POST", f"/v1/reports/{OCTOBER}/mail", headers=headers).status == 409
    assert world.http("POST", "/v1/reports/2026-09/mail", headers=headers).status == 404


def test_an_erased_enquiry_stays_counted(world: World) -> None:
    ids = an_october(world)
    key = world.api_key("leads:write")
    world.http("POST", f"/v1/leads/{ids[0]}/erase", headers={"x-api-key": key, "if-match": "*"})
    report = made(world)
    assert report["figures"]["reconciliation"]["received"] == 6
    for name, content in files(world).items():
        assert b"posteo" not in gzip.decompress(content), name
        assert b"Erika" not in gzip.decompress(content), name


# ── by the clock ──────────────────────────────────────────────────────────────────────────────────


def test_it_is_made_by_itself_at_the_programmes_hour_and_not_before(world: World) -> None:
    an_october(world)
    world.now = at("2026-11-01T02:30")  # 03:30 in Berlin
    world.nudge_reports()
    assert not rows_of(world)
    world.now = at("2026-11-01T03:10")
    world.nudge_reports()
    world.make_reports()
    assert rows_of(world) == {OCTOBER: RunState.DONE}


def test_weeks_are_reported_where_the_programme_says_so(world: World) -> None:
    an_october(world)
    world.wiring.rules.save_programme(a_programme(reports={"weekly": True}), world.now)
    world.now = at("2026-10-12T02:30")  # a Monday, 04:30 in Berlin
    world.nudge_reports()
    world.make_reports()
    assert rows_of(world) == {"2026-W41": RunState.DONE}


def test_without_any_rules_there_is_nothing_to_report(world: World) -> None:
    world.nudge_reports()
    assert not rows_of(world)


def test_one_that_was_asked_for_and_never_begun_is_begun_by_the_clock(world: World) -> None:
    an_october(world)
    world.now = at("2026-11-20T04:00")
    run = ReportRun(OCTOBER, RunState.ASKED, world.now, "tests", zone="Europe/Berlin")
    assert world.wiring.report_runs.ask(run)
    world.nudge_reports()
    world.make_reports()
    assert rows_of(world) == {OCTOBER: RunState.DONE}


# ── what goes wrong ───────────────────────────────────────────────────────────────────────────────


def test_a_partner_whose_report_fails_stops_nobody_and_is_named(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    an_october(world)
    real = SesMailSender.send

    def send(self: SesMailSender, mail: Mail, mark: Any) -> str:
        if mark.get("partner") == "munich-1":
            raise ClientError({"Error": {"Code": "Throttling", "Message": "too many"}}, "SendEmail")
        return real(self, mail, mark)

    monkeypatch.setattr(SesMailSender, "send", send)
    report = made(world)
    assert report["run"]["state"] == "done"
    assert report["run"]["failed_partners"] == ["munich-1"]
    assert "munich-2" in {str(mail["To"]).partition("@")[0] for mail in world.mails()}
    page = world.desk().get(f"/hq/reports/{OCTOBER}").body
    assert "Isar Wärme 1</li>" in page
    assert "could not be sent" in content(world, "hq@example.com")


def test_a_mail_that_fails_once_leaves_when_its_task_is_done_again_and_no_other_leaves_twice(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    an_october(world)
    send, failed = SesMailSender.send, set[str]()

    def first_fails(sender: SesMailSender, mail: Mail, mark: Mapping[str, str]) -> str:
        (to,) = mail.to
        if to in ("munich-1@example.com", "hq@example.com") and to not in failed:
            failed.add(to)
            raise ClientError({"Error": {"Code": "TooManyRequestsException"}}, "SendEmail")
        return send(sender, mail, mark)

    monkeypatch.setattr(SesMailSender, "send", first_fails)
    before = len(world.mails())
    run = made(world)["run"]
    assert len(failed) == 2
    assert (run["state"], run["failed_partners"]) == ("done", [])
    readers = [str(mail["To"]) for mail in world.mails()[before:]]
    assert len(readers) == len(set(readers))
    assert failed <= set(readers)


def test_a_report_that_one_person_at_hq_cannot_be_sent_is_made_all_the_same(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    an_october(world)
    send = SesMailSender.send

    def refuse(sender: SesMailSender, mail: Mail, mark: Mapping[str, str]) -> str:
        if mail.to == ("hq@example.com",):
            raise ClientError({"Error": {"Code": "MessageRejected"}}, "SendEmail")
        return send(sender, mail, mark)

    monkeypatch.setattr(SesMailSender, "send", refuse)
    assert made(world)["run"]["state"] == "done"


def test_a_batch_that_fails_as_a_whole_stops_nobody_and_its_partners_are_named(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    an_october(world)

    def broken(*_: Any) -> None:
        raise RuntimeError("out of memory")

    monkeypatch.setattr("functions.reports.sending.send_batch", broken)
    report = made(world)
    assert report["run"]["state"] == "done"
    assert "munich-1" in report["run"]["failed_partners"]


def test_a_report_that_failed_says_so_and_goes_on_when_it_is_asked_for_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    an_october(world)

    def broken(*_: Any) -> None:
        raise RuntimeError("no snapshot today")

    with monkeypatch.context() as once:
        once.setattr("functions.reports.tasks.make_reports", broken)
        report = made(world)
    assert report["run"]["state"] == "failed"
    page = world.desk().get(f"/hq/reports/{OCTOBER}").body
    assert "could not be made" in page
    world.desk().press("/hq/reports", period=OCTOBER, version="1")
    world.make_reports()
    assert rows_of(world) == {OCTOBER: RunState.DONE}


def test_one_lead_that_cannot_be_read_is_left_out(world: World) -> None:
    ids = an_october(world)
    boto3.client("dynamodb").update_item(
        TableName="leads",
        Key={"pk": {"S": f"LEAD#{ids[0]}"}, "sk": {"S": "LEAD"}},
        UpdateExpression="REMOVE #status",
        ExpressionAttributeNames={"#status": "status"},
    )
    assert made(world)["run"]["leads"] == 5


def test_an_open_lead_that_cannot_be_read_any_more_stays_as_the_last_report_knew_it(
    world: World,
) -> None:
    ids = an_october(world)
    line = made(world)["figures"]["reconciliation"]
    boto3.client("dynamodb").update_item(
        TableName="leads",
        Key={"pk": {"S": f"LEAD#{ids[0]}"}, "sk": {"S": "LEAD"}},
        UpdateExpression="REMOVE #status",
        ExpressionAttributeNames={"#status": "status"},
    )
    world.now = at("2026-12-01T04:00")
    after = made(world, "2026-11")["figures"]["reconciliation"]
    assert after["open_at_start"] == line["open_at_end"] == 6
    assert after["open_at_end"] == 6


# ── asked for ─────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({}, "period"),
        ({"period": "october"}, "period"),
        ({"period": "2026-11"}, "period"),  # not over
        ({"period": OCTOBER, "version": 2}, "version"),
        ({"period": OCTOBER, "version": "1; drop"}, "version"),
        ({"period": OCTOBER, "version": 0}, "version"),
        ({"period": OCTOBER, "send": "yes"}, "send"),
    ],
)
def test_what_cannot_be_made_is_refused_in_words(
    world: World, asked: dict[str, Any], field: str
) -> None:
    world.use(a_programme())
    world.now = at("2026-11-05T04:00")
    key = world.api_key("reports:write")
    answer = world.http("POST", "/v1/reports", json_body=asked, headers={"x-api-key": key})
    assert answer.status == 422
    assert answer.json()["errors"][0]["field"] == field
    assert not rows_of(world)


def test_a_second_version_tells_the_month_as_it_is_known_by_now_and_leaves_the_first(
    world: World,
) -> None:
    an_october(world)
    first = made(world)
    key = world.api_key("reports:write", "reports:read")
    asked = {"period": OCTOBER, "version": 2}
    answer = world.http("POST", "/v1/reports", json_body=asked, headers={"x-api-key": key})
    assert (answer.status, answer.json()["id"]) == (202, f"{OCTOBER}.2")
    world.make_reports()
    second = world.http("GET", f"/v1/reports/{OCTOBER}.2", headers={"x-api-key": key}).json()
    assert second["run"]["version"] == 2
    assert second["figures"]["created"] >= first["figures"]["created"]
    assert len(rows_of(world)) == 2


@pytest.mark.parametrize("name", ["2026-13", "2026-10.1", "x", "2026-10.0", "..%2F", "2026-W60"])
def test_what_is_no_report_is_not_found(world: World, name: str) -> None:
    world.use(a_programme())
    key = world.api_key("reports:read")
    assert world.http("GET", f"/v1/reports/{name}", headers={"x-api-key": key}).status == 404
    assert world.desk().get(f"/hq/reports/{name}").status == 404


def test_a_key_needs_the_scope(world: World) -> None:
    world.use(a_programme())
    reading = {"x-api-key": world.api_key("reports:read")}
    body = {"period": OCTOBER}
    assert world.http("POST", "/v1/reports", json_body=body, headers=reading).status == 403
    other = {"x-api-key": world.api_key("leads:read")}
    assert world.http("GET", "/v1/reports", headers=other).status == 403
    assert world.http("GET", "/v1/figures", headers=other).status == 403


# ── read ──────────────────────────────────────────────────────────────────────────────────────────


def test_hq_reads_it_on_its_desk_and_takes_it_away(world: World) -> None:
    an_october(world)
    desk = world.desk()
    assert "There is no report yet" in desk.get("/hq/reports").body
    made(world)
    assert f'href="/hq/reports/{OCTOBER}"' in desk.get("/hq/reports").body
    page = desk.get(f"/hq/reports/{OCTOBER}").body
    assert "Report for October 2026" in page
    assert f"/hq/reports/{OCTOBER}/partners/munich-1" in page
    assert (
        "Isar Wärme 1: report for October 2026"
        in desk.get(f"/hq/reports/{OCTOBER}/partners/munich-1").body
    )
    open_with_them = re.findall(
        r'<a href="(/hq/leads/L[^"]+)">', desk.get(f"/hq/reports/{OCTOBER}/partners/munich-1").body
    )
    assert open_with_them
    assert {desk.get(each).status for each in open_with_them} == {200}
    for kind, begins in (("html", b"<!doctype html>"), ("csv", b"\xef\xbb\xbf"), ("xlsx", b"PK")):
        file = desk.get(f"/hq/reports/{OCTOBER}?as={kind}")
        assert f"report-{OCTOBER}.{kind}" in file.headers["Content-Disposition"]
        assert base64.b64decode(file.body).startswith(begins)


def test_a_partner_opens_theirs_from_the_mail_and_nobody_elses(world: World) -> None:
    an_october(world)
    made(world)
    link = world.mailed_link("munich-1", "r")
    page = world.http("GET", link)
    assert page.status == 200
    assert "Isar Wärme 1: Bericht für Oktober 2026" in page.body
    assert "Isar Wärme 2" not in page.body
    assert "/o/" in page.body  # what is open leads to its own page
    assert "/d/" in page.body
    file = world.http("GET", f"{link}?as=xlsx")
    assert base64.b64decode(file.body).startswith(b"PK")
    assert world.http("GET", link[:-3] + "abc").status == 403
    token = link.rpartition("/")[2]
    assert world.http("GET", f"/d/{token}").status == 403


def test_the_partners_desk_leads_to_the_latest_report(world: World) -> None:
    an_october(world)
    desk = urlsplit(world.wiring.links.desk("munich-1", 1)).path
    link = re.findall(r'href="https://relay.example.com(/r/[^"]+)"', world.http("GET", desk).body)
    assert "Es gibt noch keinen Bericht" in world.http("GET", link[0]).body
    made(world)
    assert "Bericht für Oktober 2026" in world.http("GET", link[0]).body


def test_a_link_that_was_ended_opens_no_report(world: World) -> None:
    an_october(world)
    made(world)
    link = world.mailed_link("munich-1", "r")
    key = world.api_key("partners:write")
    world.http("POST", "/v1/partners/munich-1/revoke", json_body={}, headers={"x-api-key": key})
    assert world.http("GET", link).status == 403


def test_a_viewer_reads_and_makes_none(world: World) -> None:
    world.use(a_programme(hq=PEOPLE), munich(1))
    world.now = at("2026-11-05T04:00")
    viewer = world.desk("viewer@example.com")
    assert "Make the report" not in viewer.get("/hq/reports").body
    assert viewer.post("/hq/reports", period=OCTOBER).status == 403
    assert not rows_of(world)


def test_a_manager_of_some_regions_makes_none_and_reads_of_their_own(world: World) -> None:
    berlin = working_in("berlin-1", "DE 10*")
    world.use(a_programme(hq=PEOPLE), munich(1), berlin)
    world.now = at("2026-10-05T09:00")
    world.post_lead("one", email="o@posteo.de", phone="", postcode="10115")
    world.deliver()
    made(world)
    manager = world.desk("munich@example.com")
    assert manager.post("/hq/reports", period="2026-09").status == 403
    page = manager.get(f"/hq/reports/{OCTOBER}").body
    assert "0 open + 0 received" in page
    assert manager.get(f"/hq/reports/{OCTOBER}/partners/berlin-1").status == 404
    assert "Enquiries received: 0" in content(world, "munich@example.com")


def test_a_post_from_another_site_makes_none(world: World) -> None:
    world.use(a_programme())
    world.now = at("2026-11-05T04:00")
    answer = world.desk().send(
        "/hq/reports", form={"period": OCTOBER}, headers={"origin": "https://evil.example"}
    )
    assert answer.status == 403
    assert not rows_of(world)


# ── figures of any days ───────────────────────────────────────────────────────────────────────────


def test_figures_of_any_days_and_filter(world: World) -> None:
    an_october(world)
    made(world)
    headers = {"x-api-key": world.api_key("reports:read")}

    def received(query: str) -> int:
        answer = world.http("GET", f"/v1/figures?{query}", headers=headers)
        assert answer.status == 200, answer.body
        count: int = answer.json()["reconciliation"]["received"]
        return count

    assert received(f"period={OCTOBER}") == 6
    assert received("period=2026-W41") == 6
    assert received("first=2026-10-05&last=2026-10-05") == 6
    assert received("first=2026-10-06&last=2026-10-20") == 0
    assert received(f"period={OCTOBER}&product=heat-pump,boiler") == 6
    assert received(f"period={OCTOBER}&product=boiler") == 0


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("", 422),
        ("first=2026-10-05", 422),
        ("first=2026-10-05&last=2026-10-01", 422),
        ("first=0001-01-01&last=9999-12-31", 422),
        ("first=2025-01-01&last=2026-10-01", 422),
        ("period=%00", 422),
    ],
)
def test_figures_that_cannot_be_given_are_refused_in_words(
    world: World, query: str, status: int
) -> None:
    world.use(a_programme())
    headers = {"x-api-key": world.api_key("reports:read")}
    assert world.http("GET", f"/v1/figures?{query}", headers=headers).status == status
