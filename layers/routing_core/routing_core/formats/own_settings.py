"""What a list of HQ's may do to what partners set themselves, and to what mail has taught us.

A list was written at some time, and the world went on without it. So a list takes nothing back by
what it does not say:

    paused      empty   stays as the partner has it
                yes     paused
                no      takes enquiries again
    absences    empty   stay
                2026-12-24 to 2027-01-06        added to those that are there
                only 2026-12-24 to 2027-01-06   this one instead of all others
                none    all are taken away
    extra_open  empty   stays as it is
                2 until 2026-12-31      two more than the cap, for so long
                none    ends
    confirmed   empty   stays
                yes     HQ vouches for this address
                no      it is asked again

In JSON, ``"paused": false`` and ``"absences": []`` are as good as empty, because every document
that was read says so of partners who have neither; the words are the same. And what a list says in
the same words as the list before it is no decision of HQ's: the partner may have changed it since,
or mail may have come back.

Which fields these are, the document says (``OwnSetting`` in ``partner_document``).
"""

import json
from collections.abc import Mapping
from typing import Any

from routing_core.domain.absences import with_absence
from routing_core.domain.partner import Absence, Partner
from routing_core.formats.partner_cells import absence, absence_list, replaces_absences
from routing_core.formats.partner_columns import OWN_SETTINGS

LONGEST_WORDS = 2_000
"""Characters of what a list said that are kept to compare the next list with."""


def as_list_means_it(
    document: Mapping[str, Any], previous: Partner | None
) -> tuple[dict[str, Any], dict[str, str]]:
    """Give the document without what changes nothing, and what HQ's lists have said so far.

    The latter is to be kept with the partner: field → the words of the last list that said
    something.
    """
    said = dict(previous.listed) if previous else {}
    meant = dict(document)
    for name, setting in OWN_SETTINGS.items():
        if name not in document:
            continue
        value = document[name]
        if value in setting.nothing:
            said.pop(name, None)
            del meant[name]
            continue
        words = _words(name, document)
        if previous and said.get(name) == words:
            del meant[name]
            continue
        said[name] = words
        if name == "absences":
            meant[name] = _absences(value, previous)
    return meant, said


def _words(name: str, document: Mapping[str, Any]) -> str:
    said = document[name]
    if name == "confirmed":
        # An address is vouched for, not a partner: the same yes for another one is news.
        contact = document.get("contact")
        said = [said, contact.get("email") if isinstance(contact, Mapping) else ""]
    return json.dumps(said, ensure_ascii=False, sort_keys=True, default=str)[:LONGEST_WORDS]


def _absences(value: Any, previous: Partner | None) -> Any:
    """Give what is there, and what the list names beside it."""
    try:
        named = [absence(each) for each in absence_list(value)]
    except (TypeError, ValueError):
        return value  # whoever reads the document says what is wrong with it
    if previous is None or replaces_absences(value):
        return named
    absences = previous.absences
    for new in named:
        absences = _added(absences, new)
    return list(absences)


def _added(absences: tuple[Absence, ...], new: Absence) -> tuple[Absence, ...]:
    """Add an absence, unless one that is there covers it."""
    for each in absences:
        if each.first <= new.first and new.last <= each.last:
            return absences
    return with_absence(absences, new)
