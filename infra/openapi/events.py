"""Describes the events of a lead's timeline from their classes, which are the catalogue."""

import inspect
from dataclasses import Field, fields
from datetime import datetime
from enum import Enum
from types import NoneType
from typing import Any, get_args

from routing_core.domain.events import LEAD_EVENTS, LeadEvent

Schema = dict[str, Any]

SCHEMA_OF_TYPE: dict[Any, Schema] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    bool: {"type": "boolean"},
    datetime: {"type": "string", "format": "date-time"},
}
"""The schema of each type that a field of an event has, but for enums, which have their own."""


def event_schemas() -> dict[str, Schema]:
    """Give the schema of every event by the name of its class, and that of any as ``Event``."""
    described = {each.__name__: _event_schema(each) for each in LEAD_EVENTS}
    # None of them has to fit: an older version reads events of kinds that it does not know.
    unknown = {"type": "object", "required": ["kind", "data"]}
    known = [{"$ref": f"#/components/schemas/{name}"} for name in described]
    event = {
        "description": "What became true; whoever reads them passes over kinds that it does not know.",
        "anyOf": [*known, unknown],
    }
    return described | {"Event": event}


def _event_schema(event_class: type[LeadEvent]) -> Schema:
    """Describe the events of one class: no field is required, for rows of old may lack it."""
    properties = {}
    for field in fields(event_class):
        if field.name == "extra":
            continue
        stored_name = field.metadata.get("stored", field.name)
        properties[stored_name] = _field_schema(field)
        if stored_name != field.name:
            properties[stored_name]["title"] = field.name  # what the docstring calls it
    data: Schema = {"type": "object"}
    if properties:
        data["properties"] = properties
    return {
        "type": "object",
        "description": inspect.cleandoc(event_class.__doc__ or ""),
        "properties": {"kind": {"const": event_class.kind}, "data": data},
        "required": ["kind", "data"],
    }


def _field_schema(field: Field[Any]) -> Schema:
    """Describe what a field holds when it holds something: ``None`` is not written."""
    alternatives = get_args(field.type) or (field.type,)
    (held,) = [each for each in alternatives if each is not NoneType]
    if issubclass(held, Enum):
        return {"enum": [member.value for member in held]}
    return dict(SCHEMA_OF_TYPE[held])
