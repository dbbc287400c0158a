"""Every refusal the product can give, as one tree.

RelayError
├── InvalidInput            what was sent is wrong; names each field            (422)
│   ├── DifferentBody       the same submission key came with another body      (422)
│   ├── Malformed           the body cannot be read at all                      (400)
│   ├── NotesFull           no further note can be kept with the enquiry        (422)
│   ├── TooLarge            the body is larger than we take                     (413)
│   └── UnsupportedType     the body is neither JSON nor a form                 (415)
├── NotFound                no such lead, partner, form or programme version    (404)
│   └── Erased              the enquiry is over, and who asked was erased       (410)
├── WrongMethod             the address is asked for in another way             (405)
├── LinkRefused             the link is not ours, or was revoked                (403)
├── NotAllowed              the key lacks the scope                             (403)
├── KeyRefused              no API key, or one we do not know                   (401)
├── Gone                    the lead's state no longer permits this action      (409)
├── NewerData               newer code wrote it, and only that code reads it    (503)
└── Conflict                somebody else committed first                       (409)
    ├── VersionConflict     the lead changed since it was read
    ├── PartnerChanged      a partner's profile is not the version that was read        (412)
    ├── ChangedMeanwhile    the lead changed since somebody at HQ looked at it
    ├── VersionNeeded       it would be taken from its owner: say which version you read (428)
    ├── LeadExists          this submission already made a lead
    ├── ContactChanged      another enquiry of the same contact was stored in between
    └── CapacityConflict    a chosen partner's load changed since it was read
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from routing_core.domain.values.sentence import worded


class RelayError(Exception):
    """Base of every refusal; its text is safe to show to the person who caused it."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with one field.

    ``field`` is a path as the sender wrote it (``contact.email``, ``row 3, territories``,
    ``offers[0].window``); ``code`` is a stable word that templates translate; ``message`` says in
    English what would be right.
    """

    field: str
    code: str
    message: str
    hints: tuple[tuple[str, str], ...] = ()
    """The values that templates put into their sentence, each under its name.

    ``like`` is an example, ``meant`` what the person may have wanted to write, ``options`` the
    words that would do, ``country`` whose postcode was asked for, ``callback`` says that the number
    can be read, but nobody can be called back there; ``most`` is how long a text may be, how large
    a file, or how many there may be, and ``written`` how long it is.
    """


class InvalidInput(RelayError):
    """Something that was sent is wrong; this names every problem found, never only the first."""

    def __init__(self, problems: Iterable[Problem]):
        self.problems = tuple(problems)
        super().__init__("; ".join(f"{p.field}: {p.message}" for p in self.problems))


MOST_TOLD = 100
"""At most so many problems of one list or document are told.

Who reads them mends the first ones first.
"""


def first_problems(problems: Sequence[Problem]) -> list[Problem]:
    """Give the first hundred problems and, where there are more, that there are."""
    if len(problems) <= MOST_TOLD:
        return list(problems)
    return [
        *problems[:MOST_TOLD],
        Problem(
            "file",
            "too_many_errors",
            worded("more_errors", "has more errors; these are the first"),
        ),
    ]


class DifferentBody(InvalidInput):
    """The submission key was used before with other content; the first lead stands."""

    def __init__(self) -> None:
        super().__init__(
            [
                Problem(
                    "submission_id",
                    "different_body",
                    "was used before with other content: use a new one",
                )
            ]
        )


class Malformed(InvalidInput):
    """What was sent is not in the form that it says it is in."""

    def __init__(self, message: str) -> None:
        super().__init__([Problem("body", "malformed", message)])


class TooLarge(InvalidInput):
    """What was sent is longer than anybody needs."""

    def __init__(self, most: int) -> None:
        super().__init__([Problem("body", "too_large", f"is too large: at most {most // 1024} kB")])


class UnsupportedType(InvalidInput):
    """The body is of a content type that we do not read.

    ``kind`` is the type that was stated, empty if none was.
    """

    def __init__(self, kind: str) -> None:
        stated = f"comes as {kind[:60]}" if kind else "comes without a content type"
        message = f"{stated}: send application/json, application/x-www-form-urlencoded or multipart/form-data"
        super().__init__([Problem("body", "unsupported_type", message)])


class NotesFull(InvalidInput):
    """The lead keeps as many notes already as it can."""

    def __init__(self, most: int) -> None:
        super().__init__(
            [Problem("text", "notes_full", f"can no longer be kept: {most} notes are kept already")]
        )


class NotFound(RelayError):
    """There is nothing of that name, or nothing that the reader may see."""


class NewerData(RelayError):
    """Newer code wrote it so, and only newer code can read it.

    A deployment is under way, or was rolled back: what is refused stays as it is, and whatever
    wanted it is tried again until newer code takes it.
    """


class WrongMethod(RelayError):
    """There is something at this address, and it is asked for in another way.

    ``allowed`` names the ways.
    """

    def __init__(self, allowed: tuple[str, ...]) -> None:
        super().__init__(f"this address answers {', '.join(allowed)}")
        self.allowed = allowed


class Erased(NotFound):
    """The lead's personal data are erased."""


class LinkRefused(RelayError):
    """The link was never ours, or opens nothing any more."""


class NotAllowed(RelayError):
    """The reader of the link has no right to that."""


class KeyRefused(RelayError):
    """The API key is missing, unknown or ended."""


class Gone(RelayError):
    """What was asked for was possible once, and is decided by now."""


class Conflict(RelayError):
    """Somebody else did something at the same time."""


class VersionConflict(Conflict):
    """Somebody else saved it in between; it may be read and saved again."""


class ChangedMeanwhile(Conflict):
    """A lead has changed since whoever decides about it saw it.

    They are told what has happened since that version, and decide again.
    """

    def __init__(self, seen: int, happened: Iterable[str]):
        self.seen = seen
        told = ", ".join(happened)
        super().__init__(
            f"the lead has changed since version {seen}: {told}; read it again, then decide"
        )


class PartnerChanged(Conflict):
    """A partner's profile has changed since whoever saves it read it, and nothing was saved.

    ``version`` is the one it has now, 0 if there is none; ``changes`` say what was changed since by
    whom, the newest first.
    """

    def __init__(self, version: int, changes: Iterable[Mapping[str, Any]] = ()):
        self.version = version
        self.changes = tuple(changes)
        super().__init__(
            "the partner has changed since you read it: read it again, then send your change"
        )


class VersionNeeded(Conflict):
    """Nobody takes a lead from its owner without having seen that it has one."""

    def __init__(self, owner: str):
        self.owner = owner
        super().__init__(
            f"{owner} has accepted this lead: read it and send its ETag as If-Match, or If-Match: * to take it away "
            "from whoever has it"
        )


class LeadExists(Conflict):
    """The lead of that submission key is stored already."""


class ContactChanged(Conflict):
    """Another enquiry of the same contact was stored in between."""


class CapacityConflict(Conflict):
    """The load of a chosen partner, whom ``partner`` names, changed since it was read."""

    def __init__(self, partner: str):
        self.partner = partner
        super().__init__(f"the load of {partner} changed")
