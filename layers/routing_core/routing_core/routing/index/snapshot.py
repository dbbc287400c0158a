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
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain
from typing import Any

from routing_core.domain.programme.areas import Region
from routing_core.domain.programme.stored_document import read_stored
from routing_core.domain.territory.gazetteer import Circle, Gazetteer, Point, Shape, outline
from routing_core.domain.territory.territory import Territory
from routing_core.domain.territory.town_names import TownNames
from routing_core.routing.index.arrays import Arrays, depths_of
from routing_core.routing.index.features import WORD_BITS, Features
from routing_core.routing.index.network import Network
from routing_core.routing.index.profiles import Profiles

MAGIC = b"PRN1"
"""Begins every snapshot."""
SNAPSHOT_SCHEMA = 2
"""The newest schema that this code reads, and the one it writes."""
BLOCK_OF_1 = 16
"""Partners of a block in schema 1, which did not say."""
COMPRESSION = 6
"""Names the level that zlib calls the usual trade of time for size."""
ENDS_PREFIX = "ends:"
"""Begins the stored name of a certificate's last days."""
STORED_NAMES: Mapping[str, str] = {
    "start": "start",
    "layered_start": "layered_start",
    "who": "ordinal_of",
    "what": "territory_of",
    "grade": "sort_rank",
    "by_product_start": "by_product_start",
    "by_product": "by_product",
    "low": "low_bits",
    "tiers": "tiers",
    "zones": "zones",
    "ranks": "ranks",
    "narrow": "specificity",
    "where": "coordinates",
}
"""Gives by name in the bytes the array's name in ``Arrays``, in the order in which they are stored.
The left side never changes: networks of years are stored under it.
"""

_WORD_BYTES = WORD_BITS // 8


def pack(network: Network) -> tuple[Network, bytes]:
    """Give the network under the version that its content gives it, and its bytes."""
    parts = list(_parts_of(network))
    blocks = network.partners.blocks()
    header = _header(network, parts, blocks)
    towns = network.places.towns.packed
    if towns:
        header["towns"] = len(towns)
    raw = b"".join(part for _, _, part in parts)
    # The version is made from all but itself, and the compressed size may change with zlib.
    version = _version(header, (raw, *blocks, towns))
    packed = zlib.compress(raw, COMPRESSION)
    head = json.dumps(
        header | {"version": version, "packed": len(packed)}, separators=(",", ":")
    ).encode()
    length = struct.pack("<I", len(head))
    return replace(network, version=version), b"".join(
        (MAGIC, length, head, packed, *blocks, towns)
    )


def _parts_of(network: Network) -> Iterator[tuple[str, str, bytes]]:
    """Give name, type and bytes of each part; the type is empty for what is no array of numbers."""
    arrays = network.arrays
    texts: Mapping[str, Iterable[str]] = {
        "ids": network.partners.ids,
        "slots": arrays.slots,
        "layered_slots": arrays.layered_slots,
        "territories": network.territories,
        "places": network.places.names,
    }
    for name, lines in texts.items():
        yield name, "", "\n".join(lines).encode()
    for name, flat in _flat(arrays):
        yield name, flat.typecode, _little_endian(flat)
    yield "degrees", "d", _little_endian(network.places.degrees)
    size = _WORD_BYTES * network.features.words
    yield "masks", "", b"".join(mask.to_bytes(size, "little") for mask in arrays.masks)


def _header(
    network: Network, parts: Iterable[tuple[str, str, bytes]], blocks: Iterable[bytes]
) -> dict[str, Any]:
    arrays = network.arrays
    return {
        "schema": SNAPSHOT_SCHEMA,
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
        "ends": sorted(arrays.certificate_ends),
        "depths": arrays.depths,
        "parts": [[name, kind, len(raw)] for name, kind, raw in parts],
        "block": network.partners.block,
        "blocks": [len(block) for block in blocks],
    }


def _version(header: Mapping[str, Any], pieces: Iterable[bytes]) -> str:
    """Hash the content.

    So what is stored twice is the same, and anything changed is another network.
    """
    content = hashlib.sha256(json.dumps(header, sort_keys=True).encode())
    for piece in pieces:
        content.update(piece)
    return content.hexdigest()[:16]


