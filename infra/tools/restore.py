"""Restores leads and partners to a point in time, and has the stack go on from there.

    make restore STACK=name AT=2026-11-21T09:00Z

For when data was spoiled, by a mistake or a fault: what was committed after AT is lost to the
stack, and stays in the tables that were in use until now. Each step says what it did. It may be
stopped at any time; the same command goes on, and does nothing twice:

 1. both tables are restored beside those in use, and set up as those are
 2. what must not come back is done again in them: erasures, ended links, revoked keys; HQ is signed
    out; partners' loads are counted again from the leads
 3. the stack is pointed at them, and step 2 is done once more, for what was done meanwhile
 4. the network is published anew, and the timer of every open lead armed
 5. HQ's lists are made anew

Without STACK it works on the embedded AWS of `make run`, which restores what is there at the time.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from infra.tools.arm_timers import arm_timers, clear_timers, timer_settings
from infra.tools.rebuild_views import rebuild, views_of
from infra.tools.redrive import instant
from infra.tools.restored_state import Ground, Side, leads_of, settle
from infra.tools.restored_tables import (
    PARAMETERS,
    RestoredTable,
    like_its_source,
    planned,
    point_at,
    restore_table,
)
from infra.tools.stack import Target, reachable, rules_of, services_of, target, tool
from routing_core.aws.queues.timers import SchedulerTimers
from routing_core.aws.settings import StoreSettings
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
        """Do whatever is not done yet."""
        tables = {each: planned(self.there, each, self.at) for each in PARAMETERS}
        streams = {each: self.restore(table) for each, table in tables.items()}
        ground = self.ground(tables)
        settle(ground, self.now(), self.say)
        self.repoint(streams)
        settle(ground, self.now(), self.say)
        self.publish(ground)
        self.arm(ground)
        rebuild(views_of(self.there), self.now(), self.say)
        kept = " and ".join(table.source for table in tables.values())
        self.say(f"Restored to {self.at:%Y-%m-%d %H:%M:%S} UTC. What came after stands in {kept}.")

    def restore(self, table: RestoredTable) -> str:
        """Restore a table, set it up, and give the ARN of its stream."""
        dynamodb = self.there.client("dynamodb")
        begun = restore_table(dynamodb, table, self.at)
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
            for names in ((leads.source, partners.source), (leads.name, partners.name))
        )
        return Ground(
            dynamodb,
            old=Side(services_of(self.there, old), old),
            new=Side(services_of(self.there, new), new),
            log=ReadModelTable(dynamodb, self.there.resource("ReadModelTable")),
            at=self.at,
        )

    def repoint(self, streams: dict[str, str]) -> None:
        """Point the stack at the restored tables."""
        moved = point_at(self.there.client("cloudformation"), self.there.name, streams)
        self.say(f"the stack {'was pointed' if moved else 'points'} at the restored tables")

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


def main() -> None:
    """Restore the stack that the command line names."""
    arguments = tool("Restores leads and partners to a point in time.")
    arguments.add_argument("--at", type=instant, help="the instant, such as 2026-11-21T09:00Z")
    options = arguments.parse_args()
    if options.at is None:
        sys.exit(__doc__.strip())
    there = target(options.stack, options.data, "make restore AT=…")
    with reachable(options.stack):
        Drill(
            there,
            options.at.astimezone(UTC),
            lambda: datetime.now(UTC),
            lambda line: print(line, flush=True),
        ).run()


if __name__ == "__main__":
    main()
