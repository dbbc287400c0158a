"""Plays the journey of an enquiry on a stack in use, and takes everything out again.

    make smoke STACK=name         a deployed stack; without STACK the embedded AWS of `make run`

Nothing of yours is touched: rules stay, no partner of yours is asked. The enquiry goes to a partner
of the test's own, whom routing passes by and whose mailbox is SES's simulator; the customer's
address is one of the simulator that returns everything. It says each step and how long it took, and
ends with 0 only if all of them were seen. It cleans up also if a step fails or somebody stops it,
and what a killed run left is cleared away by the next.
"""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.error import URLError
from urllib.parse import quote

from infra.local.api import Api, Refused
from infra.tools.smoke_enquiry import enquiry, place_of
from infra.tools.smoke_guests import PARTNER, Guests, NotSeen
from infra.tools.stack import Target, reachable, target, tool

Say = Callable[[str], None]
PATIENCE_SECONDS = 120.0
"""A step may take so long: SES and the bus have seconds of their own, a cold start too."""
PAUSE_SECONDS = 0.5
STOPPED_BY = (signal.SIGINT, signal.SIGTERM)


@dataclass
class Journey:
    """One smoke test of one stack."""

    there: Target
    say: Say
    postcode: str = ""
    """Of the enquiry; empty: a usual one of the country."""
    patience: float = PATIENCE_SECONDS

    def run(self) -> bool:
        """Play it, clean up whatever happens, and tell whether all of it was seen."""
        began = time.monotonic()
        base_url = output(self.there, "BaseUrl")
        self.say(f"{self.there.name} at {base_url}")
        guests = Guests.arrive(self.there, base_url)
        seen = False
        try:
            self._play(guests)
            seen = True
        except (NotSeen, Refused, URLError, OSError) as error:
            self.say(f"FAILED  {error}")
        finally:
            seen = self._clear(guests) and seen
        took = time.monotonic() - began
        self.say(f"{'All of it was seen' if seen else 'Not all of it was seen'}, in {took:.1f} s")
        return seen

    def _play(self, guests: Guests) -> None:
        before = dead_letters(self.there)
        left = self.step("what runs before have left is cleared away", guests.clear)
        if left:
            self.say(f"        {left} enquiries of a run before were erased")
        rules, fields = self._read_rules(guests.api)
        place = fields["country"], fields["postcode"]
        self.step("the partner of the test is saved", lambda: guests.add_partner(*place, rules))
        self._enter(guests, fields)
        self._see_offer(guests)
        self._accept(guests)
        self.step("HQ's list shows it", lambda: self._listed(guests))
        self.step("no dead letter has come", lambda: dead_letters(self.there) <= before)

    def _read_rules(self, api: Api) -> tuple[dict[str, Any], dict[str, Any]]:
        """Read the rules, see the form as a visitor does, and try routing without a trace."""
        rules: dict[str, Any] = self.step(
            "HQ's API gives the rules", lambda: api.get("/v1/programme")
        )
        form = rules["forms"][0]
        fields = enquiry(rules, form, place_of(rules, form, self.postcode))
        visitor = Api(api.base_url)
        address = f"/f/{quote(form['id'])}"
        self.step("a visitor sees the form", lambda: "<form" in visitor.page(address))
        self.step(
            "routing decides about such an enquiry, without storing it",
            lambda: api.send("POST", "/v1/programme/dry-run", {"enquiry": fields}),
        )
        mail = api.get("/v1/mail")
        if mail.get("waits"):
            self.say(f"        mail is held up: {mail['waits']}")
        return rules, fields

    def _enter(self, guests: Guests, fields: dict[str, Any]) -> None:
        """Enter the enquiry for the test's partner, as HQ does for somebody on the phone."""
        entered = {**fields, "partner": PARTNER, "source": PARTNER, "way": "program"}
        entered["submission_id"] = guests.run
        told = self.step(
            "an enquiry is entered and stored",
            lambda: _once_it_is_known(lambda: guests.api.send("POST", "/v1/leads", entered)),
        )
        if told["lead"] != guests.lead:
            raise NotSeen(f"the enquiry is {told['lead']}, where {guests.lead} was expected")

    def _see_offer(self, guests: Guests) -> None:
        api, lead = guests.api, guests.lead
        self.step("it is offered to that partner alone", lambda: _asked(api, lead) == [PARTNER])
        self.step("its timer is armed", lambda: self._timer_of(lead))
        self.step("SES delivered the offer", lambda: _fate(api, lead, "offer") == "delivered")

    def _accept(self, guests: Guests) -> None:
        api, lead, visitor = guests.api, guests.lead, Api(guests.api.base_url)
        link = guests.offer_link(lead)
        self.step("the link of the mail opens the offer", lambda: "<form" in visitor.page(link))
        self.step("Accept is pressed", lambda: bool(visitor.press(link, action="accept")))
        self.step("HQ's API says: accepted", lambda: _status(api, lead) == "accepted")
        self.step(
            "SES delivered the customer's details to the partner",
            lambda: _fate(api, lead, "accepted") == "delivered",
        )
        self.step(
            "the customer's mail came back, and that is known",
            lambda: _fate(api, lead, "partner_found") == "returned",
        )

    def _listed(self, guests: Guests) -> bool:
        rows = guests.api.get(f"/v1/leads?source={PARTNER}&state=accepted")["leads"]
        return guests.lead in [row["id"] for row in rows]

    def _timer_of(self, lead: str) -> bool:
        """Tell whether a timer of the enquiry is armed."""
        scheduler = self.there.client("scheduler")
        group = self.there.resource("ScheduleGroup")
        found = scheduler.list_schedules(GroupName=group, NamePrefix=f"{lead}.")
        return bool(found["Schedules"])

    def step(self, what: str, look: Callable[[], Any]) -> Any:
        """Look until that gives neither None nor False, say how long it took, and give it.

        Raises NotSeen once the patience is over.
        """
        began = time.monotonic()
        while True:
            found = look()
            took = time.monotonic() - began
            if found is not None and found is not False:
                self.say(f"{took:6.1f} s  {what}")
                return found
            if took > self.patience:
                raise NotSeen(f"{what}: not seen within {self.patience:g} s")
            time.sleep(PAUSE_SECONDS)

    def _clear(self, guests: Guests) -> bool:
        """Take out what the test brought in; tell whether that could be done."""
        try:
            erased = guests.clear()
            self.say(f"        {erased} enquiry erased, the partner deactivated")
        except (Refused, URLError, OSError) as error:
            self.say(f"FAILED  cleaning up: {error}\n        the next run does it")
            return False
        finally:
            guests.drop_keys()
        return True


