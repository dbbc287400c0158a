"""Restores leads and partners to a point in time, and has the stack go on from there.

    make restore STACK=name AT=2026-11-21T09:00Z

For when data was spoiled, by a mistake or a fault: what was committed after AT is lost to the
stack, and stays in the tables that were in use until now. Each step says what it did. It may be
stopped at any time; the same command goes on, and does nothing twice:

 1. both tables are restored beside those in use, from what was in use at AT, and set up as those are
 2. what must not come back is done again in them: erasures, removed files, ended links, revoked
    keys; HQ is signed out; partners' loads are counted again from the leads
 3. the stack is pointed at them, with all calls at once, and step 2 is done once more, for what was
    done meanwhile
 4. the network is published anew, and the timer of every open lead armed
 5. HQ's lists are made anew, and erasures done a last time, for calls that were still under way

If AT was the wrong instant, the command with another one restores what was in use then.

Without STACK it works on the embedded AWS of `make run`, which restores what is there at the time.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from infra.tools.arm_timers import arm_timers, clear_timers, timer_settings
from infra.tools.own_key import key_of
from infra.tools.rebuild_views import rebuild, views_of
from infra.tools.redone_erasures import erase_again
from infra.tools.redrive import date_and_time
from infra.tools.restore_ground import Ground, Side, leads_of
from infra.tools.restored_state import settle
from infra.tools.restored_tables import (
    AT_ONCE,
    PARAMETERS,
    CannotRestore,
    RestoredTable,
    like_its_source,
    mark_in_use,
    planned,
    point_at,
    restore_table,
)
from infra.tools.stack import Target, reachable, rules_of, services_of, target, tool
from routing_core.aws.queues.timers import SchedulerTimers
from routing_core.aws.settings import StoreSettings
from routing_core.aws.tables.lead_file_objects import LeadFileObjects
from routing_core.aws.tables.read_model_table import ReadModelTable

Say = Callable[[str], None]
Now = Callable[[], datetime]


@dataclass(frozen=True)
class Drill:
    """A restore of one stack to one point."""

    there: Target
    at: datetime
    now: Now
    say: Say

    def run(self) -> None:
        """Do whatever is not done yet; raises CannotRestore."""
        if self.at > self.now():
            raise CannotRestore(f"{_told(self.at)} is still to come: name an instant that has been")
        tables = {each: planned(self.there, each, self.at) for each in PARAMETERS}
        streams = {each: self.restore(table) for each, table in tables.items()}
        ground = self.ground(tables)
        settle(ground, self.now(), self.say)
        self.repoint(tables, streams)
        settle(ground, self.now(), self.say)
        self.publish(ground)
        self.arm(ground)
        rebuild(views_of(self.there), self.now(), self.say)
        self.say(f"{erase_again(ground, self.now())} enquiries erased again at the end")
        kept = " and ".join(table.replaced for table in tables.values())
        self.say(f"Restored to {_told(self.at)}. What came after stands in {kept}.")

    def restore(self, table: RestoredTable) -> str:
        """Restore a table, set it up, and give the ARN of its stream."""
        dynamodb = self.there.client("dynamodb")
        key = key_of(self.there.client("cloudformation"), self.there.name)
        begun = restore_table(dynamodb, table, self.at, key)
        stream = like_its_source(dynamodb, table)
        self.say(
            f"{table.name} {'was restored from' if begun else 'is there, from'} {table.source}"
        )
        return stream

    def ground(self, tables: dict[str, RestoredTable]) -> Ground:
        """Put together what was in use and what was restored."""
        leads, partners = tables["LeadsTable"], tables["PartnersTable"]
        dynamodb = self.there.client("dynamodb")
        bucket = self.there.resource("Bucket")
        old, new = (
            StoreSettings(leads_table=names[0], partners_table=names[1], bucket=bucket)
            for names in ((leads.replaced, partners.replaced), (leads.name, partners.name))
        )
        return Ground(
            dynamodb,
            old=Side(services_of(self.there, old), old),
            new=Side(services_of(self.there, new), new),
            log=ReadModelTable(dynamodb, self.there.resource("ReadModelTable")),
            files=LeadFileObjects(lambda: self.there.client("s3"), bucket),
            at=self.at,
        )

    def repoint(self, tables: dict[str, RestoredTable], streams: dict[str, str]) -> None:
        """Point the stack at the restored tables."""
        for table in tables.values():
            mark_in_use(self.there.client("dynamodb"), table, self.now())
        before = point_at(self.there.client("cloudformation"), self.there.name, streams)
        self.say(f"the stack {'was pointed' if before else 'points'} at the restored tables")
        for name in before.keys() & AT_ONCE.keys():
            self.say(
                f"{name} is {AT_ONCE[name]} now, for two tables must not be written to at once: "
                f"it was {before[name]}, which your next deployment may set again"
            )

    def publish(self, ground: Ground) -> None:
        """Compile the network from the restored partners."""
        rules = rules_of(self.there, ground.new.stores)
        network = rules.publish_network(ground.new.services.partners.all, self.now())
        self.say(f"the network of {len(network.partners)} partners was published")

    def arm(self, ground: Ground) -> None:
        """Arm the timer of each open lead, and no other."""
        scheduler, settings = self.there.client("scheduler"), timer_settings(self.there)
        cleared = clear_timers(scheduler, settings.schedule_group)
        self.say(f"{cleared} timers of before cleared away")
        leads = leads_of(ground.dynamodb, ground.new.stores.leads_table)
        began = time.monotonic()
        armed = arm_timers(SchedulerTimers(scheduler, settings), leads, self.now())
        pace = 60 * armed / max(time.monotonic() - began, 0.001)
        self.say(f"{armed} timers armed, at {pace:,.0f} a minute")


def _told(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S} UTC"


def main() -> None:
    """Restore the stack that the command line names."""
    arguments = tool("Restores leads and partners to a point in time.")
    arguments.add_argument(
        "--at", type=date_and_time, help="the instant, such as 2026-11-21T09:00Z"
    )
    options = arguments.parse_args()
    if options.at is None:
        sys.exit(__doc__.strip())
    there = target(options.stack, options.data, "make restore AT=…")
    drill = Drill(
        there,
        options.at.astimezone(UTC),
        lambda: datetime.now(UTC),
        lambda line: print(line, flush=True),
    )
    with reachable(options.stack):
        try:
            drill.run()
        except CannotRestore as error:
            sys.exit(f"Not restored: {error}")


if __name__ == "__main__":
    main()
