"""The pieces that schemas of the API are made of."""

from typing import Any

Schema = dict[str, Any]
"""A JSON Schema, draft 2020-12, as OpenAPI 3.1 has it."""

TEXT: Schema = {"type": "string"}
TEXT_OR_NULL: Schema = {"type": ["string", "null"]}
INSTANT: Schema = {"type": "string", "format": "date-time"}
INSTANT_OR_NULL: Schema = {"type": ["string", "null"], "format": "date-time"}
INTEGER: Schema = {"type": "integer"}
BOOLEAN: Schema = {"type": "boolean"}
OBJECT: Schema = {"type": "object"}


def reference(name: str) -> Schema:
    """Refer to a schema by its name."""
    return {"$ref": f"#/components/schemas/{name}"}


def object_of(properties: Schema, *, optional: tuple[str, ...] = (), **more: Any) -> Schema:
    """Describe an object whose properties are required, but for those named optional."""
    schema: Schema = {"type": "object", "properties": properties}
    required = [name for name in properties if name not in optional]
    if required:
        schema["required"] = required
    return schema | more


def or_null(schema: Schema) -> Schema:
    """Describe what may be there or not."""
    return {"anyOf": [schema, {"type": "null"}]}


def listed(items: Schema) -> Schema:
    """Describe a list of any length."""
    return {"type": "array", "items": items}
