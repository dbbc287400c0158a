"""What is kept of a decision: enough to explain it in sentences, and to make it again from what was
known then.

A record names the versions of network and programme, the loads it saw and a hash over all it was
given, so that a replay can tell "the same inputs, the same answer" from "something is no longer
known". It stays under 8 kB, however crowded the place and whatever came of the decision: what does
not fit is counted instead of named. The loads go last of all: first they are packed, then some are
left out, which is said; such a decision cannot be replayed.
"""

import hashlib
import json
import zlib
from base64 import b85decode, b85encode
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import astuple, fields, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from routing_core.domain.figures import NONE_YET, Figures
from routing_core.domain.partner import Caps, Load, Partner, is_of, period_keys
from routing_core.domain.territory.territory import canonical_postcode
from routing_core.routing.decide.decision import Decision, told_apart
from routing_core.routing.decide.eligibility import local_day
from routing_core.routing.index.network import Network
from routing_core.routing.policy import Enquiry

SCHEMA = 3
BYTES = 7_500
SIZES = ((20, 5), (20, 2), (10, 2), (5, 1), (3, 0), (1, 0))
"""At most this many candidates and examples a reason; the first that fits ``BYTES``."""

_HASHED = json.JSONEncoder(sort_keys=True, default=str, check_circular=False)
_KEPT = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def record_of(
    decision: Decision, network: Network, told: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """JSON-ready: everything is counted, and as much of it named as fits beside what else is
    ``told``.
    """
    known = {c.partner: c.standing.partner for c in decision.ranked}
    seen = [
        _row(decision.loads.get(p), known.get(p) or network.partners[p], decision.at)
        for p in decision.considered
    ]
    nowhere = {"nowhere": True} if _is_nowhere(decision, network) else {}
    record: dict[str, Any] = {}
    for sizes, loads in _what_to_keep(seen):
        record = {**_record(decision, *sizes), **nowhere, **loads, **(told or {})}
        if _size(record) <= BYTES:
            break
    return record


def told_beside(record: Mapping[str, Any]) -> dict[str, Any]:
    """What a record was told, that does not come of the decision itself."""
    return {name: value for name, value in record.items() if name not in _OWN}


_OWN = frozenset(
    (
        *(
            "schema",
            "at",
            "network_version",
            "policy_version",
            "inputs",
            "limit",
            "chosen",
            "eligible",
            "shortlisted",
        ),
        *("beyond", "ranked", "excluded", "backups", "loads", "loads_left_out", "nowhere"),
    )
)


def _is_nowhere(decision: Decision, network: Network) -> bool:
    """Whether it would have mattered where the enquiry's place is, and nobody has said."""
    country = decision.enquiry.country
    if network.point(country, canonical_postcode(country, decision.enquiry.postcode)):
        return False
    return any(each.chain.has("distance") for each in decision.ranked[:1]) or network.measures(
        country
    )


def _what_to_keep(rows: Sequence[list[Any]]) -> Iterator[tuple[tuple[int, int], dict[str, Any]]]:
    """Rather the loads packed into a text than fewer names, and rather fewer names than fewer
    loads.
    """
    packed = ""
    for sizes in SIZES:
        yield sizes, {"loads": rows}
        packed = packed or _packed(rows)
        yield sizes, {"loads": packed}
    kept = len(rows) * 2 // 3
    while kept:
        yield SIZES[-1], {"loads": _packed(rows[:kept]), "loads_left_out": len(rows) - kept}
        kept = kept * 2 // 3


def _packed(rows: Sequence[list[Any]]) -> str:
    return b85encode(zlib.compress(json.dumps(rows, separators=(",", ":")).encode(), 9)).decode()


def _record(decision: Decision, candidates: int, examples: int) -> dict[str, Any]:
    first = decision.ranked[:candidates]
    backups = (
        {"backups": [candidate.partner for candidate in decision.backups]}
        if decision.backups
        else {}
    )
    return backups | {
        "schema": SCHEMA,
        "at": decision.at.isoformat(),
        "network_version": decision.network_version,
        "policy_version": decision.policy_version,
        "inputs": inputs_hash(decision),
        "limit": decision.limit,
        "chosen": decision.chosen,
        "eligible": len(decision.ranked),
        "shortlisted": len(decision.considered),
        "beyond": decision.beyond,
        "ranked": [
            {"partner": candidate.partner, "keys": keys}
            for candidate, keys in zip(first, told_apart(first), strict=True)
        ],
        "excluded": decision.excluded.counted(examples),
    }


def inputs_hash(decision: Decision) -> str:
    """Over everything the decision was given: the enquiry, both versions, the instant and the
    loads.
    """
    enquiry = decision.enquiry
    given = [
        {name: getattr(enquiry, name) for name in _ASKED} | {"tried": sorted(enquiry.tried)},
        decision.network_version,
        decision.policy_version,
        decision.at.isoformat(),
        decision.limit,
        {partner: load.seq for partner, load in decision.loads.items()},
    ]
    return hashlib.sha256(_HASHED.encode(given).encode()).hexdigest()[:16]


_ASKED = tuple(field.name for field in fields(Enquiry))


def load_rows(record: Mapping[str, Any]) -> Sequence[Sequence[Any]]:
    """One for each of the shortlist, unless some were left out."""
    loads: Any = record["loads"]
    return json.loads(zlib.decompress(b85decode(loads))) if isinstance(loads, str) else loads  # type: ignore[no-any-return]


def loads_of(
    record: Mapping[str, Any], considered: Sequence[str], network: Network
) -> dict[str, Load]:
    """The loads as they were seen; ``considered`` is the shortlist of the same enquiry, network,
    policy and limit.

    Raises ValueError if not all were kept.
    """
    at = datetime.fromisoformat(record["at"])
    rows = zip(considered, load_rows(record), strict=True)
    return {partner: _load(row, network.partners[partner], at) for partner, row in rows if row}


def _row(load: Load | None, partner: Partner, at: datetime) -> list[Any]:
    """``[seq, places, last offered in ms, this day, week, month, what differs from the profile]``,
    trailing zeros cut.

    ``seq`` counts from 1 here, so that no load at all is an empty row.
    """
    if load is None:
        return []
    day, week, month = period_keys(local_day(partner, at)) if load.made else ("", "", "")
    last = (
        round((load.last_offered - EPOCH) / timedelta(milliseconds=1)) if load.last_offered else 0
    )
    differs: dict[str, Any] = {} if load.active else {"active": False}
    if load.caps != partner.caps:
        differs["caps"] = [load.caps.open, load.caps.day, load.caps.week, load.caps.month]
        if load.caps.paced or load.caps.products:
            differs["caps"] += [load.caps.paced, dict(load.caps.products)]
        if load.caps.product_offers:
            differs["product_offers"] = {
                name: dict(most) for name, most in load.caps.product_offers.items()
            }
    if load.products and load.caps.products:
        differs["products"] = dict(load.products)
    made = load.made
    if made and (
        of_products := {
            key: n for key, n in made.items() if ":" in key and is_of(key, (day, week, month))
        }
    ):
        differs["made"] = of_products
    if load.turn:
        differs["turn"] = load.turn
    if load.figures is not NONE_YET and load.figures != NONE_YET:
        differs["figures"] = _cut(list(astuple(load.figures)))
    return _cut(
        [
            load.seq + 1,
            load.places,
            last,
            made.get(day, 0),
            made.get(week, 0),
            made.get(month, 0),
            differs,
        ]
    )


def _cut(row: list[Any]) -> list[Any]:
    while row and not row[-1]:
        row.pop()
    return row


def _load(row: Sequence[Any], partner: Partner, at: datetime) -> Load:
    seq, places, last, day, week, month = (int(n) for n in [*row[:6], *[0] * (6 - len(row))])
    differs = row[6] if len(row) > 6 else {}
    return Load(
        partner.id,
        active=differs.get("active", True),
        caps=_caps(differs) if "caps" in differs else partner.caps,
        places=places,
        made={
            key: n
            for key, n in zip(period_keys(local_day(partner, at)), (day, week, month), strict=True)
            if n
        }
        | {key: int(n) for key, n in differs.get("made", {}).items()},
        last_offered=EPOCH + timedelta(milliseconds=last) if last else None,
        products={product: int(n) for product, n in differs.get("products", {}).items()},
        turn=int(differs.get("turn", 0)),
        figures=Figures(*(int(n) for n in differs.get("figures", ()))),
        seq=seq - 1,
    )


def _caps(differs: Mapping[str, Any]) -> Caps:
    return replace(Caps(*differs["caps"]), product_offers=differs.get("product_offers", {}))


def _size(record: Mapping[str, Any]) -> int:
    return len(_KEPT.encode(record).encode())
