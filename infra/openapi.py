"""The public API as OpenAPI, made from the code: `make openapi` writes infra/openapi.yaml,
`--check` only compares.

Paths and methods are those of the functions' own routes, scopes what each handler asks of a key,
descriptions its docstring, schemas the very models that read and write. What the code cannot say is
in ``OPERATIONS``: a name, an example that a test sends for real, and what comes back.
"""

import inspect
import os
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from pydantic import TypeAdapter

os.environ.setdefault("POWERTOOLS_SERVICE_NAME", "openapi")

from functions.hq import app as hq
from functions.intake import app as intake
from routing_core.aws.http import STATUS
from routing_core.domain.enquiry.enquiry import NEED_FIELDS
from routing_core.domain.enquiry.typed_fields import LENGTHS
from routing_core.domain.lead import Context, Lead
from routing_core.domain.programme.programme import Programme
from routing_core.formats.partner_document import PartnerDoc
from routing_core.present.explain.lead_document import INTERNAL
from routing_core.present.problems import TITLES
from routing_core.service.hq.save_partner import Imported
from routing_core.service.hq.save_places import SavedPlaces

FILE = Path(__file__).with_name("openapi.yaml")
Document = dict[str, Any]

ENQUIRY = {
    "country": "DE",
    "postcode": "80331",
    "product": "heat-pump",
    "urgency": "planning",
    "ownership": "owner",
    "name": "Erika Beispiel",
    "email": "erika@example.com",
    "phone": "+49 89 99998 777",
    "consent": True,
    "language": "de",
}
PARTNER: dict[str, Any] = {
    "id": "isar-waerme",
    "name": "Isar Wärme",
    "type": "installer",
    "contact": {
        "email": "office@isar-waerme.example",
        "name": "Max Beispiel",
        "phone": "+49 89 99998 123",
    },
    "country": "DE",
    "language": "de",
    "territories": ["DE 80*", "DE 85* rank 2"],
    "products": ["heat-pump", "boiler"],
    "certificates": {"f-gas": None},
    "caps": {"open": 5},
    "confirmed": True,
}
TRIAL = {
    "partners": [PARTNER],
    "enquiry": {
        "form": "enquiry",
        **{name: ENQUIRY[name] for name in (*NEED_FIELDS, "ownership", "language")},
    },
}
LANGUAGE = {"lang": "Language, such as de; otherwise taken from Accept-Language"}
PLACES_CSV = """postcode;lat;lon
80331;48.137;11.575
86*;48.36;10.89
"""
CSV = """id;name;type;email;territories;products;confirmed
alpen-klima;Alpen Klima;installer;office@alpen-klima.example;DE 82*|DE 83* rank 2;heat-pump|boiler;yes
"""


@dataclass(frozen=True, slots=True)
class Operation:
    """``body`` and ``answers`` name schemas; ``query`` maps a parameter to what it means."""

    summary: str
    answer: str
    body: str = ""
    example: Any = None
    query: Mapping[str, str] | None = None
    status: tuple[int, ...] = (200,)
    also: Mapping[str, Any] | None = None
    """Other media types of the body, with an example, beside JSON or instead."""
    may_use: str = ""
    """The scope of an API key that may come along, and need not."""
    answers_also: tuple[str, ...] = ()