def unpack(body: bytes) -> Network:
    """Read a network from its bytes.

    Raises ValueError for bytes that are no snapshot, or one of newer code.
    """
    view = memoryview(body)
    if view[:4] != MAGIC:
        raise ValueError("these bytes are no network snapshot")
    begin = 8 + struct.unpack("<I", view[4:8])[0]
    header = json.loads(bytes(view[8:begin]))
    if int(header["schema"]) > SNAPSHOT_SCHEMA:
        raise ValueError(
            f"the snapshot has schema {header['schema']}, this code reads {SNAPSHOT_SCHEMA}"
        )
    end = begin + header["packed"]
    raw = zlib.decompress(view[begin:end])
    parts = dict(_parts(memoryview(raw), header["parts"]))
    # Bytes from before towns had names end with the partners.
    after_blocks = end + sum(header["blocks"])
    towns = TownNames(bytes(view[after_blocks : after_blocks + header.get("towns", 0)]))
    features = Features((kind, value) for kind, value in header["traits"])
    return Network(
        version=header["version"],
        partners=Profiles(
            _lines(parts["ids"]),
            list(_blocks(view, end, header["blocks"])),
            block=header.get("block", BLOCK_OF_1),
        ),
        regions={
            name: read_stored(Region, region)[0] for name, region in header["regions"].items()
        },
        unresolved=tuple((partner, region) for partner, region in header["unresolved"]),
        features=features,
        products=features.products,
        territories=tuple(_lines(parts["territories"])),
        zone_names=tuple(header["zones"]),
        arrays=_arrays(header, parts, features),
        places=Gazetteer.stored(_lines(parts["places"]), parts["degrees"], towns),
        areas=header["areas"],
        shapes=_shapes(header),
    )


def _arrays(header: Mapping[str, Any], parts: Mapping[str, Any], features: Features) -> Arrays:
    slots = _lines(parts["slots"])
    layered_slots = _lines(parts["layered_slots"])
    flat = {name: parts[stored] for stored, name in STORED_NAMES.items()}
    return Arrays(
        slots={key: number for number, key in enumerate(slots)},
        layered_slots={key: number for number, key in enumerate(layered_slots)},
        depths=_depths(header, chain(slots, layered_slots)),
        masks=_masks(parts["masks"], features.words),
        certificate_ends={name: parts[f"{ENDS_PREFIX}{name}"] for name in header["ends"]},
        **flat,
    )


def _depths(
    header: Mapping[str, Any], keys: Iterable[str]
) -> Mapping[str, Sequence[tuple[int, str]]]:
    """Read the depths.

    Bytes of older code do not name them, so that they are found from the keys.
    """
    if "depths" not in header:
        return depths_of(keys)
    found: dict[str, Sequence[tuple[int, str]]] = {}
    for country, depths in header["depths"].items():
        found[country] = tuple((depth, end) for depth, end in depths)
    return found


def _stated(shape: Shape, network: Network, number: int) -> Any:
    """State a circle by its numbers, an area by its name."""
    if isinstance(shape, Circle):
        return [*shape.centre, shape.km]
    return Territory.parse(network.territories[number]).value


def _shapes(header: Mapping[str, Any]) -> dict[int, Shape]:
    """Read what ``_stated`` wrote, each area once."""
    outlines = {name: outline(geojson) for name, geojson in header["areas"].items()}
    shapes: dict[int, Shape] = {}
    for number, stated in header["shapes"]:
        if isinstance(stated, str):
            shapes[number] = outlines[stated]
        else:
            *degrees, km = stated
            shapes[number] = Circle(Point(*degrees), km)
    return shapes


def _flat(arrays: Arrays) -> Iterator[tuple[str, "array[Any]"]]:
    """Give the arrays of numbers under their stored names."""
    for stored, name in STORED_NAMES.items():
        yield stored, getattr(arrays, name)
    for name in sorted(arrays.certificate_ends):
        yield f"{ENDS_PREFIX}{name}", arrays.certificate_ends[name]


def _little_endian(flat: "array[Any]") -> bytes:
    if sys.byteorder == "big":
        flat = array(flat.typecode, flat)
        flat.byteswap()
    return flat.tobytes()


def _parts(raw: memoryview, stated: Iterable[Sequence[Any]]) -> Iterator[tuple[str, Any]]:
    """Give each part by its name: an array of numbers, or bytes."""
    place = 0
    for name, kind, length in stated:
        piece = raw[place : place + length]
        place += length
        yield name, _array(kind, piece) if kind else bytes(piece)


def _array(kind: str, piece: memoryview) -> "array[Any]":
    flat: array[Any] = array(kind)
    flat.frombytes(piece)
    if sys.byteorder == "big":
        flat.byteswap()
    return flat


def _lines(text: bytes) -> list[str]:
    return text.decode().split("\n") if text else []


def _masks(raw: bytes, words: int) -> Sequence[int]:
    if words == 1:
        return _array("Q", memoryview(raw))
    size = _WORD_BYTES * words
    return [
        int.from_bytes(raw[place : place + size], "little") for place in range(0, len(raw), size)
    ]


def _blocks(view: memoryview, place: int, lengths: Iterable[int]) -> Iterator[bytes]:
    for length in lengths:
        yield bytes(view[place : place + length])
        place += length
