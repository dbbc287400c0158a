"""Write and read what is kept of a decision.

It is enough to explain it in sentences, and to make it again from what was known then. A record
names the versions of network and programme, the loads it saw and a hash over all it was given, so
that a replay can tell "the same inputs, the same answer" from "something is no longer known". It
stays under 8 kB, however crowded the place and whatever came of the decision: what does not fit is
counted instead of named. The loads go last of all: first they are packed, then some are left out,
which is said; such a decision cannot be replayed.
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
from routing_core.domain.partner import Caps, ExtraOpen, Load, Partner, is_of, period_keys
from routing_core.domain.partner_plain import extra_from_plain, extra_to_plain
from routing_core.domain.territory.territory import canonical_postcode
from routing_core.routing.decide.decision import Decision, ranking_keys
from routing_core.routing.decide.eligibility import local_day
from routing_core.routing.index.network import Network
from routing_core.routing.policy import Enquiry

RECORD_SCHEMA = 3
"""The schema that this code writes; it can replay no other."""
LARGEST_RECORD = 7_500
"""A record has at most so many bytes: an item has room for it beside everything else."""
SIZES = ((20, 5), (20, 2), (10, 2), (5, 1), (3, 0), (1, 0))
"""So many candidates, and examples of a reason, are named at most.

The first pair that fits ``LARGEST_RECORD`` counts.
"""
OWN_NAMES = frozenset(
    [
        "schema",
        "at",
        "network_version",
        "policy_version",
        "inputs",
        "limit",
        "chosen",
        "eligible",
        "shortlisted",
        "beyond",
        "ranked",
        "excluded",
        "backups",
        "loads",
        "loads_left_out",
        "nowhere",
    ]
)
"""Names everything in a record that comes of the decision itself, as it is stored."""

_HASHED = json.JSONEncoder(sort_keys=True, default=str, check_circular=False)
_KEPT = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TICK = timedelta(milliseconds=1)


def record_of(
    decision: Decision, network: Network, outcome: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Make a record, JSON-ready.

    Everything is counted, and as much of it named as fits beside the ``outcome``.
    """
    rows = _rows(decision, network)
    beside = {"nowhere": True} if _is_nowhere(decision, network) else {}
    record: dict[str, Any] = {}
    for sizes, loads in _what_to_keep(rows):
        record = {**_record(decision, *sizes), **beside, **loads, **(outcome or {})}
        if _size(record) <= LARGEST_RECORD:
            break
    return record


def outcome_in(record: Mapping[str, Any]) -> dict[str, Any]:
    """Read what a record was told of the outcome, that does not come of the decision itself."""
    return {name: value for name, value in record.items() if name not in OWN_NAMES}


def _is_nowhere(decision: Decision, network: Network) -> bool:
    """Tell whether it would have mattered where the enquiry is, and nobody has said."""
    country = decision.enquiry.country
    if network.point(country, canonical_postcode(country, decision.enquiry.postcode)):
        return False
    if decision.ranked and decision.ranked[0].chain.has("distance"):
        return True
    return network.measures(country)


def _rows(decision: Decision, network: Network) -> list[list[Any]]:
    # Those who were ranked were read anyway; of the others the network may have to read the
    # profile.
    known = {each.partner: each.standing.partner for each in decision.ranked}
    rows: list[list[Any]] = []
    for name in decision.considered:
        partner = known.get(name) or network.partners[name]
        rows.append(_row(decision.loads.get(name), partner, decision.at))
    return rows


def _what_to_keep(rows: Sequence[list[Any]]) -> Iterator[tuple[tuple[int, int], dict[str, Any]]]:
    """Give sizes and loads, from all to little.

    Rather the loads packed into a text than fewer names, and rather fewer names than fewer loads.
    """
    packed = ""
    for sizes in SIZES:
        yield sizes, {"loads": rows}
        # Packed once: of a record that fits at first it is never done.
        packed = packed or _packed(rows)
        yield sizes, {"loads": packed}
    kept = len(rows) * 2 // 3
    while kept:
        yield SIZES[-1], {"loads": _packed(rows[:kept]), "loads_left_out": len(rows) - kept}
        kept = kept * 2 // 3


def _packed(rows: Sequence[list[Any]]) -> str:
    text = json.dumps(rows, separators=(",", ":"))
    # As text, for the record is JSON; base 85 adds a quarter, zlib takes away far more.
    return b85encode(zlib.compress(text.encode(), 9)).decode()


def _record(decision: Decision, candidates: int, examples: int) -> dict[str, Any]:
    record: dict[str, Any] = {}
    if decision.backups:
        record["backups"] = [each.partner for each in decision.backups]
    first = decision.ranked[:candidates]
    keys = ranking_keys(first)
    record |= {
        "schema": RECORD_SCHEMA,
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
            {"partner": each.partner, "keys": its} for each, its in zip(first, keys, strict=True)
        ],
        "excluded": decision.excluded.counted(examples),
    }
    return record