OPERATIONS: Mapping[str, Operation] = {
    "GET /v1/forms/{form}": Operation(
        "The form's definition, including its texts", "FormDefinition", query=LANGUAGE
    ),
    "GET /v1/forms/{form}/coverage": Operation(
        "Who could take this enquiry now",
        "Coverage",
        query=dict.fromkeys(NEED_FIELDS, "As in an enquiry") | LANGUAGE,
    ),
    "POST /v1/forms/{form}/leads": Operation(
        "Send an enquiry",
        "Received",
        "Enquiry",
        ENQUIRY,
        status=(201,),
        also={"application/x-www-form-urlencoded": None, "multipart/form-data": None},
        may_use="leads:write",
    ),
    "POST /v1/partners/import": Operation(
        "Import a list of partners, all or nothing",
        "Imported",
        "PartnerList",
        {"partners": [PARTNER]},
        query={
            "dry_run": "true: check everything, save nothing",
            "country": "For a CSV file: the country of territories that do not name one, such as US",
            "zeros_are_right": "For a CSV file: true if it is right that no entry in a whole country begins with 0",
        },
        status=(200, 202),
        also={"text/csv": CSV},
    ),
    "GET /v1/partners": Operation(
        "Read all partners, as a list that can be imported",
        "PartnerList",
        query={
            "as": "map: a dealer map as CSV, one line for each area with its first, second and third dealer"
        },
        answers_also=("text/csv",),
    ),
    "GET /v1/partners/{partner}": Operation("Read a partner", "Partner"),
    "PUT /v1/partners/{partner}": Operation(
        "Create a partner, or replace what the document states", "Partner", "Partner", PARTNER
    ),
    "POST /v1/partners/{partner}/revoke": Operation(
        "Revoke the links of a partner, or of one of its people",
        "Partner",
        "Revocation",
        {"email": PARTNER["contact"]["email"]},
    ),
    "GET /v1/places": Operation(
        "List the countries whose postcodes have known locations", "Places"
    ),
    "PUT /v1/places/{country}": Operation(
        "Save the locations of a country's postcodes",
        "SavedPlaces",
        query={"dry_run": "true: check everything, save nothing"},
        also={"text/csv": PLACES_CSV},
    ),
    "GET /v1/programme": Operation(
        "Read the current rules", "Programme", answers_also=("application/yaml",)
    ),
    "PUT /v1/programme": Operation(
        "Save a new version of the rules", "Saved", "Programme", also={"application/yaml": None}
    ),
    "POST /v1/programme/dry-run": Operation(
        "Try draft rules or partners with one lead; nothing is saved",
        "Tried",
        "Trial",
        {
            "partners": [PARTNER],
            "enquiry": {
                "form": "enquiry",
                **{name: ENQUIRY[name] for name in (*NEED_FIELDS, "ownership", "language")},
            },
        },
    ),
    "GET /v1/network/coverage": Operation(
        "List gaps in the network's coverage", "Report", answers_also=("text/csv",)
    ),
    "GET /v1/leads/{lead}": Operation(
        "Read a lead with its timeline and decisions", "LeadDocument"
    ),
    "GET /v1/leads/{lead}/decisions": Operation(
        "Why each partner was asked",
        "Decisions",
        query={"replay": "true: repeat each decision and compare"},
    ),
    "POST /v1/leads/{lead}/assign": Operation(
        "Offer a lead to a partner of your choice",
        "LeadDocument",
        "Assignment",
        {"partner": "isar-waerme"},
    ),
    "POST /v1/leads/{lead}/grant": Operation("Grant a claim", "LeadDocument"),
    "POST /v1/leads/{lead}/erase": Operation(
        "Erase personal data and everything the customer typed", "LeadDocument"
    ),
    "POST /v1/leads/{lead}/move": Operation(
        "Correct the place of a lead",
        "LeadDocument",
        "Place",
        {"postcode": "80331", "town": "München"},
    ),
    "POST /v1/leads/{lead}/release": Operation("Release a held lead to partners", "LeadDocument"),
}

TEXT, NUMBER, INSTANT = (
    {"type": "string"},
    {"type": "integer"},
    {"type": "string", "format": "date-time"},
)
NO_TEXT, NO_INSTANT = (
    {"type": ["string", "null"]},
    {"type": ["string", "null"], "format": "date-time"},
)
YES_NO, OBJECT = {"type": "boolean"}, {"type": "object"}


def _object(properties: Document, *, optional: tuple[str, ...] = (), **more: Any) -> Document:
    required = [name for name in properties if name not in optional]
    return {
        "type": "object",
        "properties": properties,
        **({"required": required} if required else {}),
        **more,
    }


