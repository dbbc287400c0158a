"""Says of each operation what the code cannot: a name, an example, and what comes back."""

from collections.abc import Mapping

from infra.openapi.desk_operations import DESK_OPERATIONS, RULE_EDITION
from infra.openapi.examples import (
    CAMPAIGN_COST,
    COSTS_CSV,
    ENQUIRY,
    ENTERED_LEAD,
    LEAD_FILTERS,
    LEADS_CSV,
    PARTNER,
    PARTNERS_CSV,
    PLACES_CSV,
    TRIAL,
)
from infra.openapi.operation import Operation
from routing_core.domain.enquiry.enquiry import NEED_FIELDS
from routing_core.service.reports.figures_of import FIGURE_FILTERS

LANGUAGE = {"lang": "Language, such as de; otherwise taken from Accept-Language"}
"""The query parameter of every answer that holds sentences."""

LIST_SETTINGS = {
    "name": "The list's name: the same name with the same row is the same lead",
    "form": "The form by which rows are read; if left out, the first one",
    "mode": "route: partners are asked, a few leads at a time; past: kept for back-tests and reports",
    "dry_run": "true: check everything, save nothing",
    "columns": "The field of each column in order, with commas; if left out, guessed by their names",
    "product": "The product of rows that name none",
    "urgency": "The urgency of rows that name none",
    "language": "The language of rows that name none",
    "campaign": "The campaign of rows that name none",
    "way": "How the leads reached HQ: list, fair, phone or mail",
    "all_agreed": "yes: everybody on the list has agreed, if it has no column for that",
    "consent_way": "How they agreed: voice, paper or elsewhere",
    "consent_by": "Who took the consent",
    "consent_at": "When they agreed",
}
"""What may be said of a list of leads as a whole."""

