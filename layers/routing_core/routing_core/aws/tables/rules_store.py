"""Keep the programme and the compiled network in force, cached for a few seconds."""

import gzip
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from botocore.exceptions import ClientError

from routing_core.aws.codecs.value_codecs import Item, instant_text
from routing_core.aws.settings import StoreSettings
from routing_core.aws.tables.activity_rows import LogWrites, nothing_to_note
from routing_core.aws.tables.bucket import object_is_missing
from routing_core.aws.tables.dynamo import batch_get, condition_failed, serialize_item
from routing_core.aws.tables.gate_rows import PRESSURE, pressure_from_item
from routing_core.aws.tables.place_lists import PLACES, PlaceLists, lists_in
from routing_core.aws.tables.programme_table import (
    ACTIVE_PROGRAMME,
    NewVersion,
    ProgrammeTable,
    pointer_from_item,
)
from routing_core.domain.activity import ActivityKind, NotedAct
from routing_core.domain.enquiry.rate_limits import Pressure
from routing_core.domain.errors import NewerData, NotFound, VersionConflict
from routing_core.domain.partner import Partner
from routing_core.domain.programme.programme import Programme
from routing_core.domain.rule_version import (
    AT_ONCE,
    NewPlan,
    PlannedRules,
    RuleEdition,
    RulePointer,
    RuleVersion,
)
from routing_core.domain.territory.gazetteer import Gazetteer, Point
from routing_core.routing.index.network import Network
from routing_core.routing.index.snapshot import SNAPSHOT_SCHEMA, pack, unpack
from routing_core.service.kernel.ports import KnownPlaces
from routing_core.service.kernel.read_model import LogEntry

FRESH_SECONDS = 5.0
"""A warm function takes what it has read for what is in force for so long."""
UNNAMED_SCHEMA = 2
"""A pointer that names no schema stands for a snapshot of this one, or of an older one."""
ACTIVE_NETWORK: Item = {"pk": "NETWORK", "sk": "ACTIVE"}
"""Names the object with the network in force."""
NO_NETWORK = Network.compile("none", (), {})
"""This one is in force until the first partner is saved."""


