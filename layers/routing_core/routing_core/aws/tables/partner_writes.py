"""Make the writes that save a partner: the profile, what LOAD repeats of it, and the history."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from routing_core.aws.codecs.change_items import change_to_item, fields_from_plain, fields_to_plain
from routing_core.aws.codecs.load_items import LoadAttribute, load_key
from routing_core.aws.codecs.partner_items import partner_to_item
from routing_core.aws.tables.dynamo import serialize_item
from routing_core.aws.tables.update_expression import UpdateExpression
from routing_core.domain.partner import Partner
from routing_core.domain.partner_history import (
    FieldChange,
    ProfileChange,
    profile_changes,
    with_pauser,
)
from routing_core.domain.partner_plain import (
    caps_to_plain,
    extra_to_plain,
    partner_from_plain,
    partner_to_plain,
)
from routing_core.domain.people import people

WRITES_A_PARTNER = 3
"""A save takes at most so many writes: the profile, LOAD, and the row of the history."""


class ProfileSave(NamedTuple):
    """A profile as it is to be saved, with what its history is to say of it."""

    partner: Partner
    """The profile, in the version that it will have."""
    changes: Sequence[FieldChange]
    """What is different from the version before."""
    by: str
    """Who saves it, as events name actors; empty for the product itself."""

    @classmethod
    def of(cls, partner: Partner, before: Partner | None, by: str) -> "ProfileSave":
        """Compare a profile with the one that it replaces; None = it is new."""
        saved = with_pauser(partner, before, by)
        return cls(saved, profile_changes(before, saved), by)

    def to_plain(self) -> dict[str, Any]:
        """Give it as plain data, for a list that is staged."""
        changes = fields_to_plain(self.changes)
        return {"partner": partner_to_plain(self.partner), "changes": changes, "by": self.by}


def read_profile_save(plain: Mapping[str, Any]) -> ProfileSave:
    """Read what was staged; older code staged the profile alone."""
    if "partner" not in plain:
        return ProfileSave(partner_from_plain(plain), (), "")
    changes = fields_from_plain(plain["changes"])
    return ProfileSave(partner_from_plain(plain["partner"]), changes, plain["by"])


def partner_writes(table: str, save: ProfileSave, now: datetime) -> list[dict[str, Any]]:
    """Give the writes that store a partner in the version it names, the profile's first."""
    partner = save.partner
    profile = {"TableName": table, "Item": serialize_item(partner_to_item(partner, now))}
    writes: list[dict[str, Any]] = [{"Put": profile}, {"Update": _load_of_profile(table, partner)}]
    if save.changes or partner.version == 1:
        change = ProfileChange(partner.version, now, save.by, tuple(save.changes))
        item = serialize_item(change_to_item(partner.id, change))
        writes.append({"Put": {"TableName": table, "Item": item}})
    return writes


def _load_of_profile(table: str, partner: Partner) -> dict[str, Any]:
    # LOAD repeats what a commit is conditioned on or a page has to know, so that neither reads the
    # profile. Its own counters stay.
    update = UpdateExpression()
    update.put(LoadAttribute.ACTIVE, partner.active)
    update.put("caps", caps_to_plain(partner.caps))
    extra = extra_to_plain(partner.extra_open)
    if extra:
        update.put(LoadAttribute.EXTRA_OPEN, extra)
    else:
        update.remove(LoadAttribute.EXTRA_OPEN)
    update.put("links", partner.links)
    update.put("people", people(partner))
    update.put("revoked", partner.revoked)
    update.put("ended", dict(partner.ended))
    update.add(LoadAttribute.OPEN_COUNT, 0)
    update.add(LoadAttribute.SEQUENCE, 1)
    key = {"TableName": table, "Key": serialize_item(load_key(partner.id))}
    return key | update.arguments()
