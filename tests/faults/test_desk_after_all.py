"""What HQ asked for is done, whatever fails afterwards."""

from contextlib import suppress

from tests.faults.calls import Fault, Killed, trouble
from tests.faults.deliveries import PatientWorld
from tests.faults.stages import staged
from tests.integration.test_lead_lists import a_list, row


def test_a_page_is_shown_though_the_cookie_cannot_be_renewed(patient: PatientWorld) -> None:
    staged(patient)
    desk = patient.desk()
    patient.advance(days=1)
    with trouble(Fault.FAILS, at="dynamodb.PutItem") as met:
        assert desk.get("/hq/partners").status == 200
    assert met.fired


def test_a_list_that_was_cancelled_stays_so_whatever_breaks_behind_it(
    patient: PatientWorld,
) -> None:
    staged(patient)
    key = {"x-api-key": patient.api_key("leads:write"), "content-type": "text/csv"}
    listed = a_list(*(row(number) for number in range(1, 20)))
    sent = patient.http("POST", "/v1/leads/import?name=fair", body=listed, headers=key)
    assert sent.status == 202, sent.body
    there = set(patient.lead_ids())
    cancel = f"/v1/leads/imports/{sent.json()['import']}/cancel"
    with trouble(Fault.KILLED_BEFORE, at="dynamodb.DeleteItem") as met, suppress(Killed):
        patient.http("POST", cancel, headers=key)
    assert met.fired
    patient.advance(minutes=25)
    patient.sweep()
    assert set(patient.lead_ids()) == there
    assert not patient.wiring.lead_lists.running()
