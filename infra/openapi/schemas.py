"""Gives the schemas of the API: of the models that read and write, and of what has no model."""

from collections.abc import Mapping
from typing import Any

from pydantic import TypeAdapter

from infra.openapi.events import event_schemas
from routing_core.domain.enquiry.enquiry import NEED_FIELDS
from routing_core.domain.enquiry.typed_fields import LENGTHS
from routing_core.domain.lead import MOST_INTEREST, Context, InterestKind, Lead
from routing_core.domain.lead_list import ListMode, ListState, RowOutcome
from routing_core.domain.lead_row import LeadRow
from routing_core.domain.on_behalf import ConsentWay, EntryWay
from routing_core.domain.programme.programme import Programme
from routing_core.formats.partner_document import PartnerDoc
from routing_core.present.explain.lead_document import INTERNAL, PUBLIC_NAMES
from routing_core.reporting.hq_report import HqReport
from routing_core.reporting.partner_report import PartnerReport
from routing_core.service.hq.import_partners import Imported
from routing_core.service.hq.save_places import SavedPlaces
from routing_core.service.kernel.lead_mail import MailOutcome
from routing_core.service.reports.report_run import RunState

Schema = dict[str, Any]
"""A JSON Schema, draft 2020-12, as OpenAPI 3.1 has it."""

TEXT: Schema = {"type": "string"}
TEXT_OR_NULL: Schema = {"type": ["string", "null"]}
INSTANT: Schema = {"type": "string", "format": "date-time"}
INSTANT_OR_NULL: Schema = {"type": ["string", "null"], "format": "date-time"}
INTEGER: Schema = {"type": "integer"}
BOOLEAN: Schema = {"type": "boolean"}
OBJECT: Schema = {"type": "object"}

MODELS: Mapping[str, Any] = {
    "Programme": Programme,
    "Partner": PartnerDoc,
    "Imported": Imported,
    "SavedPlaces": SavedPlaces,
    "Lead": Lead,
    "Context": Context,
    "LeadRow": LeadRow,
    "HqReport": HqReport,
    "PartnerReport": PartnerReport,
}
"""The models whose schemas pydantic writes, by the name the API gives them."""


def reference(name: str) -> Schema:
    """Refer to a schema by its name."""
    return {"$ref": f"#/components/schemas/{name}"}


def schemas() -> dict[str, Schema]:
    """Give every schema by its name, sorted.

    What a model needs beside itself has a name of its own.

    Raise ValueError if two different models have the same name.
    """
    found = {**WRITTEN, **event_schemas(), "Enquiry": _enquiry(), "EnteredLead": _entered_lead()}
    for name, model in MODELS.items():
        schema = TypeAdapter(model).json_schema(
            by_alias=True, ref_template="#/components/schemas/{model}"
        )
        for part, inner in schema.pop("$defs", {}).items():
            if found.setdefault(part, inner) != inner:
                raise ValueError(f"two models are called {part}")
        found[name] = schema
    _leave_out_internals(found["Lead"])
    _leave_out_internals(found["Context"])
    _adapt_partner(found["Partner"])
    for name in ("Lead", "LeadRow", "Offer"):
        _spell_publicly(found[name])
    found["LeadRow"]["properties"] |= {"reference": TEXT, "section": TEXT}
    return dict(sorted(found.items()))


def _leave_out_internals(schema: Schema) -> None:
    """Take away the fields that the lead's document does not show."""
    for name in INTERNAL:
        schema["properties"].pop(name, None)
    schema["required"] = [name for name in schema.get("required", ()) if name not in INTERNAL]


def _spell_publicly(schema: Schema) -> None:
    """Name the fields as the lead's document does."""
    properties = {}
    for name, described in schema["properties"].items():
        public = PUBLIC_NAMES.get(name, name)
        if public != name:
            described = described | {"title": public.replace("_", " ").title()}
        properties[public] = described
    schema["properties"] = properties


def _adapt_partner(schema: Schema) -> None:
    """Let the schema of a partner's document say that a document may leave out what it likes."""
    schema.pop("required")  # what is left out stays, or gets the programme's default
    schema["additionalProperties"] = True
    schema["description"] = (
        "Whatever a document leaves out stays unchanged; a new partner gets the defaults."
    )
    schema["properties"]["territories"]["items"] = TEXT
    schema["properties"]["status"] = OBJECT | {"readOnly": True}


def _object(properties: Schema, *, optional: tuple[str, ...] = (), **more: Any) -> Schema:
    """Describe an object whose properties are required, but for those named optional."""
    schema: Schema = {"type": "object", "properties": properties}
    required = [name for name in properties if name not in optional]
    if required:
        schema["required"] = required
    return schema | more


