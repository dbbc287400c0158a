"""Keep HQ's lists of places: for each country an object that one item names."""

import hashlib
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from routing_core.aws.codecs.value_codecs import Item, instant_text
from routing_core.aws.tables.bucket import find_object
from routing_core.aws.tables.dynamo import read_item, serialize_item
from routing_core.domain.territory.gazetteer import Gazetteer, Point
from routing_core.formats.places_csv import read_written, written
from routing_core.service.kernel.ports import KnownPlaces

PLACES: Item = {"pk": "PLACES", "sk": "CHANGED"}
"""Names for each country the object with its coordinates.

It stands among the partners, whose stream compiles the network with it.
"""


class PlaceLists:
    """Saves and reads where the postcodes of a country are."""

    def __init__(self, dynamo: Any, s3: Callable[[], Any], table: str, bucket: str):
        self._dynamo = dynamo
        self._s3 = s3
        self._table = table
        self._bucket = bucket

    def save(
        self,
        country: str,
        points: Mapping[str, Point],
        towns: Mapping[str, Sequence[str]],
        now: datetime,
    ) -> None:
        """Save a country's list in the place of the one there was."""
        # The object is named after its content, and nobody knows it until the item does: one write
        # changes all.
        body = written(points, towns).encode()
        name = f"places/{country}/{hashlib.sha256(body).hexdigest()[:16]}.csv"
        self._s3().put_object(
            Bucket=self._bucket, Key=name, Body=body, ContentType="text/csv; charset=utf-8"
        )
        kept = {"object": name, "postcodes": len(points), "saved_at": instant_text(now)}
        self._dynamo.update_item(
            TableName=self._table,
            Key=serialize_item(PLACES),
            UpdateExpression="SET #country = :kept ADD version :one",
            ExpressionAttributeNames={"#country": country},
            ExpressionAttributeValues=serialize_item({":kept": kept, ":one": 1}),
        )

    def known(self) -> Mapping[str, KnownPlaces]:
        """Give what is kept, by country."""
        lists = lists_in(read_item(self._dynamo, self._table, PLACES) or {})
        return {country: _known_places(kept) for country, kept in sorted(lists.items())}

    def gazetteer(self, lists: Mapping[str, Item], countries: Collection[str]) -> Gazetteer:
        """Read the places of these countries; ``lists``: what the item says of each."""
        points: dict[str, Point] = {}
        towns: dict[str, tuple[str, ...]] = {}
        for country in sorted(lists.keys() & countries):
            for name, point, towns_there in self._list_of(country, lists[country]):
                points[name] = point
                if towns_there:
                    towns[name] = towns_there
        return Gazetteer(points, towns)

    def _list_of(self, country: str, kept: Item) -> Iterable[tuple[str, Point, tuple[str, ...]]]:
        answer = find_object(self._s3(), self._bucket, kept["object"])
        if answer is None:
            return ()
        return read_written(country, answer["Body"].read().decode())


def lists_in(item: Item) -> dict[str, Item]:
    """Give what the item of all lists says of each country's; its other attributes are no maps."""
    return {name: kept for name, kept in item.items() if isinstance(kept, dict)}


def _known_places(kept: Item) -> KnownPlaces:
    return KnownPlaces(int(kept["postcodes"]), datetime.fromisoformat(kept["saved_at"]))
