"""What we rely on in the embedded AWS. An upgrade of ministack is a decision: these tests are asked
first.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from tests.support.embedded import Stack, eventually, needs_local_python

APP = Path(__file__).parent / "embedded_app"
pytestmark = pytest.mark.embedded


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    needs_local_python()
    with Stack(
        tmp_path_factory.mktemp("probe"), root=APP, template=APP / "template.yaml"
    ) as running:
        yield running


def notes(aws: Stack, name: str) -> int:
    query = {
        "KeyConditionExpression": "pk = :pk",
        "ExpressionAttributeValues": {":pk": {"S": name}},
    }
    return aws.client("dynamodb").query(
        TableName=aws.outputs["Notes"], ConsistentRead=True, **query
    )["Count"]


def put(aws: Stack, pk: str, sk: str, **more: str) -> None:
    item = {k: {"S": v} for k, v in {"pk": pk, "sk": sk, **more}.items()}
    aws.client("dynamodb").put_item(TableName=aws.outputs["Table"], Item=item)


def failures(aws: Stack) -> list[str]:
    found = aws.client("sqs").receive_message(
        QueueUrl=aws.outputs["Failures"], MaxNumberOfMessages=10, VisibilityTimeout=0
    )
    return [m["Body"] for m in found.get("Messages", [])]


def arm(aws: Stack, name: str, seconds: float) -> None:
    at = time.strftime("at(%Y-%m-%dT%H:%M:%S)", time.gmtime(time.time() + seconds))
    aws.client("scheduler").create_schedule(
        Name=name,
        ScheduleExpression=at,
        FlexibleTimeWindow={"Mode": "OFF"},
        ActionAfterCompletion="DELETE",
        Target={
            "Arn": aws.outputs["ProbeArn"],
            "RoleArn": "arn:aws:iam::000000000000:role/any",
            "Input": f'{{"name": "{name}"}}',
        },
    )


def test_a_refused_transaction_changes_nothing_and_returns_the_old_item(aws: Stack) -> None:
    dynamodb, table = aws.client("dynamodb"), aws.outputs["Table"]
    put(aws, "old", "LEAD", version="7")
    with pytest.raises(dynamodb.exceptions.TransactionCanceledException) as refused:
        dynamodb.transact_write_items(
            TransactItems=[
                {"Put": {"TableName": table, "Item": {"pk": {"S": "new"}, "sk": {"S": "LEAD"}}}},
                {
                    "Put": {
                        "TableName": table,
                        "Item": {"pk": {"S": "old"}, "sk": {"S": "LEAD"}},
                        "ConditionExpression": "version = :seen",
                        "ExpressionAttributeValues": {":seen": {"S": "6"}},
                        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
                    }
                },
            ]
        )
    first, second = refused.value.response["CancellationReasons"]
    assert first["Code"] == "None"
    assert second["Code"] == "ConditionalCheckFailed"
    assert second["Item"]["version"] == {"S": "7"}
    assert "Item" not in dynamodb.get_item(
        TableName=table, Key={"pk": {"S": "new"}, "sk": {"S": "LEAD"}}
    )


def test_the_stream_brings_event_rows_and_only_those(aws: Stack) -> None:
    put(aws, "plain", "LEAD")
    put(aws, "plain", "EVENT#000001")
    eventually(lambda: notes(aws, "stream:plain"), what="the event row at its function")
    time.sleep(1)
    assert notes(aws, "stream:plain") == 1


def test_a_stream_record_that_always_fails_ends_in_the_failure_queue_and_lets_the_next_pass(
    aws: Stack,
) -> None:
    put(aws, "poison-stream", "EVENT#000001")
    eventually(
        lambda: notes(aws, "stream:poison-stream") >= 6,
        within=60,
        what="six tries of the poisoned record",
    )
    eventually(
        lambda: [b for b in failures(aws) if "RetryAttemptsExhausted" in b],
        what="its failure record",
    )
    put(aws, "after-poison", "EVENT#000001")
    eventually(lambda: notes(aws, "stream:after-poison"), what="the record after it")


def test_an_event_that_its_function_refuses_is_tried_three_times_then_kept(aws: Stack) -> None:
    event = {
        "Source": "probe",
        "EventBusName": "probe",
        "DetailType": "quiet",
        "Detail": '{"name": "poison-event"}',
    }
    aws.client("events").put_events(Entries=[event])
    eventually(lambda: [b for b in failures(aws) if "poison-event" in b], what="the kept event")
    assert notes(aws, "event:poison-event") == 3


def test_the_bus_reaches_the_queue_and_a_poisoned_message_its_dead_letters(aws: Stack) -> None:
    def event(kind: str, name: str) -> dict[str, str]:
        return {
            "Source": "probe",
            "EventBusName": "probe",
            "DetailType": kind,
            "Detail": f'{{"name": "{name}"}}',
        }

    entries = [event("loud", "heard"), event("quiet", "unheard"), event("loud", "poison-queue")]
    assert aws.client("events").put_events(Entries=entries)["FailedEntryCount"] == 0
    eventually(lambda: notes(aws, "queue:heard"), what="the message of the bus")
    eventually(lambda: [b for b in failures(aws) if "poison-queue" in b], what="the dead letter")
    assert notes(aws, "queue:heard") == 1
    assert notes(aws, "queue:unheard") == 0


def test_routes_keep_method_path_query_headers_and_redirects(aws: Stack) -> None:
    seen = aws.http.get("/o/k1.abc?x=1", headers={"Origin": "https://shop.example"})
    assert seen.headers["x-kept"] == "yes"
    assert seen.json()["pathParameters"] == {"token": "k1.abc"}
    assert seen.json()["queryStringParameters"] == {"x": "1"}
    assert seen.json()["headers"]["origin"] == "https://shop.example"
    assert abs(seen.json()["requestContext"]["timeEpoch"] / 1000 - time.time()) < 60
    pressed = aws.http.post("/o/abc", data={"action": "accept"})
    assert (pressed.status_code, pressed.headers["location"]) == (303, "/o/done")


def test_an_alarm_that_computes_with_several_metrics_is_deployed(aws: Stack) -> None:
    found = aws.client("cloudwatch").describe_alarms(AlarmNames=[aws.outputs["Share"]])
    assert [each["Threshold"] for each in found["MetricAlarms"]] == [5]


def test_cookies_come_and_go_each_by_itself(aws: Stack) -> None:
    """As API Gateway has them: a list of the request's, and a header for each of the answer's."""
    sent = aws.http.get("/o/abc", headers={"Cookie": "hq=k1.abc-_; other=2"}).json()
    assert sent["cookies"] == ["hq=k1.abc-_", "other=2"]
    assert "cookie" not in sent["headers"]
    aws.http.cookies.clear()
    assert "cookies" not in aws.http.get("/o/plain").json()
    kept = aws.http.post("/o/abc", data={"action": "accept"}).headers.get_list("set-cookie")
    assert kept == ["one=1; Path=/; HttpOnly", "two=2; Path=/"]
    aws.http.cookies.clear()


def test_a_request_names_the_api_by_its_own_address_whatever_its_host_header_says(
    aws: Stack,
) -> None:
    seen = aws.http.get("/o/k1.abc", headers={"Host": "evil.example"})
    assert seen.json()["requestContext"]["domainName"].startswith(aws.outputs["ApiId"])
    assert "evil.example" not in seen.text


def test_an_unrouted_method_or_path_is_not_found(aws: Stack) -> None:
    assert aws.http.head("/o/abc").status_code == 404
    assert aws.http.get("/nothing").status_code == 404


def test_a_preflight_is_answered_by_the_function(aws: Stack) -> None:
    answer = aws.http.options(
        "/o/abc",
        headers={"Origin": "https://shop.example", "Access-Control-Request-Method": "POST"},
    )
    assert answer.status_code == 204
    assert answer.headers["access-control-allow-origin"] == "https://shop.example"


def test_a_mail_can_be_read_with_its_parts_and_opened_in_the_mailbox(aws: Stack) -> None:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = (
        "a@example.org",
        "b@example.org",
        "Wärmepumpe · 80331",
    )
    mail.set_content("Open https://example.org/o/abc\n")
    mail.add_alternative("<h1>Hello</h1><script>alert(1)</script>", subtype="html")
    mail.add_attachment(
        b"BEGIN:VCALENDAR", maintype="text", subtype="calendar", filename="contact.ics"
    )
    aws.client("sesv2").send_email(
        FromEmailAddress="a@example.org",
        Destination={"ToAddresses": ["b@example.org"]},
        Content={"Raw": {"Data": mail.as_bytes()}},
    )
    kept = aws.wait_for_mail(to="b@example.org", subject="Wärmepumpe")
    assert kept["links"] == ["https://example.org/o/abc"]
    assert kept["attachments"][0]["name"] == "contact.ics"
    assert "Wärmepumpe" in aws.http.get("/mailbox").text
    assert "sandbox=" in aws.http.get(f"/mailbox/{kept['id']}").text
    framed = aws.http.get(f"/mailbox/{kept['id']}/html")
    assert "default-src 'none'" in framed.headers["content-security-policy"]
    assert aws.http.get(f"/mailbox/{kept['id']}/attachments/0").content.startswith(
        b"BEGIN:VCALENDAR"
    )


def test_of_a_mail_sent_with_a_configuration_set_the_bus_hears_that_it_was_delivered(
    aws: Stack,
) -> None:
    sqs = aws.client("sqs")
    queue = sqs.create_queue(QueueName="told-by-ses")["QueueUrl"]
    asked = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])
    events, ses = aws.client("events"), aws.client("sesv2")
    ses.create_configuration_set(ConfigurationSetName="told")
    tags = {"ses:configuration-set": ["told"]}
    pattern = {"source": ["aws.ses"], "detail": {"eventType": ["Delivery"], "mail": {"tags": tags}}}
    events.put_rule(Name="told-by-ses", EventPattern=json.dumps(pattern))
    target = {"Id": "queue", "Arn": asked["Attributes"]["QueueArn"]}
    events.put_targets(Rule="told-by-ses", Targets=[target])
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "a@example.org", "c@example.org", "Told"
    mail.set_content("Hello\n")
    sent = ses.send_email(
        FromEmailAddress="a@example.org",
        Destination={"ToAddresses": ["c@example.org"]},
        Content={"Raw": {"Data": mail.as_bytes()}},
        EmailTags=[{"Name": "lead", "Value": "L1"}],
        ConfigurationSetName="told",
    )
    heard: list[dict[str, Any]] = []

    def hear() -> bool:
        answer = sqs.receive_message(QueueUrl=queue)
        heard.extend(json.loads(each["Body"]) for each in answer.get("Messages", []))
        return bool(heard)

    eventually(hear, within=10, what="the delivery")
    (event,) = heard
    assert event["detail-type"] == "Email Delivered"
    assert event["detail"]["mail"]["messageId"] == sent["MessageId"]
    assert event["detail"]["mail"]["tags"] == tags | {"lead": ["L1"]}
    assert event["detail"]["delivery"]["recipients"] == ["c@example.org"]
    assert event["detail"]["delivery"]["timestamp"].endswith("Z")


def test_a_timer_fires_once_and_is_gone(aws: Stack) -> None:
    arm(aws, "soon", 1)
    eventually(lambda: notes(aws, "event:soon"), within=10, what="the timer")
    time.sleep(2)
    assert notes(aws, "event:soon") == 1
    assert "soon" not in [s["Name"] for s in aws.client("scheduler").list_schedules()["Schedules"]]


def test_nothing_listens_beyond_loopback(aws: Stack) -> None:
    assert _listeners(aws.pid), "the test sees no listener at all"
    assert {address for address, _ in _listeners(aws.pid)} <= {"127.0.0.1", "::1"}


def test_after_kill_9_data_is_there_timers_fire_and_the_stream_hears(aws: Stack) -> None:
    now = time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime())
    put(aws, "kept", "EVENT#000001", at=now)
    put(aws, "long-ago", "EVENT#000001", at="2020-01-01T00:00:00.000Z")
    arm(aws, "survivor", 12)
    eventually(
        lambda: notes(aws, "stream:kept") and notes(aws, "stream:long-ago"),
        what="the stream before the end",
    )
    time.sleep(3)  # what is two seconds old is safe
    aws.kill()
    aws.start()
    assert notes(aws, "stream:kept") >= 1
    put(aws, "after-restart", "EVENT#000001")
    heard = {
        "Source": "probe",
        "EventBusName": "probe",
        "DetailType": "loud",
        "Detail": '{"name": "after-restart"}',
    }
    aws.client("events").put_events(Entries=[heard])
    eventually(lambda: notes(aws, "stream:after-restart"), what="the stream after the restart")
    eventually(lambda: notes(aws, "queue:after-restart"), what="the queue after the restart")
    eventually(lambda: notes(aws, "stream:kept") == 2, what="the recent event row once more")
    eventually(
        lambda: notes(aws, "event:survivor"), within=30, what="the timer that was armed before"
    )
    assert notes(aws, "stream:long-ago") == 1
    assert aws.mails(subject="Wärmepumpe"), "mails are kept"
    assert aws.http.get("/o/abc").status_code == 200


def _listeners(pid: int) -> list[tuple[str, int]]:
    """Every address on which the process or a child of it listens, from /proc."""
    if not Path("/proc/net/tcp").exists():
        pytest.skip("needs Linux's /proc")
    family = [pid]
    for parent in family:
        for task in Path(f"/proc/{parent}/task").glob("*/children"):
            family += [int(child) for child in task.read_text().split()]
    sockets = set()
    for member in family:
        for link in Path(f"/proc/{member}/fd").glob("*"):
            try:
                sockets.add(os.readlink(link))
            except OSError:
                continue
    found = []
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        for line in Path(table).read_text().splitlines()[1:]:
            parts = line.split()
            if parts[3] == "0A" and f"socket:[{parts[9]}]" in sockets:
                address, port = parts[1].split(":")
                found.append((_readable(address), int(port, 16)))
    return found


def _readable(address: str) -> str:
    if len(address) == 8:
        return ".".join(str(b) for b in reversed(bytes.fromhex(address)))
    return "::1" if address == "00000000000000000000000001000000" else address
