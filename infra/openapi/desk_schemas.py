"""The schemas of the operations that HQ's desk has its pages for, by their names in the API."""

from collections.abc import Mapping

from infra.openapi.schema_parts import (
    BOOLEAN,
    INSTANT,
    INSTANT_OR_NULL,
    INTEGER,
    OBJECT,
    TEXT,
    TEXT_OR_NULL,
    Schema,
    listed,
    object_of,
    reference,
)
from routing_core.domain.api_key import KeyScope
from routing_core.domain.hq_people import HqRole
from routing_core.domain.lead_file import TYPE_OF_FILE
from routing_core.service.hq_desk.lead_bulk import LeadsAction, LeadsResult
from routing_core.service.kernel.back_tests import BackTestState
from routing_core.service.kernel.export_store import ExportKind

LIST_OF_TEXTS = listed(TEXT)
SCOPES = listed({"enum": [scope.value for scope in KeyScope]})
PERSON: Schema = {
    "email": TEXT,
    "name": TEXT,
    "role": {"enum": [role.value for role in HqRole]},
    "language": TEXT,
    "regions": LIST_OF_TEXTS,
    "may": LIST_OF_TEXTS,
}
"""What the rules say of somebody at HQ."""
API_KEY: Schema = {
    "id": TEXT,
    "name": TEXT,
    "scopes": LIST_OF_TEXTS,
    "regions": {"anyOf": [LIST_OF_TEXTS, {"type": "null"}]},
    "created": INSTANT,
    "by": TEXT,
    "last_used": INSTANT_OR_NULL,
    "revoked": INSTANT_OR_NULL,
}
"""What is kept of an API key."""
LEAD_FILE: Schema = {
    "id": TEXT,
    "name": TEXT,
    "type": {"enum": [*TYPE_OF_FILE.values()]},
    "size": INTEGER,
    "at": INSTANT,
    "by": TEXT,
}
"""What is told of a file of a lead."""

DESK_SCHEMAS: Mapping[str, Schema] = {
    "LeadFileDocument": object_of(LEAD_FILE),
    "LeadFiles": object_of({"lead": TEXT, "files": listed(reference("LeadFileDocument"))}),
    "ProgrammePatch": OBJECT
    | {
        "description": "A JSON Merge Patch (RFC 7396) of the rules: null takes a setting away, "
        "a list is replaced whole."
    },
    "DraftRules": object_of(
        {
            "programme": {
                "type": ["object", "string"],
                "description": "The draft, or its YAML as text",
            }
        }
    ),
    "BackTest": object_of(
        {
            "back_test": TEXT,
            "state": {"enum": [state.value for state in BackTestState]},
            "version": INTEGER,
            "asked_at": INSTANT,
            "by": TEXT,
            "done": INTEGER,
            "total": INTEGER,
            "problem": TEXT,
            "figures": listed(
                object_of(dict.fromkeys(("label", "current", "draft", "change", "better"), TEXT))
            ),
        },
        additionalProperties=False,
    ),
    "LeadExport": object_of(
        {
            "export": TEXT,
            "kind": {"enum": [kind.value for kind in ExportKind]},
            "asked": OBJECT,
            "made_at": INSTANT,
            "leads": INTEGER,
            "files": listed(object_of({"leads": INTEGER, "url": TEXT})),
            "looked_back_to": INSTANT_OR_NULL,
            "is_done": BOOLEAN,
        },
        additionalProperties=False,
    ),
    "LeadsPress": object_of(
        {
            "action": {"enum": [action.value for action in LeadsAction]},
            "leads": listed(object_of({"lead": TEXT, "version": INTEGER}, optional=("version",)))
            | {"minItems": 1, "maxItems": 100},
            "partner": TEXT,
            "text": TEXT,
        },
        optional=("partner", "text"),
    ),
    "LeadResults": object_of(
        {
            "results": listed(
                object_of(
                    {
                        "lead": TEXT,
                        "result": {"enum": [result.name.lower() for result in LeadsResult]},
                    }
                )
            )
        },
        additionalProperties=False,
    ),
    "PartnersToAsk": object_of({"partners": LIST_OF_TEXTS}),
    "AskedMore": object_of({"asked": INTEGER}, additionalProperties=False),
    "HqPersonPatch": object_of(
        PERSON,
        optional=tuple(PERSON),
        description="What the rules say of somebody; null gives a field its default.",
    ),
    "HqPerson": object_of(
        {"id": TEXT, **PERSON, "devices": INTEGER, "last_seen": TEXT_OR_NULL},
        additionalProperties=False,
    ),
    "People": object_of({"people": listed(reference("HqPerson"))}, additionalProperties=False),
    "WantedApiKey": object_of(
        {"name": TEXT, "scopes": SCOPES, "regions": LIST_OF_TEXTS}, optional=("regions",)
    ),
    "ApiKey": object_of(API_KEY, additionalProperties=False),
    "NewApiKey": object_of({**API_KEY, "key": TEXT}, additionalProperties=False),
    "ApiKeys": object_of({"keys": listed(reference("ApiKey"))}, additionalProperties=False),
}
"""Each schema by its name."""