def _list(items: Document) -> Document:
    return {"type": "array", "items": items}


def _ref(name: str) -> Document:
    return {"$ref": f"#/components/schemas/{name}"}


def schemas() -> Document:
    """By name; what a model needs beside itself is a schema of its own."""
    problem = _object({"field": TEXT, "code": TEXT, "message": TEXT})
    found: Document = {
        "Problem": _object(
            {
                "type": TEXT,
                "title": TEXT,
                "status": NUMBER,
                "detail": TEXT,
                "errors": _list(problem),
            },
            optional=("errors",),
            description="Problem details (RFC 9457); errors lists every invalid field at once.",
        ),
        "Enquiry": _object(
            dict.fromkeys(NEED_FIELDS, TEXT)
            | {name: {"type": "string", "maxLength": most} for name, most in LENGTHS.items()}
            | {
                "consent": YES_NO,
                "language": TEXT,
                "submission_id": TEXT,
                "started": {
                    "type": "string",
                    "description": "From the form's definition, with its submission_id; good for a day. Without both, "
                    "and without an API key, the enquiry waits until its sender confirms the address (answer confirm).",
                },
                "altcha": {
                    "type": "string",
                    "description": "The solved challenge of the form's definition, if it has one",
                },
                "context": _object(
                    {"source": TEXT, "utm": OBJECT, "referrer": TEXT, "pages": _list(TEXT)},
                    optional=("source", "utm", "referrer", "pages"),
                ),
            },
            optional=(
                *(n for n in LENGTHS if n not in ("name", "email")),
                "language",
                "submission_id",
                "started",
                "altcha",
                "context",
            ),
            description="The fields of the programme's form; each of its questions is a field by its id.",
        ),
        "Received": _object(
            {
                "lead": TEXT,
                "reference": TEXT,
                "answer": {"enum": ["offered", "held", "waiting", "noted", "joined", "confirm"]},
                "title": TEXT,
                "next": TEXT,
                "hear_by": NO_INSTANT,
                "status_url": TEXT,
                "ignored": _list(TEXT),
            },
            additionalProperties=False,
        ),
        "Coverage": _object(
            {
                "place": TEXT,
                "partners": NUMBER,
                "open_now": NUMBER,
                "opens_at": NO_INSTANT,
                "hear_by": NO_INSTANT,
                "hotline": NO_TEXT,
                "title": TEXT,
                "text": TEXT,
                "sentence": TEXT,
                "hotline_text": NO_TEXT,
                "hotline_url": NO_TEXT,
            },
            additionalProperties=False,
        ),
        "FormDefinition": _object(
            {
                "form": TEXT,
                "language": TEXT,
                "title": TEXT,
                "steps": _list(OBJECT),
                "consent": OBJECT,
            },
            description="Everything needed to draw the form; started and submission_id are sent back with the enquiry. "
            "Under pressure there is a challenge, a proof of work in ALTCHA's protocol; its solution is altcha.",
        ),
        "PartnerList": _object({"partners": _list(_ref("Partner"))}),
        "Assignment": _object({"partner": TEXT}),
        "Revocation": _object(
            {
                "email": TEXT
                | {
                    "description": "Whose links end: a contact's or a colleague's. Left out: everybody's"
                }
            },
            optional=("email",),
        ),
        "Place": _object({"postcode": TEXT, "town": TEXT}, optional=("town",)),
        "Places": _object(
            {"places": _list(_object({"country": TEXT, "postcodes": NUMBER, "saved_at": INSTANT}))},
            additionalProperties=False,
        ),
        "Trial": _object(
            {
                "programme": {
                    "type": ["object", "string"],
                    "description": "The draft, or its YAML as text",
                },
                "partners": _list(_ref("Partner")),
                "enquiry": _object({"form": TEXT}, additionalProperties=True),
                "lead": {
                    "type": "string",
                    "description": "The id of a stored lead instead of an enquiry",
                },
            },
            optional=("programme", "partners", "enquiry", "lead"),
        ),
        "Tried": _object(
            {
                "sentences": _list(TEXT),
                "outcome": {"enum": ["offer", "nurture", "review"]},
                "score": NUMBER,
                "because": _list(TEXT),
                "offers": _list(_object({"partner": TEXT, "until": INSTANT})),
                "decision": OBJECT,
                "warnings": _list(TEXT),
            },
            additionalProperties=False,
        ),
        "Saved": _object({"version": NUMBER, "warnings": _list(TEXT)}),
        "Report": OBJECT,
        "Decisions": _object({"lead": TEXT, "decisions": _list(_ref("Decision"))}),
        "Decision": _object({"version": NUMBER, "sentences": _list(TEXT)}),
        "LeadDocument": _object(
            {
                "lead": _ref("Lead"),
                "context": _ref("Context"),
                "timeline": _list(
                    _object(
                        {
                            "at": INSTANT,
                            "version": NUMBER,
                            "kind": TEXT,
                            "data": OBJECT,
                            "sentence": TEXT,
                        }
                    )
                ),
                "decisions": _list(_ref("Decision")),
            },
            additionalProperties=False,
        ),
    }
    for name, model in (
        ("Programme", Programme),
        ("Partner", PartnerDoc),
        ("Imported", Imported),
        ("SavedPlaces", SavedPlaces),
        ("Lead", Lead),
        ("Context", Context),
    ):
        schema = TypeAdapter(model).json_schema(
            by_alias=True, ref_template="#/components/schemas/{model}"
        )
        for part, inner in schema.pop("$defs", {}).items():
            if found.setdefault(part, inner) != inner:
                raise ValueError(f"two models are called {part}")
        found[name] = schema
    for part in (found["Lead"], found["Context"]):
        part["properties"] = {
            name: each for name, each in part["properties"].items() if name not in INTERNAL
        }
        part["required"] = [name for name in part.get("required", ()) if name not in INTERNAL]
    partner = found["Partner"]
    partner.pop("required")  # what is left out stays, or gets the programme's default
    partner["additionalProperties"] = True
    partner["description"] = (
        "Whatever a document leaves out stays unchanged; a new partner gets the defaults."
    )
    partner["properties"]["territories"]["items"] = TEXT
    partner["properties"]["status"] = OBJECT | {"readOnly": True}
    return dict(sorted(found.items()))