class RulesStore:
    """Keeps the rules: ``ports.RuleBook`` over the two tables and the bucket."""

    def __init__(
        self,
        dynamo: Any,
        s3: Callable[[], Any],
        names: StoreSettings,
        clock: Callable[[], float],
        now: Callable[[], datetime],
    ):
        """Take the clients; ``clock`` counts seconds, to decide when to look for news.

        ``now`` tells the time, by which a planned version comes into force.
        """
        self._log_writes: LogWrites = nothing_to_note
        self._dynamo = dynamo
        self._s3 = s3
        self._clock = clock
        self._now = now
        self._leads = names.leads_table
        self._partners = names.partners_table
        self._bucket = names.bucket
        self._programmes = ProgrammeTable(dynamo, names.leads_table, names.partners_table)
        self._place_lists = PlaceLists(dynamo, s3, names.partners_table, names.bucket)
        self._looked = float("-inf")
        self._pointer = RulePointer()
        self._programme: tuple[int, Programme] | None = None
        self._mended: tuple[str, ...] = ()
        self._network: tuple[str, Network] | None = None
        self._network_pointer: Item = {}
        self._pressure = Pressure()

    def noting(self, log_writes: LogWrites) -> "RulesStore":
        """Keep with each version what HQ's log tells of it; give the same store."""
        self._log_writes = log_writes
        return self

    # ── in force ──────────────────────────────────────────────────────────────────────────────────

    def programme(self) -> tuple[int, Programme]:
        """Give the programme in force with its version; raises NotFound while there is none."""
        self._look()
        version = self._pointer.in_force(self._now())
        if not version:
            raise NotFound("no programme has been saved yet: PUT /v1/programme")
        return self._taken(version)

    def mended(self) -> tuple[str, ...]:
        """Name the fields of the programme in force that lie outside today's bounds."""
        self._look()
        version = self._pointer.in_force(self._now())
        if version:
            self._taken(version)
        return self._mended

    def planned(self) -> PlannedRules | None:
        """Give the version that waits for its time; None if none does."""
        self._look()
        return self._pointer.waiting(self._now())

    def pressure(self) -> Pressure:
        """Give what is known of a flood."""
        self._look()
        return self._pressure

    def network(self) -> Network:
        """Give the compiled network in force; raises NewerData if no code but newer code reads it."""
        self._look()
        if not self._network_pointer:
            return NO_NETWORK
        try:
            name = readable_network(self._network_pointer)
        except NewerData:
            # A warm function goes on with what it read last, until newer code takes its place.
            if self._network is None:
                raise
            return self._network[1]
        if self._network is None or self._network[0] != name:
            self._network = (name, self._read_network(name))
        return self._network[1]

    def look_again(self) -> None:
        """Answer the next question with what is in force then: something has just changed."""
        self._looked = float("-inf")

    def _look(self) -> None:
        now = self._clock()
        if now - self._looked < FRESH_SECONDS:
            return
        # The pressure is read along with the pointers, so that knowing of a flood costs no request.
        wanted = {self._leads: [ACTIVE_PROGRAMME, PRESSURE], self._partners: [ACTIVE_NETWORK]}
        found = batch_get(self._dynamo, wanted)
        self._pressure = Pressure()
        for item in found[self._leads]:
            if item["pk"] == PRESSURE["pk"]:
                self._pressure = pressure_from_item(item)
            else:
                self._pointer = pointer_from_item(item)
        for item in found[self._partners]:
            # It is read when it is asked for: not everybody routes.
            self._network_pointer = item
        self._looked = now

    def _taken(self, version: int) -> tuple[int, Programme]:
        if self._programme is None or self._programme[0] != version:
            programme, self._mended = self._programmes.read(version)
            self._programme = (version, programme)
        return self._programme

    # ── versions ──────────────────────────────────────────────────────────────────────────────────

    def programme_version(self, version: int) -> Programme:
        """Give a version of the programme; raises NotFound."""
        programme, _ = self._programmes.read(version)
        return programme

    def programme_text(self, version: int) -> str:
        """Give the YAML that a version was written as; empty if nobody wrote any."""
        return self._programmes.text(version)

    def versions(self, before: int | None = None, limit: int = 30) -> tuple[RuleVersion, ...]:
        """List versions below a number, the newest first; None begins with the newest."""
        first = before or self._programmes.pointer().last + 1
        return self._programmes.recent(first, limit) if first > 1 else ()

    def save_programme(
        self,
        programme: Programme,
        now: datetime,
        replaces: int | None = None,
        edition: RuleEdition = AT_ONCE,
        carried: NewPlan | None = None,
    ) -> int:
        """Save a programme in the place of ``replaces``, else of the one in force.

        Gives its version. Raises VersionConflict if somebody saved another one meanwhile,
        InvalidInput for what is too large.
        """
        was = self._programmes.pointer()
        settled = was.settled(now)
        seen_plan = carried.replaces if carried else None
        is_later = replaces is not None and replaces != settled.version
        if is_later or (settled.plan != seen_plan and not edition.starts_at):
            raise VersionConflict("the programme was saved by somebody else meanwhile")
        number = was.last + 1
        written = [NewVersion(number, programme, edition)]
        if edition.starts_at:
            plan = PlannedRules(number, edition.starts_at)
            pointer = replace(settled, plan=plan, last=number)
        else:
            pointer = replace(settled, version=number, last=number)
        if carried:
            written.append(NewVersion(number + 1, carried.programme, carried.edition))
            plan = PlannedRules(number + 1, carried.replaces.starts_at)
            pointer = replace(pointer, plan=plan, last=number + 1)
        lines = [_line(each, edition.by, number, now) for each in edition.acts]
        self._programmes.save(written, pointer, was, now, self._log_writes(lines))
        self.look_again()
        return number

    def call_off(self, number: int, now: datetime, by: str) -> None:
        """Call off a version before its time, as the log then tells.

        Raises NotFound if it does not wait, VersionConflict if somebody saved meanwhile.
        """
        was = self._programmes.pointer()
        plan = was.waiting(now)
        if plan is None or plan.number != number:
            raise NotFound(f"version {number} of the programme does not wait for its time")
        line = _line(NotedAct(ActivityKind.RULES_CALLED_OFF), by, number, now)
        noted = self._log_writes([line])
        self._programmes.save((), replace(was, plan=None), was, now, noted)
        self.look_again()

    def settle(self, now: datetime) -> int | None:
        """Note that a planned version's time has come, for which the network is compiled anew.

        Gives its number; None if there is nothing to note. Every reader knows of it anyway.
        """
        was = self._programmes.pointer()
        settled = was.settled(now)
        if settled == was:
            return None
        self._programmes.save((), settled, was, now)
        self.look_again()
        return settled.version

    def network_version(self, version: str) -> Network:
        """Give the network as it was compiled then; raises NotFound."""
        if version == NO_NETWORK.version:
            return NO_NETWORK
        try:
            return self._read_network(_object_name(version))
        except ClientError as error:
            if not object_is_missing(self._s3(), self._bucket, _object_name(version), error):
                raise
            raise NotFound(f"there is no network {version}") from error

    def _read_network(self, name: str) -> Network:
        body = self._s3().get_object(Bucket=self._bucket, Key=name)["Body"].read()
        if name.endswith(".json.gz"):  # published by code before there were arrays
            return Network.from_document(json.loads(gzip.decompress(body)))
        return unpack(body)

    # ── publishing ────────────────────────────────────────────────────────────────────────────────

    def publish_network(self, partners: Callable[[], Iterable[Partner]], now: datetime) -> Network:
        """Compile every partner with the programme's regions into a snapshot, and put it in force.

        The snapshot is named after its content. Whoever publishes meanwhile makes this start again
        from a fresh read, so that the last pointer always stands for the last state. Raises
        NewerData where newer code has published: its snapshot may hold what this code cannot write.
        """
        while True:
            pointer, compiled = self._compile(partners)
            network, body = pack(compiled)
            name = _object_name(network.version)
            self._s3().put_object(
                Bucket=self._bucket, Key=name, Body=body, ContentType="application/octet-stream"
            )
            if self._point_at(name, pointer, now):
                self.look_again()
                return network

    def _compile(self, partners: Callable[[], Iterable[Partner]]) -> tuple[Item, Network]:
        wanted = {
            self._partners: [ACTIVE_NETWORK, PLACES],
            self._leads: [ACTIVE_PROGRAMME],
        }
        found = batch_get(self._dynamo, wanted)
        items = {item["pk"]: item for item in found[self._partners]}
        pointer = items.get(ACTIVE_NETWORK["pk"], {"version": 0})
        if _schema_of(pointer) > SNAPSHOT_SCHEMA:
            raise NewerData(f"the network in force has schema {pointer['schema']}")
        # The partners are read after the pointer: one who is saved in between is compiled here, or
        # by whoever moves the pointer.
        everybody = tuple(partners())
        if not found[self._leads]:
            return pointer, Network.compile("", everybody, {})
        in_force = pointer_from_item(found[self._leads][0]).in_force(self._now())
        programme = self.programme_version(in_force)
        places = self._places(everybody, programme, lists_in(items.get(PLACES["pk"], {})))
        areas = {name: area.geojson for name, area in programme.areas.items()}
        network = Network.compile("", everybody, programme.regions, places, areas)
        return pointer, network

    def _places(
        self, partners: Sequence[Partner], programme: Programme, lists: Mapping[str, Item]
    ) -> Gazetteer:
        countries = {partner.country for partner in partners}
        for form in programme.forms:
            countries |= set(form.countries)
        return self._place_lists.gazetteer(lists, countries)

    def _point_at(self, name: str, before: Item, now: datetime) -> bool:
        read = int(before["version"])
        pointer = ACTIVE_NETWORK | {
            "version": read + 1,
            "object": name,
            "saved_at": instant_text(now),
            "schema": SNAPSHOT_SCHEMA,
        }
        older = _older_snapshots(before)
        if older:
            pointer["older"] = older
        try:
            self._dynamo.put_item(
                TableName=self._partners,
                Item=serialize_item(pointer),
                ConditionExpression="attribute_not_exists(pk) OR version = :read",
                ExpressionAttributeValues=serialize_item({":read": read}),
            )
        except ClientError as error:
            if condition_failed(error):
                return False
            raise
        return True

    # ── places ────────────────────────────────────────────────────────────────────────────────────

    def save_places(
        self,
        country: str,
        points: Mapping[str, Point],
        towns: Mapping[str, Sequence[str]],
        now: datetime,
    ) -> None:
        """Save where a country's postcodes are; the network is then compiled with it."""
        self._place_lists.save(country, points, towns, now)

    def places(self) -> Mapping[str, KnownPlaces]:
        """Give what is kept of each country's list."""
        return self._place_lists.known()


