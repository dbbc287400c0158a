"""The tests are tested: each of these mistakes, made on purpose, is seen by a game of ``promises``.

A variant changes the product as somebody might in good faith. Its game passes on the product as it
is and fails on the variant; the table of who catches what is printed at the end. Named after what
somebody might have thought.
"""

import inspect
import sys
import textwrap
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest

from routing_core.aws import wiring as wiring_module
from routing_core.aws.queues import bus, timers
from routing_core.aws.tables import (
    commit_writes,
    leads_table,
    load_update,
    mail_rows,
    partners_table,
)
from routing_core.domain import figures
from routing_core.domain.lead import DeadlineKind
from routing_core.domain.lifecycle import ending, offering
from routing_core.present.pages import frame
from routing_core.routing import policy
from routing_core.service.kernel import links
from routing_core.service.kernel.mail_ports import MailTry
from routing_core.service.notifications import held_mails
from routing_core.service.offers import confirm_address, offer_link, offer_rights, respond_to_offer
from routing_core.service.offers.respond_to_offer import note_seen
from routing_core.service.placing import place_lead, repeats
from routing_core.service.upkeep import sweep, wake_lead
from tests.faults import promises
from tests.faults.conftest import FULL, told_at_the_end
from tests.faults.deliveries import WHATEVER, PatientWorld
from tests.support.refusals import refused_meanwhile
from tests.support.world import World

Broken = Callable[[], Any]
Game = Callable[[PatientWorld], None]


@contextmanager
def edited(owner: Any, name: str, old: str, new: str) -> Iterator[None]:
    """The function with one piece of its text replaced, wherever it was imported to."""
    original = inspect.unwrap(getattr(owner, name))
    source = textwrap.dedent(inspect.getsource(original))
    assert old in source, f"{name} no longer says {old!r}: say the mistake in its new words"
    scope: dict[str, Any] = {}
    exec(source.replace(old, new).removeprefix("@classmethod\n"), original.__globals__, scope)
    changed = scope[original.__name__]
    with ExitStack() as stack:
        if inspect.isclass(owner):
            kind = classmethod if inspect.ismethod(getattr(owner, name)) else lambda same: same
            stack.enter_context(patch.object(owner, name, kind(changed)))
        else:
            ours = [
                m
                for n, m in list(sys.modules.items())
                if n.startswith(("routing_core", "functions"))
            ]
            for module in ours:
                if getattr(module, name, None) is original:
                    stack.enter_context(patch.object(module, name, changed))
        yield


@contextmanager
def unconditional(word: str) -> Iterator[None]:
    """A commit's writes lose the conditions that have that word."""
    write = commit_writes.CommitWrites.of_lead

    def without(*arguments: Any) -> Any:
        writes = write(*arguments)
        for each in writes:
            put = next(iter(each.request.values()))
            if word in put.get("ConditionExpression", ""):
                del put["ConditionExpression"]
                put.pop("ExpressionAttributeValues", None)
        return writes

    with patch.object(commit_writes.CommitWrites, "of_lead", without):
        yield


@contextmanager
def armed_before_commit() -> Iterator[None]:
    from routing_core.aws.wiring import wiring

    commit = leads_table.LeadsTable.commit

    def early(table: Any, *changes: Any, now: Any) -> None:
        for change in changes:
            lead = change.draft.lead
            if lead.due:
                wiring().timers.arm(lead.id, lead.version, lead.due, now)
        commit(table, *changes, now=now)

    with patch.object(leads_table.LeadsTable, "commit", early):
        yield


@contextmanager
def looking_is_noted() -> Iterator[None]:
    from functions.partner import offer_pages

    view = offer_pages.view_offer

    def noted(services: Any, token: str, now: Any) -> Any:
        note_seen(services, token, now)
        return view(services, token, now)

    with patch.object(offer_pages, "view_offer", noted):
        yield


@contextmanager
def a_claim_is_no_answer() -> Iterator[None]:
    answered = "loads = {answering.partner.id: _lapses_forgotten(answering.opened.load)}"
    with (
        edited(respond_to_offer, "_decline", answered, "loads = {}"),
        patch.dict(respond_to_offer.ANSWERS, decline=respond_to_offer._decline),
    ):
        yield


ACTIVE = """update.require(_is_active(update))
        """
NOT_PAUSED = "update.require(_is_not_paused(update))"
"""What each commit asks of a partner's load, as ``load_update`` says it. Who drops a condition
drops its values too: DynamoDB refuses a request with values that stand in no expression, and then
nothing would be played.
"""