def routes() -> Iterator[tuple[str, Any]]:
    """Each route of the API as the functions have it, with its handler."""
    for app in (intake.app, hq.app):
        for route in (*app._static_routes, *app._dynamic_routes):
            path = re.sub(r"<(\w+)>", r"{\1}", route.path)
            if path.startswith("/v1/") and route.method != "OPTIONS":
                yield f"{route.method} {path}", route.func


def _responses(operation: Operation, path: str, scope: str) -> Document:
    content = {"application/json": {"schema": _ref(operation.answer)}}
    content |= {kind: {"schema": TEXT} for kind in operation.answers_also}
    said: Document = {
        str(status): {"description": WORDS[status], "content": content}
        for status in operation.status
    }
    takes = operation.body or operation.also
    refused = {422} if takes or operation.query else set()
    refused |= {400, 413} if takes else set()
    refused |= {401, 403} if scope or operation.may_use else set()
    refused |= {404} if "{" in path else set()
    refused |= (
        {409} if operation.body == "Partner" or "/leads/" in path or "import" in path else set()
    )
    refused |= {428} if path.endswith("/assign") else set()
    return said | {
        str(status): {"$ref": f"#/components/responses/{TITLES[status]}"}
        for status in sorted(refused)
    }


WORDS = {
    200: "Done",
    201: "Stored, with what happens next; the same answer for the same key and body",
    202: "Accepted as a whole; anything not yet in force will be within minutes",
}


