"""Says of the operations that HQ's desk has its pages for what the code cannot."""

from collections.abc import Mapping

from infra.openapi.examples import LEAD_FILTERS
from infra.openapi.operation import Operation
from routing_core.domain.lead_file import TYPE_OF_FILE, FileKind

FILE_TYPES = tuple(
    content_type for kind, content_type in TYPE_OF_FILE.items() if kind is not FileKind.TEXT
)
"""The media types of files, besides plain text."""

RULE_EDITION = {
    "comment": "What the change is for, at most 300 characters",
    "starts_at": "The instant at which it comes into force, such as 2026-12-01T07:00Z; otherwise at once",
}
"""What may be said of a new version of the rules."""

DESK_OPERATIONS: Mapping[str, Operation] = {
    "PATCH /v1/programme": Operation(
        "Change some settings of the rules",
        "Saved",
        body="ProgrammePatch",
        example={"hotline": {"phone": "+49 89 99998 100"}},
        query=RULE_EDITION | {"dry_run": "true: check everything, save nothing"},
        also={"application/merge-patch+json": {"hotline": {"phone": "+49 89 99998 100"}}},
    ),
    "POST /v1/programme/back-tests": Operation(
        "Have draft rules played on the stored leads",
        "BackTest",
        body="DraftRules",
        example={"programme": "schema: 1\nname: …\n"},
        status=(202,),
    ),
    "GET /v1/programme/back-tests/{name}": Operation(
        "How far a back-test is, and its figures", "BackTest"
    ),
    "GET /v1/leads/{lead}/files": Operation("List the files of a lead", "LeadFiles"),
    "POST /v1/leads/{lead}/files": Operation(
        "Attach a file to a lead",
        "LeadFileDocument",
        query={"name": "The name under which it is saved"},
        query_examples={"name": "measurements.txt"},
        status=(201,),
        also={"text/plain": "Boiler room: 2.40 m by 3.10 m"} | dict.fromkeys(FILE_TYPES),
    ),
    "GET /v1/leads/{lead}/files/{file}": Operation(
        "Open a file of a lead", "", answers_also=("text/plain", *FILE_TYPES)
    ),
    "DELETE /v1/leads/{lead}/files/{file}": Operation("Remove a file from a lead", "LeadFiles"),
    "POST /v1/leads/exports": Operation(
        "Write the leads that a filter keeps into files",
        "LeadExport",
        query={"kind": "csv, as without it, or xlsx", **LEAD_FILTERS},
        status=(201,),
    ),
    "POST /v1/leads/exports/{export}/continue": Operation(
        "Write the next file of an export", "LeadExport"
    ),
    "GET /v1/leads/exports/{export}": Operation(
        "How far an export is, and where its files are", "LeadExport"
    ),
    "POST /v1/leads/bulk": Operation(
        "Do one thing with many leads",
        "LeadResults",
        body="LeadsPress",
        example={"action": "note", "text": "Fair in Munich", "leads": [{"lead": "L1"}]},
    ),
    "POST /v1/leads/{lead}/reject": Operation("Close a lead as spam or nonsense", "LeadDocument"),
    "POST /v1/partners/ask-more": Operation(
        "Ask full partners to take two more for a week",
        "AskedMore",
        body="PartnersToAsk",
        example={"partners": ["isar-waerme"]},
    ),
    "GET /v1/people": Operation("List the people of HQ", "People"),
    "POST /v1/people": Operation(
        "Add somebody at HQ",
        "HqPerson",
        body="HqPersonPatch",
        example={"email": "nora@example.com", "name": "Nora Nord", "role": "viewer"},
        status=(201,),
    ),
    "PATCH /v1/people/{person}": Operation(
        "Change somebody at HQ",
        "HqPerson",
        body="HqPersonPatch",
        example={"role": "manager", "may": ["assign"]},
        also={"application/merge-patch+json": {"role": "manager"}},
    ),
    "DELETE /v1/people/{person}": Operation("Remove somebody from HQ", "People"),
    "POST /v1/people/{person}/revoke": Operation("End somebody's devices and links", "HqPerson"),
    "GET /v1/keys": Operation("List the API keys", "ApiKeys"),
    "POST /v1/keys": Operation(
        "Make an API key",
        "NewApiKey",
        body="WantedApiKey",
        example={"name": "shop", "scopes": ["leads:write"]},
        status=(201,),
    ),
    "DELETE /v1/keys/{key}": Operation("Revoke an API key", "ApiKey"),
}
"""Each operation by its route."""