VARIANTS: dict[str, tuple[Broken, Game]] = {
    "the version is written, whatever it was": (
        lambda: unconditional("version"),
        promises.two_accepts_have_one_winner,
    ),
    "a place is taken without looking again": (
        lambda: patch.object(load_update, "_require", lambda *_: None),
        promises.the_last_place_is_given_once,
    ),
    "a new lead is put, there or not": (
        lambda: unconditional("attribute_not_exists"),
        promises.one_key_is_one_enquiry,
    ),
    "a refusal is a refusal, nobody reads back": (
        lambda: patch.object(leads_table.LeadsTable, "_is_ours", lambda *_: False),
        promises.a_lost_reply_counts_once,
    ),
    "a lease lasts": (
        lambda: patch.object(mail_rows.MailRows, "LEASE_SECONDS", 10**9),
        promises.a_sender_who_died_is_followed,
    ),
    "a mail needs no lease": (
        lambda: patch.object(mail_rows.MailRows, "lease", lambda _, key, *__: MailTry(key)),
        promises.two_senders_send_once,
    ),
    "a wake does what it came for": (
        lambda: edited(wake_lead, "wake_lead", "or lead.due > now", ""),
        promises.a_timer_before_time_moves_nothing,
    ),
    "a wake before time has done its work": (
        lambda: edited(
            timers.SchedulerTimers, "arm", 'name = f"{lead}.{version}"', "return\n    name = ''"
        ),
        promises.a_timer_before_time_comes_again,
    ),
    "the timer is armed first, to be safe": (
        armed_before_commit,
        promises.every_deadline_has_its_timer,
    ),
    "due is what is past: > becomes >=": (
        lambda: edited(wake_lead, "wake_lead", "lead.due > now", "lead.due >= now"),
        promises.at_the_end_of_the_window_the_next_is_asked,
    ),
    "until includes the instant: < becomes <=": (
        lambda: edited(
            offer_rights, "_unanswered_state", "now < offer.expires_at", "now <= offer.expires_at"
        ),
        promises.at_the_end_of_the_window_the_partner_is_too_late,
    ),
    "once claimed, always claimed": (
        lambda: edited(
            repeats, "named_in", "each.until > now and each.lead != lead.id", "each.lead != lead.id"
        ),
        promises.an_old_claim_holds_nobody,
    ),
    "the withdrawn offer need not be told": (
        lambda: edited(offering, "withdraw_offer", "draft.add_event(", "(lambda *_, **__: None)("),
        promises.the_facts_are_the_whole_story,
    ),
    "put_events has answered, so it is done": (
        lambda: edited(bus.EventBus, "publish", "if refused:", "if False:"),
        promises.what_the_bus_refused_is_published,
    ),
    "opening the page is worth noting": (looking_is_noted, promises.looking_writes_nothing),
    "whoever has a link to the lead may answer": (
        lambda: edited(offer_link, "open_offer_link", "offer.partner != token.extra", "False"),
        promises.a_link_belongs_to_its_offer,
    ),
    "a signature is a signature": (
        lambda: edited(links.Links, "_serializer", "purpose.value", "'link'"),
        promises.a_token_serves_one_purpose,
    ),
    "an error ends the sweep, an alarm will tell": (
        lambda: edited(sweep._OneByOne, "do", "except Exception:", "except KeyError:"),
        promises.one_bad_lead_stops_nobody,
    ),
    "places are only ever taken": (
        lambda: edited(
            commit_writes.CommitWrites,
            "_of_loads",
            "opened = after.get(partner, 0) - before.get(partner, 0)",
            "opened = max(0, after.get(partner, 0) - before.get(partner, 0))",
        ),
        promises.a_declined_place_is_free,
    ),
    "a digest was tried, its lines can go": (
        lambda: edited(
            held_mails,
            "flush_digests",
            'extra={"slot": slot.name})\n            continue',
            'extra={"slot": slot.name})\n            left, told = 0, lines',
        ),
        promises.what_waits_for_a_digest_leaves,
    ),
    "a promise keeps itself": (
        lambda: patch.dict(wake_lead.MEANING, {DeadlineKind.PROMISE: lambda *_: None}),
        promises.a_promise_never_passes_in_silence,
    ),
    "HQ cannot hear it too often": (
        lambda: edited(
            place_lead, "_tell_that_nobody_is_left", "if not draft.lead.exhausted:", "if True:"
        ),
        promises.hq_hears_of_a_chain_once,
    ),
    "what once counted has counted": (
        lambda: edited(figures, "difference", "after[name] - before[name] for", "after[name] for"),
        promises.figures_count_what_is_true_in_the_end,
    ),
    "who declined may think again": (
        lambda: edited(
            policy.Enquiry, "of", "frozenset(offer.partner for offer in lead.offers)", "frozenset()"
        ),
        promises.nobody_is_asked_twice,
    ),
    "in a crowd the cap is all that counts, paused or not": (
        lambda: edited(
            load_update,
            "_require",
            NOT_PAUSED,
            "pass",
        ),
        promises.who_was_just_paused_after_lapses_gets_nothing,
    ),
    "in a crowd the cap is all that counts, active or not": (
        lambda: edited(
            load_update,
            "_require",
            f"{ACTIVE}{NOT_PAUSED}",
            NOT_PAUSED,
        ),
        promises.who_just_paused_gets_nothing,
    ),
    "a product's places were counted when it was decided": (
        lambda: edited(load_update, "_require", "if change.product_cap is not None", "if False"),
        promises.the_last_place_of_a_product_is_given_once,
    ),
    "a lapse is added whatever else was": (
        lambda: edited(
            wake_lead, "_lapse", "seq = None if waking.caps_only else before.seq", "seq = None"
        ),
        promises.two_lapses_at_once_are_two,
    ),
    "a contact's row is the newest enquiry's": (
        lambda: edited(
            commit_writes,
            "_contact_is_as_read",
            'row_as_read = "attribute_not_exists(pk)"',
            'row_as_read = "attribute_not_exists(pk) OR attribute_exists(pk)"',
        ),
        promises.two_enquiries_of_one_person_see_each_other,
    ),
    "a claim is not an answer": (
        a_claim_is_no_answer,
        promises.who_knows_the_customer_has_answered,
    ),
    "old browsers need no header of their own": (
        lambda: edited(frame, "security_headers", '"X-Frame-Options": "DENY",', ""),
        promises.no_page_is_shown_in_somebody_elses,
    ),
    "a policy needs no ancestors": (
        lambda: edited(frame, "security_headers", "frame-ancestors 'none'; ", ""),
        promises.no_page_is_shown_in_somebody_elses,
    ),
    "where it was before can be counted": (
        lambda: edited(
            ending,
            "erase",
            "tuple(_without_the_house(each) for each in lead.moves)",
            "lead.moves",
        ),
        promises.erasure_forgets_each_house,
    ),
    "whoever has a link to confirm may confirm": (
        lambda: edited(
            confirm_address,
            "_is_current",
            "same_address = email_mark(partner.contact.email) == token.extra",
            "same_address = True",
        ),
        promises.an_old_link_confirms_no_new_address,
    ),
    "the address that stands there is meant": (
        lambda: edited(
            partners_table.PartnersTable,
            "confirm",
            """if known.contact.email != email:
            return None
        return replace(known, confirmed_email=email, bounced=False)""",
            "return replace(known, confirmed_email=known.contact.email, bounced=False)",
        ),
        promises.the_address_that_was_read_is_confirmed_or_none,
    ),
    "what is due is overdue": (
        lambda: patch.object(sweep, "LATENESS", timedelta(0)),
        promises.a_timer_that_is_a_minute_late_is_not_rescued,
    ),
    "a timer that finds nothing due comes again": (
        lambda: edited(wake_lead, "wake_by_timer", " and lead.version == timer.version", ""),
        promises.an_overtaken_timer_arms_no_other,
    ),
    "an index tells who holds what": (
        lambda: edited(leads_table.LeadsTable, "held_by", " if holder in lead.listed_under", ""),
        promises.a_list_shows_no_lead_that_has_gone_meanwhile,
    ),
}