def _operation(route: str, handler: Any) -> Document:
    if route not in OPERATIONS:
        raise LookupError(f"{route} is new: say in infra/openapi.py what it takes and answers")
    operation, path = OPERATIONS[route], route.partition(" ")[2]
    asked = re.search(r'require\([^"]*"([\w:]+)"', inspect.getsource(handler))
    scope = asked[1] if asked else ""
    parameters = [
        {"name": name, "in": "path", "required": True, "schema": TEXT}
        for name in re.findall(r"\{(\w+)\}", path)
    ]
    parameters += [
        {"name": name, "in": "query", "description": means, "schema": TEXT}
        for name, means in (operation.query or {}).items()
    ]
    if operation.body == "Enquiry":
        means = "One key for each enquiry: the same key and body give the same answer and no second lead"
        parameters.append(
            {"name": "Idempotency-Key", "in": "header", "description": means, "schema": TEXT}
        )
    if "/leads/{lead}/" in path and route.startswith("POST"):
        means = "The ETag of the lead as you read it: done only if nothing has happened to it since, else 409"
        if path.endswith("/assign"):
            means += "; * takes it from whoever has it. A lead that has been accepted needs one of the two"
        parameters.append(
            {"name": "If-Match", "in": "header", "description": means, "schema": TEXT}
        )
    made: Document = {"summary": operation.summary}
    if handler.__doc__:
        made["description"] = inspect.cleandoc(handler.__doc__)
    if scope:
        made |= {"security": [{"ApiKey": []}], "x-scope": scope}
    if operation.may_use:
        made |= {"security": [{}, {"ApiKey": []}], "x-scope-if-key": operation.may_use}
    if parameters:
        made["parameters"] = parameters
    content: Document = {}
    if operation.body:
        content["application/json"] = {"schema": _ref(operation.body)}
        if operation.example is not None:
            content["application/json"]["example"] = operation.example
    if operation.body or operation.also:
        for kind, example in (operation.also or {}).items():
            schema = TEXT if kind == "text/csv" else _ref(operation.body)
            content[kind] = {"schema": schema} | ({"example": example} if example else {})
        made["requestBody"] = {"required": True, "content": content}
    return made | {"responses": _responses(operation, path, scope)}


def document() -> Document:
    paths: Document = {}
    for route, handler in routes():
        method, _, path = route.partition(" ")
        paths.setdefault(path, {})[method.lower()] = _operation(route, handler)
    problem = {"application/problem+json": {"schema": _ref("Problem")}}
    statuses = sorted(set(STATUS.values()))
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Partner Relay",
            "version": "1",
            "description": "Enquiries in, partners and rules managed. Made from the code by `make openapi`.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "http://127.0.0.1:8000", "description": "make run"}],
        "paths": dict(sorted(paths.items())),
        "components": {
            "securitySchemes": {
                "ApiKey": {
                    "type": "apiKey",
                    "in": "header",
                    "name": "X-Api-Key",
                    "description": "Printed once by `make hq-key`; `Authorization: Bearer` works too. "
                    "x-scope names the scope that a call needs.",
                }
            },
            "responses": {
                TITLES[status]: {
                    "description": TITLES[status].replace("_", " "),
                    "content": problem,
                }
                for status in statuses
            },
            "schemas": schemas(),
        },
    }


class _Plain(yaml.SafeDumper):
    """Writes a value out where it is used again, rather than an anchor."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def text() -> str:
    return yaml.dump(document(), Dumper=_Plain, sort_keys=False, allow_unicode=True, width=110)


def main() -> int:
    made = text()
    if "--check" in sys.argv:
        if not FILE.exists() or FILE.read_text() != made:
            print("infra/openapi.yaml is not what the code says: make openapi")
            return 1
        return 0
    FILE.write_text(made)
    print(f"{FILE.name}: {made.count(chr(10))} lines")
    return 0


if __name__ == "__main__":
    sys.exit(main())
