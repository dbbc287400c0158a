"""Events: stored as they always were, and no table forgets a class."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import FrozenInstanceError, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, get_type_hints

import pytest

from routing_core.domain.draft import Draft, LeadChanges
from routing_core.domain.events import (
    CLASS_OF,
    LEAD_EVENTS,
    LeadEvent,
    LeadQueued,
    OfferMade,
    OfferWithdrawn,
    PromiseRenewed,
    UnknownEvent,
    from_data,
)
from routing_core.domain.lead import Lead
from routing_core.domain.offer import OfferKind
from routing_core.domain.reasons import QUEUE_RULES, QueueReason, WithdrawReason
from routing_core.present.catalog import catalog_for
from routing_core.present.explain.timeline import EVENT_SENTENCES
from routing_core.service.notifications.mail_table import MAILS
from tests.support.builders import a_lead

STORED: list[tuple[str, dict[str, Any]]] = json.loads(
    Path(__file__).parents[1].joinpath("samples", "stored_events.json").read_text()
)
"""Events as the code stored them before they were classes, from every scripted case: each kind,
each set of keys.
"""


def classes(of: type[LeadEvent] = LeadEvent) -> Iterator[type[LeadEvent]]:
    """Every class of events that says what it is stored as."""
    for each in of.__subclasses__():
        if "kind" in vars(each) and isinstance(vars(each)["kind"], str):
            yield each
        yield from classes(each)


def spelled(data: Mapping[str, Any]) -> str:
    return json.dumps(data, separators=(",", ":"))


def test_every_event_that_was_ever_stored_is_read_and_written_back_to_the_letter() -> None:
    for kind, data in STORED:
        event = from_data(kind, data)
        assert type(event) is CLASS_OF[kind]
        assert event.extra is None, f"{kind} has no field for {event.extra}"
        assert (event.kind, spelled(event.to_data())) == (kind, spelled(data))


def test_the_stored_events_are_of_every_kind() -> None:
    assert {kind for kind, _ in STORED} == set(CLASS_OF)


@pytest.mark.parametrize(
    "table",
    [LEAD_EVENTS, CLASS_OF.values(), EVENT_SENTENCES, MAILS],
    ids=["all", "kinds", "told", "mails"],
)
def test_no_table_forgets_a_class_of_events(table: Any) -> None:
    assert {each.__name__ for each in table} == {each.__name__ for each in classes()}
    assert len(list(table)) == len(CLASS_OF)


@pytest.mark.parametrize("event_class", LEAD_EVENTS, ids=lambda each: each.__name__)
def test_every_class_says_in_a_sentence_what_became_true(event_class: type[LeadEvent]) -> None:
    assert event_class.__doc__
    assert event_class.__doc__.strip().endswith(".")
    assert len(event_class.__doc__.split()) > 3


def test_an_event_of_a_kind_nobody_knows_is_kept_as_it_is() -> None:
    data = {"partner": "p1", "offer": 3, "mood": "sunny"}
    event = from_data("lead.sung", data)
    assert isinstance(event, UnknownEvent)
    assert (event.kind, event.partner_id, event.offer_number, event.to_data()) == (
        "lead.sung",
        "p1",
        3,
        data,
    )


def test_what_a_newer_version_says_besides_is_not_lost() -> None:
    data = {"until": "2026-11-30T10:00:00+00:00", "spoken": True}
    event = from_data("promise.renewed", data)
    assert event == PromiseRenewed(
        until=datetime(2026, 11, 30, 10, tzinfo=UTC), extra={"spoken": True}
    )
    assert event.to_data() == data


def test_what_an_older_row_leaves_out_or_spells_otherwise_stays_so() -> None:
    for kind, data in (
        ("contact.retracted", {"partner": "p1"}),
        ("lead.queued", {"reason": "no_such_reason"}),
        ("offer.made", {"offer": 1, "partner": "p1", "until": "soon"}),
    ):
        event = from_data(kind, data)
        assert type(event) is CLASS_OF[kind]
        assert event.to_data() == data


def test_what_is_not_said_is_not_stored() -> None:
    until = datetime(2026, 11, 30, 10, tzinfo=UTC)
    made = OfferMade(offer=1, partner="p1", offer_kind=OfferKind.ROUTED, until=until)
    assert made.to_data() == {
        "offer": 1,
        "partner": "p1",
        "kind": "routed",
        "until": "2026-11-30T10:00:00+00:00",
    }


def test_events_cannot_be_changed_and_carry_nothing_else() -> None:
    event = OfferWithdrawn(offer=1, partner="p1", why=WithdrawReason.TAKEN)
    with pytest.raises(FrozenInstanceError):
        event.why = WithdrawReason.MOVED  # type: ignore[misc]
    assert not [each for each in LEAD_EVENTS if "__dict__" in dir(each)]


def test_mypy_knows_every_field_of_a_lead_that_a_step_may_change() -> None:
    fixed = {"id", "form", "status", "received_at", "erase_at", "postcode_towns"}
    lead = get_type_hints(Lead)
    assert get_type_hints(LeadChanges) == {
        field.name: lead[field.name] for field in fields(Lead) if field.name not in fixed
    }


def test_a_draft_collects_events_in_order() -> None:
    draft = Draft(a_lead())
    told = [LeadQueued(reason=QueueReason.REVIEW), PromiseRenewed()]
    for event in told:
        draft.add_event(event)
    assert draft.events == told


def test_every_reason_has_its_rule_and_its_words() -> None:
    assert set(QUEUE_RULES) == set(QueueReason)
    for language in ("en", "de"):
        t = catalog_for(language)
        assert [why for why in QueueReason if t.find(f"facts.queue.{why}") is None] == []
        assert [why for why in WithdrawReason if t.find(f"facts.why.{why}") is None] == []
