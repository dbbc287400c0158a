"""Gives the schemas of the API: of the models that read and write, and of what has no model."""

from collections.abc import Mapping
from typing import Any

from pydantic import TypeAdapter

from infra.openapi.desk_schemas import DESK_SCHEMAS
from infra.openapi.events import event_schemas
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
    or_null,
    reference,
)
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
from routing_core.service.kernel.mail_delays import MailHindrance
from routing_core.service.reports.report_run import RunState

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


def schemas() -> dict[str, Schema]:
    """Give every schema by its name, sorted.

    What a model needs beside itself has a name of its own.

    Raise ValueError if two different models have the same name.
    """
    found = {
        **WRITTEN,
        **DESK_SCHEMAS,
        **event_schemas(),
        "Enquiry": _enquiry(),
        "EnteredLead": _entered_lead(),
    }
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
        "context": object_of(
            {"source": TEXT, "utm": OBJECT, "referrer": TEXT, "pages": listed(TEXT)},
            optional=("source", "utm", "referrer", "pages"),
        ),
    }
    always = {"name", "email"}
    optional = [name for name in LENGTHS if name not in always]
    optional += ["language", "submission_id", "started", "altcha", "context"]
    return object_of(
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


REPORT_RUN: Schema = object_of(
    {
        "id": TEXT,
        "period": TEXT,
        "version": INTEGER,
        "state": {"type": "string", "enum": [state.value for state in RunState]},
        "asked_at": INSTANT,
        "asked_by": TEXT,
        "finished_at": INSTANT_OR_NULL,
        "leads": {
            "type": "integer",
            "description": "Leads read for it: received in the period, or open in it",
        },
        "received": {
            "type": ["integer", "null"],
            "description": "Leads received in the period; null while that is unknown",
        },
        "partners": INTEGER,
        "partners_done": INTEGER,
        "failed_partners": listed(TEXT),
        "mailed": BOOLEAN,
    }
)
"""One report, and how far it is."""
CAMPAIGN_COST = object_of(
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
    "ReportRuns": object_of({"reports": listed(reference("ReportRun"))}),
    "WantedReport": object_of(
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
    "CampaignCostList": object_of({"costs": listed(reference("CampaignCost"))}),
    "CampaignCosts": object_of(
        {
            "version": INTEGER,
            "saved_at": INSTANT_OR_NULL,
            "costs": listed(reference("CampaignCost")),
        }
    ),
    "SavedCosts": object_of(
        {
            "version": INTEGER,
            "dry_run": BOOLEAN,
            "months": listed(TEXT),
            "changes": listed(
                object_of(
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
    "ReportDocument": object_of(
        {"run": reference("ReportRun"), "figures": or_null(reference("HqReport"))}
    ),
    "CountingGoesOn": object_of(
        {
            "leads_read": INTEGER,
            "as_of": INSTANT,
            "next": {"type": "string", "description": "The address that goes on, as in Location"},
        }
    ),
    "PartnerReportDocument": object_of(
        {
            "run": reference("ReportRun"),
            "partner": TEXT,
            "figures": or_null(reference("PartnerReport")),
        }
    ),
    "Problem": object_of(
        {
            "type": TEXT,
            "title": TEXT,
            "status": INTEGER,
            "detail": TEXT,
            "errors": listed(object_of({"field": TEXT, "code": TEXT, "message": TEXT})),
        },
        optional=("errors",),
        description="Problem details (RFC 9457); errors lists every invalid field at once.",
    ),
    "Received": object_of(
        {
            "lead": TEXT,
            "reference": TEXT,
            "answer": {"enum": ["offered", "held", "waiting", "noted", "joined", "confirm"]},
            "title": TEXT,
            "next": TEXT,
            "hear_by": INSTANT_OR_NULL,
            "status_url": TEXT,
            "ignored": listed(TEXT),
        },
        additionalProperties=False,
    ),
    "Coverage": object_of(
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
    "FormDefinition": object_of(
        {"form": TEXT, "language": TEXT, "title": TEXT, "steps": listed(OBJECT), "consent": OBJECT},
        description="Everything needed to draw the form; started and submission_id are sent back with "
        "the enquiry. Under pressure there is a challenge, a proof of work in ALTCHA's protocol; its "
        "solution is altcha.",
    ),
    "LeadListDocument": object_of(
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
            "columns": listed(object_of({"column": TEXT, "field": TEXT_OR_NULL})),
            **{outcome.value: INTEGER for outcome in RowOutcome},
        },
        optional=("new",),
        description="How many rows became what; new is told by a dry run alone.",
        additionalProperties=False,
    ),
    "PartnerList": object_of(
        {
            "partners": listed(reference("Partner")),
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
    "Deactivated": object_of(
        {"rerouted": listed(TEXT), "kept": listed(TEXT), "left": INTEGER},
        additionalProperties=False,
    ),
    "Assignment": object_of({"partner": TEXT}),
    "NewNote": object_of({"text": TEXT}),
    "NewQuestion": object_of({"text": TEXT}),
    "NewActivities": object_of(
        {
            "activities": listed(
                object_of(
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
    "Why": object_of(
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
    "LeadMails": object_of(
        {
            "lead": TEXT,
            "mails": listed(
                object_of(
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
    "LeadPage": object_of(
        {
            "leads": listed(reference("LeadRow")),
            "next": {"type": "string", "description": "The cursor of the next page; empty: none"},
            "looked_back_to": INSTANT_OR_NULL,
            "behind_seconds": INTEGER,
        },
        additionalProperties=False,
    ),
    "Revocation": object_of(
        {
            "email": {
                "type": "string",
                "description": "Whose links end: a contact's or a colleague's. Left out: everybody's",
            }
        },
        optional=("email",),
    ),
    "Place": object_of({"postcode": TEXT, "town": TEXT}, optional=("town",)),
    "Places": object_of(
        {"places": listed(object_of({"country": TEXT, "postcodes": INTEGER, "saved_at": INSTANT}))},
        additionalProperties=False,
    ),
    "Trial": object_of(
        {
            "programme": {
                "type": ["object", "string"],
                "description": "The draft, or its YAML as text",
            },
            "partners": listed(reference("Partner")),
            "enquiry": object_of({"form": TEXT}, additionalProperties=True),
            "lead": {
                "type": "string",
                "description": "The id of a stored lead instead of an enquiry",
            },
        },
        optional=("programme", "partners", "enquiry", "lead"),
    ),
    "Tried": object_of(
        {
            "sentences": listed(TEXT),
            "outcome": {"enum": ["offer", "nurture", "review"]},
            "score": INTEGER,
            "because": listed(TEXT),
            "offers": listed(object_of({"partner": TEXT, "until": INSTANT})),
            "decision": OBJECT,
            "warnings": listed(TEXT),
        },
        additionalProperties=False,
    ),
    "Saved": object_of({"version": INTEGER, "warnings": listed(TEXT)}),
    "ProgrammeVersion": object_of(PROGRAMME_VERSION),
    "ProgrammeVersionWhole": object_of(
        PROGRAMME_VERSION
        | {
            "programme": reference("Programme"),
            "text": {
                "type": "string",
                "description": "The YAML that it was written as, with its comments; may be empty",
            },
        }
    ),
    "ProgrammeVersions": object_of(
        {
            "versions": listed(reference("ProgrammeVersion")),
            "in_force": INTEGER,
            "before": {"type": ["integer", "null"]},
        }
    ),
    "ProgrammeDifference": object_of(
        {
            "from": INTEGER,
            "to": INTEGER,
            "changes": listed(
                object_of(
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
    "Decisions": object_of({"lead": TEXT, "decisions": listed(reference("Decision"))}),
    "Decision": object_of({"version": INTEGER, "sentences": listed(TEXT)}),
    "Moment": {
        "allOf": [
            object_of({"at": INSTANT, "version": INTEGER, "sentence": TEXT}),
            reference("Event"),
        ],
    },
    "Activity": object_of(
        {
            "at": INSTANT,
            "by": {
                "type": "string",
                "description": "The name of an API key, or link: and the short id of a person",
            },
            "who": {
                "type": "string",
                "description": "The same in words; people are named to keys with people:read",
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
    "ActivityLog": object_of(
        {
            "entries": listed(reference("Activity")),
            "cursor": {"type": "string", "description": "Left out where nothing is left"},
        },
        optional=("cursor",),
        additionalProperties=False,
    ),
    "MailHealth": object_of(
        {
            "standing": or_null(
                object_of(
                    {
                        "since": INSTANT,
                        "tried_at": INSTANT,
                        "why": {"enum": [each.value for each in MailHindrance]},
                    }
                )
            ),
            "refused": listed(
                object_of(
                    {"at": INSTANT, "role": TEXT, "lead": TEXT, "partner": TEXT},
                    optional=("lead", "partner"),
                )
            ),
        },
    ),
    "LeadDocument": object_of(
        {
            "lead": reference("Lead"),
            "context": reference("Context"),
            "timeline": listed(reference("Moment")),
            "decisions": listed(reference("Decision")),
        },
        additionalProperties=False,
    ),
}
"""The schemas of what no model reads or writes, by the name the API gives them."""
