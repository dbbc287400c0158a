"""The ways to state a territory."""

from enum import StrEnum

WORLD = "*"
"""It stands for every country, and for every postcode of one."""


class TerritoryKind(StrEnum):
    """How an entry is stated; the values are stored."""

    WORLD = "world"
    COUNTRY = "country"
    REGION = "region"
    RANGE = "range"
    RADIUS = "radius"
    AREA = "area"
    STATE = "state"
    PREFIX = "prefix"
    POSTCODE = "postcode"