def output(there: Target, name: str) -> str:
    """Read an output of the stack."""
    (stack,) = there.client("cloudformation").describe_stacks(StackName=there.name)["Stacks"]
    outputs = {each["OutputKey"]: each["OutputValue"] for each in stack["Outputs"]}
    return str(outputs[name])


def dead_letters(there: Target) -> int:
    """Count the messages in the stack's failure queues."""
    sqs = there.client("sqs")
    count = 0
    for queue in _failure_queues(there):
        attributes = sqs.get_queue_attributes(
            QueueUrl=queue, AttributeNames=["ApproximateNumberOfMessages"]
        )["Attributes"]
        count += int(attributes["ApproximateNumberOfMessages"])
    return count


def _failure_queues(there: Target) -> Iterator[str]:
    """Yield the addresses of the queues that keep what could not be done."""
    cloudformation = there.client("cloudformation")
    for page in cloudformation.get_paginator("list_stack_resources").paginate(StackName=there.name):
        for each in page["StackResourceSummaries"]:
            is_queue = each["ResourceType"] == "AWS::SQS::Queue"
            if is_queue and each["LogicalResourceId"].endswith("Failures"):
                yield each["PhysicalResourceId"]


def _once_it_is_known(send: Callable[[], Any]) -> Any:
    """Send what names the partner; None while the function does not know it yet.

    A warm function goes on for seconds with the network that it has read.
    """
    try:
        return send()
    except Refused as refused:
        if "no partner" not in str(refused):
            raise
        return None


def _status(api: Api, lead: str) -> str:
    return str(api.get(f"/v1/leads/{lead}")["lead"]["status"])


def _asked(api: Api, lead: str) -> list[str]:
    return [each["partner"] for each in api.get(f"/v1/leads/{lead}")["lead"]["offers"]]


def _fate(api: Api, lead: str, kind: str) -> str:
    """Give what became of the mail about a lead that said this; empty before it left."""
    mails = api.get(f"/v1/leads/{lead}/mails")["mails"]
    return next((str(each["outcome"]) for each in mails if each["kind"] == kind), "")


def main() -> int:
    """Play it on the stack that the command line names."""
    arguments = tool("Plays the journey of an enquiry on a stack in use.")
    arguments.add_argument("--postcode", default="", help="of the enquiry")
    options = arguments.parse_args()
    there = target(options.stack, options.data, "make smoke")
    for each in STOPPED_BY:
        signal.signal(each, lambda *_: sys.exit("stopped"))
    with reachable(options.stack):
        journey = Journey(there, lambda line: print(line, flush=True), options.postcode)
        return 0 if journey.run() else 1


if __name__ == "__main__":
    sys.exit(main())
