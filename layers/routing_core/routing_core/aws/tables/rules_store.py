"""The programme and the compiled network in force, cached for a few seconds in a warm function."""

import gzip
import hashlib
import json
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from botocore.exceptions import ClientError

from routing_core.aws.codecs.value_codecs import Item, instant_text
from routing_core.aws.settings import StoreSettings
from routing_core.aws.tables.dynamo import batch_get, condition_failed, plain, refusals, typed
from routing_core.aws.tables.gate_rows import PRESSURE, pressure_from_item
from routing_core.domain.enquiry.rate_limits import Pressure
from routing_core.domain.errors import InvalidInput, NotFound, Problem, VersionConflict
from routing_core.domain.partner import Partner
from routing_core.domain.programme.programme import Programme
from routing_core.domain.programme.stored_document import read_stored
from routing_core.domain.territory.gazetteer import Gazetteer, Point
from routing_core.formats.places_csv import read_written, written
from routing_core.routing.index.network import Network
from routing_core.routing.index.snapshot import pack, unpack
from routing_core.service.kernel.ports import KnownPlaces

FRESH_SECONDS = 5.0
LARGEST_PROGRAMME = 380 * 1024
"""Bytes: DynamoDB keeps 400 kB in one item."""
ACTIVE_PROGRAMME = {"pk": "PROGRAMME", "sk": "ACTIVE"}
ACTIVE_NETWORK = {"pk": "NETWORK", "sk": "ACTIVE"}
REGIONS_CHANGED = {"pk": "PROGRAMME", "sk": "CHANGED"}
"""Written with each programme, so that the partners stream compiles the network with its
regions.
"""
PLACES = {"pk": "PLACES", "sk": "CHANGED"}
"""Names for each country the object with its coordinates; on the same stream for the same
reason.
"""


NO_NETWORK = Network.compile("none", (), {})
"""In force until the first partner is saved."""


def programme_key(version: int) -> Item:
    return {"pk": "PROGRAMME", "sk": f"v{version:06d}"}