def _or_null(schema: Schema) -> Schema:
    """Describe what may be there or not."""
    return {"anyOf": [schema, {"type": "null"}]}


def _list(items: Schema) -> Schema:
    """Describe a list of any length."""
    return {"type": "array", "items": items}


def _enquiry() -> Schema:
    """Describe what a form posts; the programme's own questions come beside these fields."""
    properties: Schema = dict.fromkeys(NEED_FIELDS, TEXT)
    for name, longest in LENGTHS.items():
        properties[name] = {"type": "string", "maxLength": longest}
    properties |= {
        "consent": BOOLEAN,
        "language": TEXT,
        "submission_id": TEXT,
        "started": {
            "type": "string",
            "description": "From the form's definition, with its submission_id; good for a day. "
            "Without both, and without an API key, the enquiry waits until its sender confirms "
            "the address (answer confirm).",
        },
        "altcha": {
            "type": "string",
            "description": "The solved challenge of the form's definition, if it has one",
        },
        "context": _object(
            {"source": TEXT, "utm": OBJECT, "referrer": TEXT, "pages": _list(TEXT)},
            optional=("source", "utm", "referrer", "pages"),
        ),
    }
    always = {"name", "email"}
    optional = [name for name in LENGTHS if name not in always]
    optional += ["language", "submission_id", "started", "altcha", "context"]
    return _object(
        properties,
        optional=tuple(optional),
        description="The fields of the programme's form; each of its questions is a field by its id.",
    )


def _entered_lead() -> Schema:
    """Describe a lead that is entered for its sender: an enquiry, and how it came."""
    schema = _enquiry()
    for name in ("started", "altcha", "context"):
        schema["properties"].pop(name)
    schema["properties"] |= {
        "form": TEXT,
        "way": {"enum": [way.value for way in EntryWay]},
        "asked_at": INSTANT,
        "consent_way": {"enum": [way.value for way in ConsentWay]},
        "consent_by": TEXT,
        "consent_at": INSTANT,
        "source": TEXT,
        "campaign": TEXT,
        "partner": TEXT,
    }
    schema["required"] = [name for name in schema["required"] if name != "email"]
    schema["description"] = (
        "The fields of the programme's form, its first one if none is named, and how the lead came. "
        "A phone number is enough without an email address. partner is offered it at once, whatever "
        "its caps."
    )
    return schema


REPORT_RUN: Schema = _object(
    {
        "id": TEXT,
        "period": TEXT,
        "version": INTEGER,
        "state": {"type": "string", "enum": [state.value for state in RunState]},
        "asked_at": INSTANT,
        "asked_by": TEXT,
        "finished_at": INSTANT_OR_NULL,
        "leads": INTEGER,
        "partners": INTEGER,
        "partners_done": INTEGER,
        "failed_partners": _list(TEXT),
        "mailed": BOOLEAN,
    }
)
"""One report, and how far it is."""
CAMPAIGN_COST = _object(
    {
        "month": {"type": "string", "description": "Such as 2026-10"},
        "source": TEXT,
        "campaign": {"type": ["string", "null"], "description": "Empty: the source as a whole"},
        "cost": {"type": ["string", "number"], "description": "At least 0; 0 is none"},
        "currency": {"type": ["string", "null"], "description": "If left out, the programme's"},
    },
    optional=("campaign", "currency"),
)
"""What a campaign cost in a month."""
PROGRAMME_VERSION: Schema = {
    "version": INTEGER,
    "state": {"enum": ["in_force", "planned", "called_off", "earlier"]},
    "saved_at": INSTANT,
    "by": TEXT_OR_NULL,
    "comment": TEXT,
    "starts_at": INSTANT_OR_NULL,
    "back_to": {"type": ["integer", "null"]},
}
"""What is kept of a version of the rules beside the rules."""

