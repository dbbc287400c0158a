"""What came of it, without instants and counters of tries: the same whether something broke on the
way or not.
"""

import json
import zlib
from collections import Counter
from collections.abc import Mapping
from operator import itemgetter
from typing import Any

from routing_core.aws.codecs.context_items import context_from_item
from routing_core.aws.codecs.lead_items import lead_from_item
from routing_core.aws.codecs.load_items import load_from_item
from routing_core.domain.partner_plain import partner_from_plain
from tests.support.world import World

ANEW = ("until", "begins", "file")
"""What events say that is another each time: instants, and ids that are drawn."""


def kept(world: World) -> dict[str, Any]:
    """What is stored of leads and partners."""
    found: dict[str, Any] = {}
    for item in world.items():
        key = f"{item['pk']} {item['sk']}"
        if item["sk"] == "LEAD":
            lead = lead_from_item(item)
            found[key] = {
                "status": lead.status,
                "version": lead.version,
                "owner": lead.owner,
                "offers": [
                    (o.partner, o.kind, o.status, o.reason, o.seen_at is not None)
                    for o in lead.offers
                ],
                "deadlines": sorted((d.kind, d.offer) for d in lead.deadlines),
                "contact": lead.contact,
                "promised": lead.promised_by is not None,
                "rest": (
                    lead.waiting,
                    lead.attached_to,
                    lead.exhausted,
                    lead.attempts,
                    lead.value,
                    lead.reason,
                ),
            }
        elif item["sk"] == "CONTEXT":
            context = context_from_item(item)
            found[key] = [(note.by, note.text) for note in context.notes]
            lead_id = item["pk"].removeprefix("LEAD#")
            for file in context.files:
                can_be_opened = world.wiring.lead_files.get(lead_id, file) is not None
                found[f"{key} file {file.name}"] = can_be_opened
        elif item["sk"] == "CLAIM":
            found[key] = item["lead"]
        elif item["pk"].startswith("DIGEST#phone."):
            found[f"to phone {item['sk']}"] = (
                item["kind"],
                item["lead"],
            )  # counted from when it was told
        elif item["pk"].startswith("DIGEST#"):
            found[key] = (item["kind"], item["lead"])
    for row in world.rows():
        facts = [
            (fact.kind, {k: v for k, v in fact.to_data().items() if k not in ANEW})
            for fact in row.events
        ]
        found[f"{row.lead} {row.version}"] = facts
    return found | _partners(world) | _of_hq(world)


def _of_hq(world: World) -> dict[str, Any]:
    """The rules, imports of leads, back-tests, and whose access was ended: how often says nothing."""
    versions: list[Any] = []
    found: dict[str, Any] = {"rules": versions}
    for item in sorted(world.items(), key=itemgetter("sk")):
        key = f"{item['pk']} {item['sk']}"
        if item["pk"] == "PROGRAMME" and item["sk"].startswith("v"):
            document = json.loads(zlib.decompress(bytes(item["document"])))
            if not versions or versions[-1] != document:  # said again, they are the same rules
                versions.append(document)
        elif item["sk"].startswith("LIST#"):
            found[key] = (item["state"], item["counts"])
        elif item["sk"].startswith("RUNNING#"):
            found[key] = True
        elif item["pk"].startswith("REPORT"):
            found[key] = (item.get("state"), item.get("leads"), item.get("partners"))
        elif item["sk"] == "BACKTEST":
            found[key] = item["state"]
    for item in world.items("partners", lambda pk, sk: sk == "ACCESS"):
        found[f"{item['pk']} access"] = item["generation"] > 0
    return found


def _partners(world: World) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for item in world.items("partners"):
        if item["sk"] == "LOAD":
            load = load_from_item(item)
            seen = (load.active, load.links, load.caps, load.open_count, load.lapses, load.unseen)
            found[f"{load.partner} load"] = (*seen, sorted(load.made.items()))
        elif item["sk"] == "PROFILE":
            p = partner_from_plain(item["profile"])
            found[f"{p.id} profile"] = (
                p.confirmed,
                p.bounced,
                p.paused,
                p.absences,
                p.caps,
                p.links,
                p.name,
            )
        elif item["pk"] == "PLACES":
            found |= {
                f"places {c}": (kept["object"], kept["postcodes"])
                for c, kept in item.items()
                if len(c) == 2 and c.isupper()
            }
    return found | {"of long imports": half_applied(world)}


def half_applied(world: World) -> list[str]:
    """Long imports that were decided and not applied to the end, or whose partners are still staged
    though they are. What was staged and never decided is nobody's business, and expires.
    """
    gates = world.items("partners", lambda pk, sk: sk == "GATE")
    staged = world.items("partners", lambda pk, sk: pk.startswith("IMPORT#"))
    decided = {
        gate[name] for gate in gates for name in ("shut_for", "opened_after") if name in gate
    }
    left = {item["pk"].removeprefix("IMPORT#") for item in staged if "partners" in item}
    return sorted(decided & left) + ["the gate is shut" for gate in gates if "shut_for" in gate]


def told(world: World) -> dict[str, Any]:
    """What was set off: facts on the bus at least once, timers for what is due."""
    due = {f"{lead.id}.{lead.version}" for lead in map(world.lead, world.lead_ids()) if lead.due}
    return {
        "facts": sorted({json.loads(entry["Detail"]).get("fact", "") for entry in world.published}),
        "timers": sorted(due & set(world.schedules())),
        "unarmed": sorted(due - set(world.schedules())),
    }


def mails(world: World) -> Counter[str]:
    return Counter(
        f"{mail['To']} {mail.get_body(('plain',)).get_content().strip()}" for mail in world.mails()
    )  # type: ignore[union-attr]


def difference(one: Mapping[str, Any], other: Mapping[str, Any]) -> str:
    """The lines in which two states are not the same."""
    keys = sorted(k for k in {*one, *other} if one.get(k) != other.get(k))
    return "\n".join(f"  {k}\n    expected {one.get(k)}\n    found    {other.get(k)}" for k in keys)
