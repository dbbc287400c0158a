"""What a smoke test brings into a stack, and takes out again: a key, a partner, an enquiry.

Everything of it is told by its name, so that a later run finds what one left that was killed. An
enquiry is erased and the partner deactivated as HQ would do it; keys go without a trace.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from infra.local.api import Api, Refused
from infra.tools.hq_key import create_key
from infra.tools.stack import Target, services_of
from routing_core.aws.tables.dynamo import query_pages, serialize_item
from routing_core.domain.partner import Partner
from routing_core.domain.people import people, person_id
from routing_core.service.intake.submit_lead import lead_id
from routing_core.service.kernel.links import Links

PARTNER = "smoke-test"
"""The id of the partner, and what enquiries name as where they came from."""
NAME = "Smoke test"
KEY_NAME = "smoke test "
"""The names of its keys begin like this."""
SIMULATOR = "simulator.amazonses.com"
"""SES takes mail to addresses there, and says what their names say; none counts for a reputation."""
SCOPES = ["leads:read", "leads:write", "partners:read", "partners:write", "programme:read"]
MISSING = 404


class NotSeen(Exception):
    """Something did not happen, or is not as it should be; the message says what."""


@dataclass(frozen=True)
class Guests:
    """The key, the partner and the enquiry of one run."""

    there: Target
    api: Api
    run: str
    """What tells this run from others."""

    @classmethod
    def arrive(cls, there: Target, base_url: str) -> Guests:
        """Make a key for a while, and give what works with it."""
        run = secrets.token_hex(4)
        table = there.resource("PartnersTable")
        key = create_key(there.client("dynamodb"), table, f"{KEY_NAME}{run}", SCOPES)
        return cls(there, Api(base_url, key), run)

    @property
    def lead(self) -> str:
        """Give the id that the enquiry of this run has, or will have once it is stored."""
        return lead_id("", self.run, f"hq:{KEY_NAME}{self.run}")

    # ── the partner ───────────────────────────────────────────────────────────────────────────────

    def add_partner(self, country: str, postcode: str, rules: dict[str, Any]) -> dict[str, Any]:
        """Add the partner, paused: routing offers it nothing, only HQ can; give it as it is saved.

        Raises NotSeen where somebody else has its id.
        """
        known = self.partner()
        if known and known["name"] != NAME:
            raise NotSeen(f"{PARTNER} is a partner of yours, called {known['name']}")
        if known:
            self.api.send("POST", f"/v1/partners/{PARTNER}/reactivate", {})
        document = {
            "id": PARTNER,
            "name": NAME,
            "type": rules["partner_types"][0],
            "contact": {"email": f"success+{PARTNER}@{SIMULATOR}", "name": NAME},
            "country": country,
            "language": rules["languages"][0],
            "territories": [f"{country} {postcode}"],
            "products": [each["id"] for each in rules["products"]],
            "paused": True,
            "confirmed": True,
        }
        saved: dict[str, Any] = self.api.send("PUT", f"/v1/partners/{PARTNER}", document)
        return saved

    def partner(self) -> dict[str, Any] | None:
        """Read the partner; None if there never was one."""
        try:
            found: dict[str, Any] = self.api.get(f"/v1/partners/{PARTNER}")
        except Refused as refused:
            if refused.status != MISSING:
                raise
            return None
        return found

    def offer_link(self, lead: str) -> str:
        """Give the link that the partner was mailed, made as the stack makes it."""
        stored: Partner | None = services_of(self.there).partners.get(PARTNER)
        if stored is None:
            raise NotSeen("the partner that was just saved is not there")
        person = person_id(stored.contact.email)
        generation = people(stored)[person]
        return self._links().offer(lead, 1, PARTNER, generation=generation, person=person)

    def _links(self) -> Links:
        found = self.there.client("secretsmanager").get_secret_value(
            SecretId=self.there.resource("LinkKeys")
        )
        keys = json.loads(found["SecretString"])
        return Links(self.api.base_url, keys, keys.pop("sign"))

    # ── leaving ───────────────────────────────────────────────────────────────────────────────────

    def clear(self) -> int:
        """Take everything out again, of this run and of those before; return how many enquiries."""
        # The list may not name yet what this run has stored.
        erased = sum(map(self._erased, sorted({self.lead, *self._leads_left()})))
        known = self.partner()
        if known and known["name"] == NAME and not known["status"]["deactivated"]:
            self.api.send("DELETE", f"/v1/partners/{PARTNER}?open_leads=keep", {})
        return erased

    def _erased(self, lead: str) -> bool:
        """Erase an enquiry; False if there is none."""
        try:
            self.api.send("POST", f"/v1/leads/{lead}/erase", {})
        except Refused as refused:
            if refused.status != MISSING:
                raise
            return False
        return True

    def _leads_left(self) -> Iterator[str]:
        """Yield the enquiries of a smoke test that are not erased."""
        cursor = ""
        while True:
            page = self.api.get(f"/v1/leads?source={PARTNER}&limit=200&cursor={cursor}")
            for row in page["leads"]:
                if row["status"] != "erased":
                    yield row["id"]
            cursor = page["next"]
            if not cursor:
                return

    def drop_keys(self) -> int:
        """Delete the keys of smoke tests, this one's too, and return how many there were."""
        dynamodb, table = self.there.client("dynamodb"), self.there.resource("PartnersTable")
        notes = query_pages(
            dynamodb,
            TableName=table,
            KeyConditionExpression="pk = :keys",
            ExpressionAttributeValues=serialize_item({":keys": "KEYS"}),
            ConsistentRead=True,
        )
        ours = [note for note in notes if str(note.get("name", "")).startswith(KEY_NAME)]
        for note in ours:
            # First what opens, then what tells of it: who stops in between finds it again.
            for key in (
                {"pk": f"KEY#{note['hash']}", "sk": "KEY"},
                {"pk": "KEYS", "sk": note["sk"]},
            ):
                dynamodb.delete_item(TableName=table, Key=serialize_item(key))
        return len(ours)
