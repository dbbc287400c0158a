"""Define the named areas of a programme: regions of postcodes, and outlines on a map."""
# ruff: noqa: RUF012 - pydantic copies a default for each document

from typing import Annotated, Any

from pydantic import Field

from routing_core.domain.programme.document import Doc, LocalizedText, TimeZone
from routing_core.domain.programme.forms import IsoCountry

MOST_PLACES = 3_000
"""A region has at most this many postcodes, and so has a partner.

Each of them is a pattern of every network that is compiled.
"""


class Region(Doc):
    """A region names an area of one country.

    It is made of postcodes, prefixes ending in ``*`` and ranges such as ``80000-81999``.
    """

    country: IsoCountry
    """All of its postcodes are this country's."""
    name: LocalizedText = {}
    """People read this name; empty = the id."""
    postcodes: list[Annotated[str, Field(max_length=60)]] = Field(
        min_length=1, max_length=MOST_PLACES
    )
    """The region is the union of these entries."""
    time_zone: TimeZone | None = None
    """Prospects of the region read times by this clock; None = by the programme's."""


class Outlined(Doc):
    """An outline is an area drawn on a map; it needs the coordinates of postcodes."""

    name: LocalizedText = {}
    """People read this name; empty = the id."""
    geojson: dict[str, Any]
    """The outline is a Polygon or MultiPolygon of RFC 7946: longitude first, rings closed."""