pytestmark = pytest.mark.usefixtures("swift")


@contextmanager
def nothing_is_asked_that_aws_never_takes() -> Iterator[None]:
    """A variant whose requests are no requests falls over in every game: it shows nothing about
    this one.
    """
    events, wrong = wiring_module._client("dynamodb").meta.events, []

    def look(parsed: dict[str, Any], **_: Any) -> None:
        error = parsed.get("Error", {})
        if error.get("Code") == "ValidationException":
            wrong.append(error["Message"])

    events.register("after-call.dynamodb", look)
    yield
    events.unregister("after-call.dynamodb", look)
    assert not wrong, f"say the mistake as somebody would make it: {wrong[0]}"


def seen_by(world: World, game: Game, empty: Any) -> bool:
    """Whether the promise is broken. Any failure shows it: an assertion, or a product that falls
    over.
    """
    world.back_to(empty)
    try:
        game(world)  # type: ignore[arg-type]
    except WHATEVER:
        return True
    return False


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_mistake_is_seen(patient: PatientWorld, variant: str) -> None:
    broken, game = VARIANTS[variant]
    empty = patient.saved()
    game(patient)  # holds on the product as it is
    games = [game, *(g for _, g in VARIANTS.values() if g is not game)] if FULL else [game]
    with broken(), nothing_is_asked_that_aws_never_takes():
        seen = [each.__name__ for each in games if seen_by(patient, each, empty)]
    refused_meanwhile()  # a mistake may also be one that the roles refuse
    patient.back_to(empty)
    others = f" (and {', '.join(seen[1:])})" if seen[1:] else ""
    told_at_the_end.append(f"{variant:46} seen by {seen[0] if seen else 'NOBODY'}{others}")
    assert game.__name__ in seen, f"nobody notices that {variant}"
