"""A compiled network as bytes, and back by copying: nothing is parsed that nobody asks for.

    PRN1 · length of the header · header (JSON) · ids, slots and arrays (zlib) · partners (blocks,
    each zlib)
         · names of towns (zlib), where somebody gave them

The header names the schema, the version and every array with its type and length. Numbers are
little-endian. Code that knows of no towns reads as far as the partners.
"""

import hashlib
import json
import struct
import sys
import zlib
from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain
from typing import Any

from routing_core.domain.programme.programme import Region
from routing_core.domain.programme.stored_document import read_stored
from routing_core.domain.territory.gazetteer import Circle, Gazetteer, Point, Shape, outline
from routing_core.domain.territory.territory import Territory
from routing_core.domain.territory.town_names import TownNames
from routing_core.routing.index.arrays import Arrays, depths_of
from routing_core.routing.index.features import Features
from routing_core.routing.index.network import Network
from routing_core.routing.index.profiles import Profiles

MAGIC = b"PRN1"
SCHEMA = 2
BLOCK_OF_1 = 16
"""Partners of a block in schema 1, which did not say."""
FLAT = (
    *("start", "layered_start", "who", "what", "grade", "by_product_start", "by_product", "low"),
    *("tiers", "zones", "ranks", "narrow", "where"),
)


def pack(network: Network) -> tuple[Network, bytes]:
    """The network under the version that its content gives it, and its bytes."""
    arrays = network.arrays
    texts = {
        "ids": network.partners.ids,
        "slots": arrays.slots,
        "layered_slots": arrays.layered_slots,
        "territories": network.territories,
        "places": network.places.names,
    }
    parts = [(name, "", "\n".join(values).encode()) for name, values in texts.items()]
    parts += [(name, flat.typecode, _little(flat)) for name, flat in _flat(arrays)]
    parts.append(("degrees", "d", _little(network.places.degrees)))
    words = network.features.words
    parts.append(
        ("masks", "", b"".join(mask.to_bytes(8 * words, "little") for mask in arrays.masks))
    )
    blocks = network.partners.blocks()
    header: dict[str, Any] = {
        "schema": SCHEMA,
        "traits": network.features.traits,
        "zones": network.zone_names,
        "regions": {
            name: region.model_dump(mode="json") for name, region in network.regions.items()
        },
        "areas": network.areas,
        "shapes": [
            [number, _stated(shape, network, number)] for number, shape in network.shapes.items()
        ],
        "unresolved": network.unresolved,
        "ends": sorted(arrays.ends),
        "depths": arrays.depths,
        "parts": [[name, kind, len(raw)] for name, kind, raw in parts],
        "block": network.partners.block,
        "blocks": [len(block) for block in blocks],
    }
    towns = network.places.towns.packed
    if towns:
        header["towns"] = len(towns)
    raw = b"".join(part for _, _, part in parts)
    content = hashlib.sha256(json.dumps(header, sort_keys=True).encode())
    for piece in (raw, *blocks, towns):
        content.update(piece)
    version = content.hexdigest()[:16]
    packed = zlib.compress(raw, 6)
    head = json.dumps(
        header | {"version": version, "packed": len(packed)}, separators=(",", ":")
    ).encode()
    return replace(network, version=version), b"".join(
        (MAGIC, struct.pack("<I", len(head)), head, packed, *blocks, towns)
    )


def unpack(body: bytes) -> Network:
    """Raises ValueError for bytes that are no snapshot, or one of newer code."""
    view = memoryview(body)
    if view[:4] != MAGIC:
        raise ValueError("these bytes are no network snapshot")
    begin = 8 + struct.unpack("<I", view[4:8])[0]
    header = json.loads(bytes(view[8:begin]))
    if int(header["schema"]) > SCHEMA:
        raise ValueError(f"the snapshot has schema {header['schema']}, this code reads {SCHEMA}")
    end = begin + header["packed"]
    found = dict(_parts(memoryview(zlib.decompress(view[begin:end])), header["parts"]))
    features = Features((kind, value) for kind, value in header["traits"])
    ids = _lines(found.pop("ids"))
    slots, layered = _lines(found.pop("slots")), _lines(found.pop("layered_slots"))
    territories, masks = _lines(found.pop("territories")), found.pop("masks")
    after_blocks = end + sum(header["blocks"])
    towns = TownNames(bytes(view[after_blocks : after_blocks + header.get("towns", 0)]))
    places = Gazetteer.stored(_lines(found.pop("places")), found.pop("degrees"), towns)
    outlines = {name: outline(geojson) for name, geojson in header["areas"].items()}
    shapes = {
        number: outlines[said] if isinstance(said, str) else Circle(Point(*said[:2]), said[2])
        for number, said in header["shapes"]
    }
    ends = {name: found.pop(f"ends:{name}") for name in header["ends"]}
    return Network(
        header["version"],
        Profiles(
            ids, list(_blocks(view, end, header["blocks"])), block=header.get("block", BLOCK_OF_1)
        ),
        {name: read_stored(Region, region)[0] for name, region in header["regions"].items()},
        tuple((partner, region) for partner, region in header["unresolved"]),
        features,
        features.products,
        tuple(territories),
        tuple(header["zones"]),
        Arrays(
            slots={key: n for n, key in enumerate(slots)},
            layered_slots={key: n for n, key in enumerate(layered)},
            depths=_depths(header, slots, layered),
            masks=_masks(masks, features.words),
            ends=ends,
            **found,
        ),
        places,
        header["areas"],
        shapes,
    )


def _depths(
    header: Mapping[str, Any], *keys: Sequence[str]
) -> Mapping[str, Sequence[tuple[int, str]]]:
    """Bytes of older code do not name them."""
    if "depths" not in header:
        return depths_of(chain.from_iterable(keys))
    return {
        country: tuple((depth, end) for depth, end in depths)
        for country, depths in header["depths"].items()
    }


def _stated(shape: Shape, network: Network, number: int) -> Any:
    """A circle by its numbers, an area by its name."""
    if isinstance(shape, Circle):
        return [*shape.centre, shape.km]
    return Territory.parse(network.territories[number]).value


def _flat(arrays: Arrays) -> Iterator[tuple[str, "array[Any]"]]:
    yield from ((name, getattr(arrays, name)) for name in FLAT)
    yield from ((f"ends:{name}", arrays.ends[name]) for name in sorted(arrays.ends))


def _little(flat: "array[Any]") -> bytes:
    if sys.byteorder == "big":
        flat = array(flat.typecode, flat)
        flat.byteswap()
    return flat.tobytes()


def _parts(raw: memoryview, stated: Sequence[Sequence[Any]]) -> Iterator[tuple[str, Any]]:
    place = 0
    for name, kind, length in stated:
        piece = raw[place : place + length]
        place += length
        if not kind:
            yield name, bytes(piece)
            continue
        flat: array[Any] = array(kind)
        flat.frombytes(piece)
        if sys.byteorder == "big":
            flat.byteswap()
        yield name, flat


def _lines(text: bytes) -> list[str]:
    return text.decode().split("\n") if text else []


def _masks(raw: bytes, words: int) -> Sequence[int]:
    if words == 1:
        return dict(_parts(memoryview(raw), [["masks", "Q", len(raw)]]))["masks"]  # type: ignore[no-any-return]
    size = 8 * words
    return [
        int.from_bytes(raw[place : place + size], "little") for place in range(0, len(raw), size)
    ]


def _blocks(view: memoryview, place: int, lengths: Sequence[int]) -> Iterator[bytes]:
    for length in lengths:
        yield bytes(view[place : place + length])
        place += length