def readable_network(pointer: Item) -> str:
    """Name the newest snapshot that this code reads: the one in force, or the last of its schema.

    Raises NewerData if there is none.
    """
    snapshots = {str(_schema_of(pointer)): pointer["object"]} | dict(pointer.get("older", {}))
    readable = [int(schema) for schema in snapshots if int(schema) <= SNAPSHOT_SCHEMA]
    if not readable:
        raise NewerData(f"the network in force has schema {pointer['schema']}")
    name: str = snapshots[str(max(readable))]
    return name


def _older_snapshots(before: Item) -> dict[str, str]:
    """Give the last snapshot of each older schema: code that is still running reads that one."""
    older = dict(before.get("older", {}))
    if "object" in before and _schema_of(before) < SNAPSHOT_SCHEMA:
        older[str(_schema_of(before))] = before["object"]
    return older


def _schema_of(pointer: Item) -> int:
    return int(pointer.get("schema", UNNAMED_SCHEMA))


def _object_name(version: str) -> str:
    return f"networks/{version}.network"


def _line(act: NotedAct, by: str, version: int, now: datetime) -> LogEntry:
    """Give the log's line of something that was done with a version of the rules."""
    of_rules = 0 if act.about else version
    return LogEntry(now, by, act.kind, version=of_rules, about=act.about, detail=act.detail)