class RulesStore:
    """Implements ports.RuleBook. ``clock`` counts seconds and only decides when to look for newer
    versions.
    """

    def __init__(
        self,
        dynamo: Any,
        s3: Callable[[], Any],
        names: StoreSettings,
        clock: Callable[[], float],
    ):
        self._dynamo = dynamo
        self._s3 = s3
        self._clock = clock
        self._leads = names.leads_table
        self._partners = names.partners_table
        self._bucket = names.bucket
        self._looked = float("-inf")
        self._programme: tuple[int, Programme] | None = None
        self._mended: tuple[str, ...] = ()
        self._network: tuple[str, Network] | None = None
        self._named_network = ""
        self._pressure = Pressure()

    def programme(self) -> tuple[int, Programme]:
        self._look()
        if self._programme is None:
            raise NotFound("no programme has been saved yet: PUT /v1/programme")
        return self._programme

    def mended(self) -> tuple[str, ...]:
        self._look()
        return self._mended

    def pressure(self) -> Pressure:
        self._look()
        return self._pressure

    def look_again(self) -> None:
        self._looked = float("-inf")

    def network(self) -> Network:
        self._look()
        if self._named_network:
            self._take_network(self._named_network)
        return self._network[1] if self._network else NO_NETWORK

    def network_version(self, version: str) -> Network:
        if version == NO_NETWORK.version:
            return NO_NETWORK
        try:
            return self._read_network(_object_of(version))
        except ClientError as error:
            if not _not_there(error):
                raise
            raise NotFound(f"there is no network {version}") from error

    def programme_version(self, version: int) -> Programme:
        return self._read_programme(version)[0]

    def _read_programme(self, version: int) -> tuple[Programme, tuple[str, ...]]:
        answer = self._dynamo.get_item(
            TableName=self._leads, Key=typed(programme_key(version)), ConsistentRead=True
        )
        if "Item" not in answer:
            raise NotFound(f"there is no version {version} of the programme")
        document = json.loads(zlib.decompress(bytes(plain(answer["Item"])["document"])))
        return read_stored(Programme, document)

    def save_programme(
        self, programme: Programme, now: datetime, replaces: int | None = None
    ) -> int:
        """Raises VersionConflict if somebody saved another version meanwhile, InvalidInput for what
        is too large.
        """
        read = replaces
        if read is None:
            found = batch_get(self._dynamo, {self._leads: [ACTIVE_PROGRAMME]})[self._leads]
            read = int(found[0]["version"]) if found else 0
        document = zlib.compress(
            json.dumps(programme.model_dump(mode="json", by_alias=True)).encode(), 9
        )
        if len(document) > LARGEST_PROGRAMME:
            message = f"is too large to be kept: at most {LARGEST_PROGRAMME // 1024} kB, compressed"
            raise InvalidInput([Problem("(document)", "document_too_large", message)])
        row = programme_key(read + 1) | {"document": document, "saved_at": instant_text(now)}
        pointer = ACTIVE_PROGRAMME | {"version": read + 1, "saved_at": instant_text(now)}
        nobody_saved_since = {
            "ConditionExpression": "attribute_not_exists(pk) OR version = :read",
            "ExpressionAttributeValues": typed({":read": read}),
        }
        try:
            self._dynamo.transact_write_items(
                TransactItems=[
                    {"Put": {"TableName": self._leads, "Item": typed(row)}},
                    {
                        "Put": {"TableName": self._leads, "Item": typed(pointer)}
                        | nobody_saved_since
                    },
                    {
                        "Put": {
                            "TableName": self._partners,
                            "Item": typed(REGIONS_CHANGED | {"version": read + 1}),
                        }
                    },
                ]
            )
        except ClientError as error:
            if refusals(error) is None:
                raise
            raise VersionConflict("the programme was saved by somebody else meanwhile") from error
        self.look_again()
        return read + 1

    def publish_network(self, partners: Callable[[], Iterable[Partner]], now: datetime) -> Network:
        """Compiles every partner with the programme's regions into a snapshot named after its
        content.

        Whoever publishes meanwhile makes this start again from a fresh read, so that the last
        pointer always stands for the last state.
        """
        while True:
            found = batch_get(
                self._dynamo,
                {self._partners: [ACTIVE_NETWORK, PLACES], self._leads: [ACTIVE_PROGRAMME]},
            )
            items = {item["pk"]: item for item in found[self._partners]}
            read = int(items.get(ACTIVE_NETWORK["pk"], {"version": 0})["version"])
            rules = (
                self.programme_version(int(found[self._leads][0]["version"]))
                if found[self._leads]
                else None
            )
            lists = _lists(items.get(PLACES["pk"], {}))
            network, body = pack(self._compiled(tuple(partners()), rules, lists))
            name = _object_of(network.version)
            self._s3().put_object(
                Bucket=self._bucket, Key=name, Body=body, ContentType="application/octet-stream"
            )
            if self._point_at(name, read, now):
                self.look_again()
                return network

    def save_places(
        self,
        country: str,
        points: Mapping[str, Point],
        towns: Mapping[str, Sequence[str]],
        now: datetime,
    ) -> None:
        """The object is named after its content and nobody knows it until the item does: one write
        changes all.
        """
        body = written(points, towns).encode()
        name = f"places/{country}/{hashlib.sha256(body).hexdigest()[:16]}.csv"
        self._s3().put_object(
            Bucket=self._bucket, Key=name, Body=body, ContentType="text/csv; charset=utf-8"
        )
        kept = {"object": name, "postcodes": len(points), "saved_at": instant_text(now)}
        self._dynamo.update_item(
            TableName=self._partners,
            Key=typed(PLACES),
            UpdateExpression="SET #country = :kept ADD version :one",
            ExpressionAttributeNames={"#country": country},
            ExpressionAttributeValues=typed({":kept": kept, ":one": 1}),
        )

    def places(self) -> Mapping[str, KnownPlaces]:
        answer = self._dynamo.get_item(
            TableName=self._partners, Key=typed(PLACES), ConsistentRead=True
        )
        lists = _lists(plain(answer.get("Item", {})))
        return {
            country: KnownPlaces(int(kept["postcodes"]), datetime.fromisoformat(kept["saved_at"]))
            for country, kept in sorted(lists.items())
        }

    def _compiled(
        self, partners: Sequence[Partner], rules: Programme | None, lists: Mapping[str, Item]
    ) -> Network:
        if rules is None:
            return Network.compile("", partners, {})
        areas = {name: area.geojson for name, area in rules.areas.items()}
        return Network.compile(
            "", partners, rules.regions, self._places(partners, rules, lists), areas
        )

    def _places(
        self, partners: Sequence[Partner], rules: Programme, lists: Mapping[str, Item]
    ) -> Gazetteer:
        """From HQ's lists, of the countries where somebody asks or is."""
        countries = {country for form in rules.forms for country in form.countries} | {
            p.country for p in partners
        }
        known = sorted(countries & lists.keys())
        points: dict[str, Point] = {}
        towns: dict[str, tuple[str, ...]] = {}
        for country in known:
            for name, point, there in self._list_of(country, lists[country]):
                points[name] = point
                if there:
                    towns[name] = there
        return Gazetteer(points, towns)

    def _list_of(self, country: str, kept: Item) -> Iterable[tuple[str, Point, tuple[str, ...]]]:
        try:
            body = self._s3().get_object(Bucket=self._bucket, Key=kept["object"])["Body"].read()
        except ClientError as error:
            if not _not_there(error):
                raise
            return ()
        return read_written(country, body.decode())

    def _point_at(self, name: str, read: int, now: datetime) -> bool:
        pointer = ACTIVE_NETWORK | {
            "version": read + 1,
            "object": name,
            "saved_at": instant_text(now),
        }
        try:
            self._dynamo.put_item(
                TableName=self._partners,
                Item=typed(pointer),
                ConditionExpression="attribute_not_exists(pk) OR version = :read",
                ExpressionAttributeValues=typed({":read": read}),
            )
        except ClientError as error:
            if condition_failed(error):
                return False
            raise
        return True

    def _look(self) -> None:
        now = self._clock()
        if now - self._looked < FRESH_SECONDS:
            return
        wanted = {self._leads: [ACTIVE_PROGRAMME, PRESSURE], self._partners: [ACTIVE_NETWORK]}
        found = batch_get(self._dynamo, wanted)
        by_key = {item["pk"]: item for item in found[self._leads]}
        self._pressure = (
            pressure_from_item(by_key.pop("PRESSURE")) if "PRESSURE" in by_key else Pressure()
        )
        for item in by_key.values():
            version = int(item["version"])
            if self._programme is None or self._programme[0] != version:
                programme, self._mended = self._read_programme(version)
                self._programme = (version, programme)
        for item in found[self._partners]:
            self._named_network = item["object"]  # read when it is asked for: not everybody routes
        self._looked = now

    def _take_network(self, name: str) -> None:
        if self._network is None or self._network[0] != name:
            self._network = (name, self._read_network(name))

    def _read_network(self, name: str) -> Network:
        body = self._s3().get_object(Bucket=self._bucket, Key=name)["Body"].read()
        if name.endswith(".json.gz"):  # published by code before there were arrays
            return Network.from_document(json.loads(gzip.decompress(body)))
        return unpack(body)


def _not_there(error: ClientError) -> bool:
    """S3 tells a role that may read objects, but not list them, that what is not there is
    denied.
    """
    return error.response["Error"]["Code"] in ("NoSuchKey", "AccessDenied")


def _lists(item: Item) -> dict[str, Item]:
    """Country → what is kept of its list."""
    return {name: kept for name, kept in item.items() if isinstance(kept, dict)}


def _object_of(version: str) -> str:
    return f"networks/{version}.network"