def inputs_hash(decision: Decision) -> str:
    """Hash everything the decision was given.

    That is the enquiry, both versions, the instant and the loads.
    """
    enquiry = decision.enquiry
    asked = {name: getattr(enquiry, name) for name in _ENQUIRY_FIELDS}
    asked["tried"] = sorted(enquiry.tried)  # a set has no order of its own
    given = [
        asked,
        decision.network_version,
        decision.policy_version,
        decision.at.isoformat(),
        decision.limit,
        {partner: load.seq for partner, load in decision.loads.items()},
    ]
    return hashlib.sha256(_HASHED.encode(given).encode()).hexdigest()[:16]


# The names are hashed too: a field of ``Enquiry`` that changes its name makes all old records
# differ.
_ENQUIRY_FIELDS = tuple(field.name for field in fields(Enquiry))


# ── loads ─────────────────────────────────────────────────────────────────────────────────────────


def load_rows(record: Mapping[str, Any]) -> Sequence[Sequence[Any]]:
    """Read one row for each of the shortlist, unless some were left out."""
    loads: Any = record["loads"]
    if isinstance(loads, str):
        loads = json.loads(zlib.decompress(b85decode(loads)))
    return loads  # type: ignore[no-any-return]


def loads_of(
    record: Mapping[str, Any], considered: Sequence[str], network: Network
) -> dict[str, Load]:
    """Read the loads as they were seen.

    ``considered`` is the shortlist of the same enquiry, network, policy and limit. Raises
    ValueError if not all were kept.
    """
    at = datetime.fromisoformat(record["at"])
    loads: dict[str, Load] = {}
    for partner, row in zip(considered, load_rows(record), strict=True):
        if row:
            loads[partner] = _load(row, network.partners[partner], at)
    return loads


def _row(load: Load | None, partner: Partner, at: datetime) -> list[Any]:
    """Write what was seen of a load, as a short list.

    It is ``[seq, places, last offered in ms, this day, week, month, what differs from the
    profile]``. Trailing zeros are cut. ``seq`` counts from 1 here, so that no load at all is an
    empty row.
    """
    if load is None:
        return []
    last = round((load.last_offered - _EPOCH) / _TICK) if load.last_offered else 0
    # Most were offered nothing of late: then there is nothing to count.
    made = load.made
    periods = period_keys(local_day(partner, at)) if made else ("", "", "")
    day, week, month = periods
    differs = _differs(load, partner, periods)
    counts = (made.get(day, 0), made.get(week, 0), made.get(month, 0))
    return _cut([load.seq + 1, load.open_count, last, *counts, differs])


def _differs(load: Load, partner: Partner, periods: Sequence[str]) -> dict[str, Any]:
    """Write what a replay could not know from the partner's profile."""
    differs: dict[str, Any] = {}
    if not load.active:
        differs["active"] = False
    if load.caps != partner.caps:
        differs |= _caps_row(load.caps)
    if load.extra_open != partner.extra_open:
        differs["extra"] = extra_to_plain(load.extra_open)
    if load.products and load.caps.products:
        differs["products"] = dict(load.products)
    made_of_products = _made_of_products(load, periods) if load.made else {}
    if made_of_products:
        differs["made"] = made_of_products
    if load.pass_value:
        differs["turn"] = load.pass_value
    # Most have none: the identity spares a comparison of ten fields.
    if load.figures is not NONE_YET and load.figures != NONE_YET:
        differs["figures"] = _cut(list(astuple(load.figures)))
    return differs


def _made_of_products(load: Load, periods: Sequence[str]) -> dict[str, int]:
    return {key: n for key, n in load.made.items() if ":" in key and is_of(key, periods)}


def _caps_row(caps: Caps) -> dict[str, Any]:
    row: list[Any] = [caps.open, caps.day, caps.week, caps.month]
    if caps.paced or caps.products:
        row += [caps.paced, dict(caps.products)]
    if not caps.product_offers:
        return {"caps": row}
    return {
        "caps": row,
        "product_offers": {name: dict(most) for name, most in caps.product_offers.items()},
    }


def _cut(row: list[Any]) -> list[Any]:
    while row and not row[-1]:
        row.pop()
    return row


def _load(row: Sequence[Any], partner: Partner, at: datetime) -> Load:
    numbers = [int(number) for number in row[:6]]
    numbers += [0] * (6 - len(numbers))
    seq, places, last, *counts = numbers
    differs = row[6] if len(row) > 6 else {}
    made = dict(zip(period_keys(local_day(partner, at)), counts, strict=True))
    made = {key: number for key, number in made.items() if number}
    for key, number in differs.get("made", {}).items():
        made[key] = int(number)
    return Load(
        partner.id,
        active=differs.get("active", True),
        caps=_caps(differs) if "caps" in differs else partner.caps,
        extra_open=_extra(differs) if "extra" in differs else partner.extra_open,
        open_count=places,
        made=made,
        last_offered=_EPOCH + last * _TICK if last else None,
        products={product: int(number) for product, number in differs.get("products", {}).items()},
        pass_value=int(differs.get("turn", 0)),
        figures=Figures(*(int(number) for number in differs.get("figures", ()))),
        seq=seq - 1,
    )


def _caps(differs: Mapping[str, Any]) -> Caps:
    return replace(Caps(*differs["caps"]), product_offers=differs.get("product_offers", {}))


def _extra(differs: Mapping[str, Any]) -> ExtraOpen | None:
    return extra_from_plain(differs["extra"])


def _size(record: Mapping[str, Any]) -> int:
    return len(_KEPT.encode(record).encode())