WRITTEN: Mapping[str, Schema] = {
    "ReportRun": REPORT_RUN,
    "ReportRuns": _object({"reports": _list(reference("ReportRun"))}),
    "WantedReport": _object(
        {
            "period": {
                "type": "string",
                "description": "A month like 2026-10, a week like 2026-W41",
            },
            "version": {
                "type": "integer",
                "minimum": 1,
                "description": "A later version tells the period as it is known by now",
            },
            "send": {
                "type": ["boolean", "null"],
                "description": "Whether HQ and partners are mailed; if left out, only about the month "
                "or week that was over last, unless it holds only leads imported as the past",
            },
        },
        optional=("version", "send"),
    ),
    "CampaignCost": CAMPAIGN_COST,
    "CampaignCostList": _object({"costs": _list(reference("CampaignCost"))}),
    "CampaignCosts": _object(
        {
            "version": INTEGER,
            "saved_at": INSTANT_OR_NULL,
            "costs": _list(reference("CampaignCost")),
        }
    ),
    "SavedCosts": _object(
        {
            "version": INTEGER,
            "dry_run": BOOLEAN,
            "months": _list(TEXT),
            "changes": _list(
                _object(
                    {
                        "month": TEXT,
                        "source": TEXT,
                        "campaign": TEXT,
                        "currency": TEXT,
                        "from": TEXT_OR_NULL,
                        "to": TEXT_OR_NULL,
                    }
                )
            ),
            "changes_left_out": INTEGER,
        }
    ),
    "ReportDocument": _object(
        {"run": reference("ReportRun"), "figures": _or_null(reference("HqReport"))}
    ),
    "CountingGoesOn": _object(
        {
            "leads_read": INTEGER,
            "as_of": INSTANT,
            "next": {"type": "string", "description": "The address that goes on, as in Location"},
        }
    ),
    "PartnerReportDocument": _object(
        {
            "run": reference("ReportRun"),
            "partner": TEXT,
            "figures": _or_null(reference("PartnerReport")),
        }
    ),
    "Problem": _object(
        {
            "type": TEXT,
            "title": TEXT,
            "status": INTEGER,
            "detail": TEXT,
            "errors": _list(_object({"field": TEXT, "code": TEXT, "message": TEXT})),
        },
        optional=("errors",),
        description="Problem details (RFC 9457); errors lists every invalid field at once.",
    ),
    "Received": _object(
        {
            "lead": TEXT,
            "reference": TEXT,
            "answer": {"enum": ["offered", "held", "waiting", "noted", "joined", "confirm"]},
            "title": TEXT,
            "next": TEXT,
            "hear_by": INSTANT_OR_NULL,
            "status_url": TEXT,
            "ignored": _list(TEXT),
        },
        additionalProperties=False,
    ),
    "Coverage": _object(
        {
            "place": TEXT,
            "partners": INTEGER,
            "open_now": INTEGER,
            "opens_at": INSTANT_OR_NULL,
            "hear_by": INSTANT_OR_NULL,
            "hotline": TEXT_OR_NULL,
            "title": TEXT,
            "text": TEXT,
            "sentence": TEXT,
            "hotline_text": TEXT_OR_NULL,
            "hotline_url": TEXT_OR_NULL,
        },
        additionalProperties=False,
    ),
    "FormDefinition": _object(
        {"form": TEXT, "language": TEXT, "title": TEXT, "steps": _list(OBJECT), "consent": OBJECT},
        description="Everything needed to draw the form; started and submission_id are sent back with "
        "the enquiry. Under pressure there is a challenge, a proof of work in ALTCHA's protocol; its "
        "solution is altcha.",
    ),
    "LeadListDocument": _object(
        {
            "import": TEXT,
            "name": TEXT,
            "form": TEXT,
            "mode": {"enum": [mode.value for mode in ListMode]},
            "state": {"enum": ["checked", *(state.value for state in ListState)]},
            "by": TEXT,
            "created_at": INSTANT,
            "decided_at": INSTANT_OR_NULL,
            "finished_at": INSTANT_OR_NULL,
            "rows": INTEGER,
            "waiting": INTEGER,
            "new": INTEGER,
            "columns": _list(_object({"column": TEXT, "field": TEXT_OR_NULL})),
            **{outcome.value: INTEGER for outcome in RowOutcome},
        },
        optional=("new",),
        description="How many rows became what; new is told by a dry run alone.",
        additionalProperties=False,
    ),
    "PartnerList": _object(
        {
            "partners": _list(reference("Partner")),
            "next": {"type": "string", "description": "The cursor of the next page; empty: none"},
            "matching": INTEGER,
            "sorted_by_name": BOOLEAN,
        },
        optional=("next", "matching", "sorted_by_name"),
    ),
    "PartnerPatch": OBJECT
    | {
        "description": "A JSON Merge Patch (RFC 7396) of the partner's document: "
        "null gives a field its default."
    },
    "Deactivated": _object(
        {"rerouted": _list(TEXT), "kept": _list(TEXT), "left": INTEGER},
        additionalProperties=False,
    ),
    "Assignment": _object({"partner": TEXT}),
    "NewNote": _object({"text": TEXT}),
    "NewQuestion": _object({"text": TEXT}),
    "NewActivities": _object(
        {
            "activities": _list(
                _object(
                    {
                        "kind": {"enum": [kind.value for kind in InterestKind]},
                        "at": INSTANT,
                        "text": {"type": ["string", "integer"]},
                        "source": TEXT,
                    },
                    optional=("at", "source"),
                )
            )
            | {"minItems": 1, "maxItems": MOST_INTEREST}
        },
        description="Without at it was just now.",
    ),
    "Why": _object(
        {
            "lead": TEXT,
            "partner": TEXT,
            "asked": BOOLEAN,
            "code": TEXT,
            "language": TEXT,
            "sentence": TEXT,
        },
        additionalProperties=False,
    ),
    "LeadMails": _object(
        {
            "lead": TEXT,
            "mails": _list(
                _object(
                    {
                        "kind": {"type": "string", "description": "What it said"},
                        "to": {"enum": ["partner", "second", "prospect", "hq"]},
                        "partner": {"type": "string", "description": "Its id; empty: none"},
                        "at": INSTANT,
                        "subject": {"type": "string", "description": "Empty: not known"},
                        "language": TEXT,
                        "outcome": {"enum": [outcome.value for outcome in MailOutcome]},
                        "delivered": {"type": "integer", "description": "To so many readers"},
                        "readers": {"type": "integer", "description": "0: not known"},
                    },
                    additionalProperties=False,
                )
            ),
        },
        additionalProperties=False,
    ),
    "LeadPage": _object(
        {
            "leads": _list(reference("LeadRow")),
            "next": {"type": "string", "description": "The cursor of the next page; empty: none"},
            "looked_back_to": INSTANT_OR_NULL,
            "behind_seconds": INTEGER,
        },
        additionalProperties=False,
    ),
    "Revocation": _object(
        {
            "email": {
                "type": "string",
                "description": "Whose links end: a contact's or a colleague's. Left out: everybody's",
            }
        },
        optional=("email",),
    ),
    "Place": _object({"postcode": TEXT, "town": TEXT}, optional=("town",)),
    "Places": _object(
        {"places": _list(_object({"country": TEXT, "postcodes": INTEGER, "saved_at": INSTANT}))},
        additionalProperties=False,
    ),
    "Trial": _object(
        {
            "programme": {
                "type": ["object", "string"],
                "description": "The draft, or its YAML as text",
            },
            "partners": _list(reference("Partner")),
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
            "score": INTEGER,
            "because": _list(TEXT),
            "offers": _list(_object({"partner": TEXT, "until": INSTANT})),
            "decision": OBJECT,
            "warnings": _list(TEXT),
        },
        additionalProperties=False,
    ),
    "Saved": _object({"version": INTEGER, "warnings": _list(TEXT)}),
    "ProgrammeVersion": _object(PROGRAMME_VERSION),
    "ProgrammeVersionWhole": _object(
        PROGRAMME_VERSION
        | {
            "programme": reference("Programme"),
            "text": {
                "type": "string",
                "description": "The YAML that it was written as, with its comments; may be empty",
            },
        }
    ),
    "ProgrammeVersions": _object(
        {
            "versions": _list(reference("ProgrammeVersion")),
            "in_force": INTEGER,
            "before": {"type": ["integer", "null"]},
        }
    ),
    "ProgrammeDifference": _object(
        {
            "from": INTEGER,
            "to": INTEGER,
            "changes": _list(
                _object(
                    {
                        "key": TEXT,
                        "section": TEXT,
                        "about": TEXT,
                        "was": TEXT_OR_NULL,
                        "is": TEXT_OR_NULL,
                    }
                )
            ),
        }
    ),
    "Report": OBJECT,
    "Decisions": _object({"lead": TEXT, "decisions": _list(reference("Decision"))}),
    "Decision": _object({"version": INTEGER, "sentences": _list(TEXT)}),
    "Moment": {
        "allOf": [
            _object({"at": INSTANT, "version": INTEGER, "sentence": TEXT}),
            reference("Event"),
        ],
    },
    "Activity": _object(
        {
            "at": INSTANT,
            "by": {
                "type": "string",
                "description": "The name of an API key, or link: and the short id of a person",
            },
            "kind": TEXT,
            "lead": TEXT,
            "partner": TEXT,
            "version": INTEGER,
            "about": TEXT,
            "detail": TEXT,
        },
        optional=("lead", "partner", "version", "about", "detail"),
        additionalProperties=False,
    ),
    "ActivityLog": _object(
        {
            "entries": _list(reference("Activity")),
            "cursor": {"type": "string", "description": "Left out where nothing is left"},
        },
        optional=("cursor",),
        additionalProperties=False,
    ),
    "LeadDocument": _object(
        {
            "lead": reference("Lead"),
            "context": reference("Context"),
            "timeline": _list(reference("Moment")),
            "decisions": _list(reference("Decision")),
        },
        additionalProperties=False,
    ),
}
"""The schemas of what no model reads or writes, by the name the API gives them."""