OPERATIONS: Mapping[str, Operation] = {
    **DESK_OPERATIONS,
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
        body="Enquiry",
        example=ENQUIRY,
        status=(201,),
        also={"application/x-www-form-urlencoded": None, "multipart/form-data": None},
        may_use="leads:write",
    ),
    "POST /v1/partners/import": Operation(
        "Import a list of partners, all or nothing",
        "Imported",
        body="PartnerList",
        example={"partners": [PARTNER]},
        query={
            "dry_run": "true: check everything, save nothing",
            "country": "For a CSV file: the country of territories that do not name one, such as US",
            "zeros_are_right": "For a CSV file: true if it is right that no entry in a whole country begins with 0",
        },
        status=(200, 202),
        also={"text/csv": PARTNERS_CSV},
    ),
    "GET /v1/partners": Operation(
        "Read all partners, as a list that can be imported; or a page of those that a filter keeps",
        "PartnerList",
        query={
            "as": "map: a dealer map as CSV, one line for each area with its first, second and third dealer",
            "q": "Part of the name, id or town",
            "state": "active, away, paused, lapsed (paused by unanswered offers), bounced, unconfirmed or deactivated",
            "product": "The id of a product that the partner offers",
            "region": "The id of a region that the partner belongs to",
            "country": "The country of postcode, such as DE; otherwise the programme's",
            "postcode": "The beginning of a postcode where the partner covers something",
            "type": "The partner's type",
            "tier": "The partner's tier, from 1 to 9",
            "sort": "name, id, tier; of at most 100 partners load, last_offer or acceptance too",
            "limit": "Partners on a page, at most 100",
            "cursor": "The next of the page before",
        },
        answers_also=("text/csv",),
    ),
    "GET /v1/partners/{partner}": Operation("Read a partner", "Partner"),
    "PUT /v1/partners/{partner}": Operation(
        "Create a partner, or replace what the document states",
        "Partner",
        body="Partner",
        example=PARTNER,
    ),
    "PATCH /v1/partners/{partner}": Operation(
        "Change some fields of a partner",
        "Partner",
        body="PartnerPatch",
        example={"caps": {"open": 5}, "website": None},
        also={"application/merge-patch+json": {"caps": {"open": 5}, "website": None}},
    ),
    "DELETE /v1/partners/{partner}": Operation(
        "Deactivate a partner",
        "Deactivated",
        query={"open_leads": "keep (as without it), or reroute: its own leads go to others, too"},
        status=(200, 202),
    ),
    "POST /v1/partners/{partner}/reactivate": Operation(
        "Work with a deactivated partner again", "Partner"
    ),
    "POST /v1/partners/{partner}/revoke": Operation(
        "Revoke the links of a partner, or of one of its people",
        "Partner",
        body="Revocation",
        example={"email": PARTNER["contact"]["email"]},
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
        "Save a new version of the rules",
        "Saved",
        body="Programme",
        query=RULE_EDITION,
        also={"application/yaml": None},
    ),
    "GET /v1/programme/versions": Operation(
        "List the versions of the rules, the newest first",
        "ProgrammeVersions",
        query={"before": "Only versions with a smaller number: the before of the last page"},
    ),
    "GET /v1/programme/versions/{version}": Operation(
        "Read one version of the rules", "ProgrammeVersionWhole"
    ),
    "GET /v1/programme/diff": Operation(
        "What changed between two versions of the rules, in sentences",
        "ProgrammeDifference",
        query={"from": "The number of a version", "to": "The number of another"} | LANGUAGE,
    ),
    "POST /v1/programme/versions/{version}/restore": Operation(
        "Put an earlier version of the rules in force again, as a new one", "Saved"
    ),
    "POST /v1/programme/versions/{version}/call-off": Operation(
        "Call off a version of the rules before its time", "ProgrammeVersion"
    ),
    "POST /v1/programme/dry-run": Operation(
        "Try draft rules or partners with one lead; nothing is saved",
        "Tried",
        body="Trial",
        example=TRIAL,
    ),
    "GET /v1/network/coverage": Operation(
        "List gaps in the network's coverage", "Report", answers_also=("text/csv",)
    ),
    "POST /v1/leads": Operation(
        "Enter a lead for its sender: phoned in, met at a fair, from another system",
        "Received",
        body="EnteredLead",
        example=ENTERED_LEAD,
        status=(201,),
    ),
    "POST /v1/leads/import": Operation(
        "Import a list of leads, all or nothing",
        "LeadListDocument",
        query=LIST_SETTINGS,
        status=(200, 202),
        also={"text/csv": LEADS_CSV},
    ),
    "GET /v1/leads/imports/{list}": Operation(
        "How far an import of leads has come", "LeadListDocument"
    ),
    "POST /v1/leads/imports/{list}/cancel": Operation(
        "Cancel what still waits of an import of leads", "LeadListDocument"
    ),
    "GET /v1/log": Operation(
        "Who did what at HQ, the newest first",
        "ActivityLog",
        query={
            "by": "Who did it, as entries name it",
            "kind": "One of leads, partners, rules, exports, access",
            "since": "The first day, as in 2026-11-30, by the programme's clock",
            "until": "The last day",
            "lead": "The id of a lead",
            "partner": "The id of a partner",
            "limit": "Entries of a page, 100 if left out, at most 200",
            "cursor": "The cursor of the page before: goes on where that ends",
        },
    ),
    "GET /v1/mail": Operation(
        "Whether mail is held up, and what was refused for good in three days", "MailHealth"
    ),
    "GET /v1/leads": Operation(
        "List leads",
        "LeadPage",
        query={
            **LEAD_FILTERS,
            "contact": "An exact e-mail address or phone number; nothing else then counts",
            "reference": "An exact reference; nothing else then counts",
            "sort": "newest, oldest, due (the next step that is due first), score, changed or postcode",
            "limit": "Leads on a page, at most 200",
            "cursor": "The next of the page before",
        },
    ),
    "GET /v1/leads/{lead}": Operation(
        "Read a lead with its timeline and decisions", "LeadDocument"
    ),
    "GET /v1/leads/{lead}/decisions": Operation(
        "Why each partner was asked",
        "Decisions",
        query={"replay": "true: repeat each decision and compare"},
    ),
    "GET /v1/leads/{lead}/why": Operation(
        "Why a partner was asked, or was not: a sentence for that partner",
        "Why",
        query={"partner": "The id of the partner", "lang": "Language; otherwise the partner's"},
    ),
    "GET /v1/leads/{lead}/mails": Operation(
        "The mails about a lead, and what became of each", "LeadMails"
    ),
    "POST /v1/leads/{lead}/assign": Operation(
        "Offer a lead to a partner of your choice",
        "LeadDocument",
        body="Assignment",
        example={"partner": "isar-waerme"},
    ),
    "POST /v1/leads/{lead}/grant": Operation("Grant a claim", "LeadDocument"),
    "POST /v1/leads/{lead}/erase": Operation(
        "Erase personal data and everything the customer typed", "LeadDocument"
    ),
    "POST /v1/leads/{lead}/move": Operation(
        "Correct the place of a lead",
        "LeadDocument",
        body="Place",
        example={"postcode": "80331", "town": "München"},
    ),
    "POST /v1/leads/{lead}/release": Operation("Release a held lead to partners", "LeadDocument"),
    "POST /v1/leads/{lead}/requeue": Operation("Try a waiting lead again", "LeadDocument"),
    "POST /v1/leads/{lead}/withdraw": Operation("Withdraw a lead for the customer", "LeadDocument"),
    "POST /v1/leads/{lead}/activities": Operation(
        "Tell what the customer was interested in",
        "LeadDocument",
        body="NewActivities",
        example={
            "activities": [
                {
                    "kind": "webinar",
                    "at": "2026-11-20T15:00:00Z",
                    "text": "Heat pumps in old houses",
                    "source": "HubSpot",
                }
            ]
        },
    ),
    "POST /v1/leads/{lead}/notes": Operation(
        "Add a note",
        "LeadDocument",
        body="NewNote",
        example={"text": "Asked for a call on Monday."},
    ),
    "POST /v1/leads/{lead}/ask": Operation(
        "Ask the partner who has it",
        "LeadDocument",
        body="NewQuestion",
        example={"text": "Has the boiler been ordered?"},
    ),
    "GET /v1/reports": Operation("List the reports", "ReportRuns"),
    "POST /v1/reports": Operation(
        "Make the report on a period, once",
        "ReportRun",
        body="WantedReport",
        example={"period": "2026-10"},
        status=(200, 202),
    ),
    "POST /v1/reports/{run}/mail": Operation(
        "Mail a report that is there, to everybody once", "ReportRun", status=(200, 202)
    ),
    "GET /v1/costs": Operation(
        "Read what campaigns cost", "CampaignCosts", answers_also=("text/csv",)
    ),
    "PUT /v1/costs": Operation(
        "Save what campaigns cost, by the month",
        "SavedCosts",
        body="CampaignCostList",
        example={"costs": [CAMPAIGN_COST]},
        query={"dry_run": "true: check everything, save nothing"},
        also={"text/csv": COSTS_CSV},
    ),
    "GET /v1/reports/{run}": Operation(
        "Read HQ's report",
        "ReportDocument",
        query={"as": "csv or xlsx: as a file, in HQ's language"} | LANGUAGE,
        answers_also=(
            "text/csv",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        ),
    ),
    "GET /v1/reports/{run}/partners/{partner}": Operation(
        "Read a partner's report",
        "PartnerReportDocument",
        query={"as": "csv or xlsx: as a file, in HQ's language"} | LANGUAGE,
        answers_also=(
            "text/csv",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        ),
    ),
    "GET /v1/figures": Operation(
        "Figures of any days and any part of the leads",
        "HqReport",
        query={
            "period": "A month like 2026-10 or a week like 2026-W41",
            "first": "The first day, instead of a period",
            "last": "The last day, at most twelve months",
            "as_of": "Goes on counting: as the answer with status 202 gives it in its address",
            **dict.fromkeys(FIGURE_FILTERS, "Only leads with this; several with commas between"),
        },
        status=(200, 202),
        goes_on="CountingGoesOn",
        query_examples={"first": "2026-10-05", "last": "2026-11-04", "region": "bavaria,tyrol"},
    ),
}
"""Each operation by its route; a route that is missing here fails `make openapi`."""
