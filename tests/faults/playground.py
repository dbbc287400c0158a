"""Where the games are played: three programmes in which much can happen, a small network, and what
people press.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from routing_core.domain.partner import Caps, Partner
from routing_core.domain.territory.territory import Territory
from tests.faults.stages import SOON
from tests.support.builders import a_partner
from tests.support.world import a_programme, munich

POSTCODES = ("80331", "80995", "86150", "25980")
"""Three partners, two, one, nobody; in the programme with waves twelve more at the first."""
PEOPLE = tuple((f"person{n}@posteo.de", f"+49899999{n:05d}") for n in range(4))

Form = Mapping[str, str]
FIRM = "werk-beispiel.de"
"""Where several people ask for one firm, some by its one telephone."""
AGAIN: Mapping[str, Form] = {
    "the same": {},
    "other words": {"message": "It is urgent by now."},
    "another number": {"phone": "+498999998668"},
    "another name": {"name": "Erika Muster"},
    "another house of theirs": {"postcode": "80995", "street": "Hinterhaus 7"},
    "a wrong postcode": {"postcode": "86150"},
    "more pressing": {"urgency": "emergency"},
    "somebody else by that address": {
        "name": "Mallory",
        "phone": "+498999998666",
        "message": "Do not call.",
    },
    "somebody else by that number": {"name": "Max Beispiel", "email": "max@posteo.de"},
}
"""How somebody who is known asks once more: the first four go along with the first where its
partner may have both.
"""
ANSWERS: tuple[Form, ...] = (
    {"action": "accept"},
    {"action": "decline", "reason": "busy"},
    {"action": "decline", "reason": "customer"},
    {"action": "wait"},
    {"action": "return"},
    {"action": "release"},
)
STEPS_AFTER: tuple[Form, ...] = (
    {"action": "attempt", "text": "no answer"},
    {"action": "contacted"},
    {"action": "quoted", "value": "13000"},
    {"action": "won", "value": "12500"},
    {"action": "lost", "reason": "price"},
    {"action": "undo"},
    {"action": "note", "text": "called twice"},
)
RETURNS: tuple[Form, ...] = (
    {"action": "return"},
    *(
        {"action": "give_back", "reason": reason}
        for reason in ("far", "wrong", "withdrew", "unreachable")
    ),
)
WISHES: tuple[Form, ...] = (
    {"action": "withdraw"},
    {"action": "note", "text": "please hurry"},
    {"action": "ready"},
    {"action": "not_called"},
    {"action": "called"},
    {"action": "phone", "phone": "+49 89 99998125"},
    {"action": "postcode", "postcode": "86150"},
    {"action": "postcode", "postcode": "80331"},
)


class History(NamedTuple):
    """How a game begins, for each of its first leads."""

    pressed: tuple[Form, ...] = ()
    """By the first partner asked."""
    decided: Form | None = None
    """What HQ says then."""
    minutes: int = 0
    """That pass then."""


ACCEPT, DECLINE, CLAIM = ANSWERS[:3]
HISTORIES = (
    History(),
    History((ACCEPT,)),
    History((ACCEPT, STEPS_AFTER[1]), minutes=30),
    History((ACCEPT, STEPS_AFTER[0]), minutes=60),
    History((ACCEPT, {"action": "colleague", "email": "a.colleague@example.com"})),
    History((ACCEPT, {"action": "hq", "text": "Not for us after all."})),
    History((ACCEPT, {"action": "return"})),
    History((DECLINE,)),
    History((CLAIM,)),
    History((CLAIM,), {"action": "grant"}),
    History((CLAIM,), {"action": "release"}),
    History((CLAIM,), minutes=65),
    History(minutes=125),
    History(minutes=250),
)


def programmes() -> list[Any]:
    busy = {"id": "busy", "label": {"en": "No capacity", "de": "Keine Kapazität"}}
    customer = {
        "id": "customer",
        "label": {"en": "Our customer", "de": "Unser Kunde"},
        "neutral": True,
    }
    common = SOON | {
        "decline_reasons": [busy, customer | {"then": "claim"}],
        "return_within": {"minutes": 2000},
        "return_reasons": [
            {"id": "far", "label": {"en": "Far", "de": "Weit"}, "then": "route"},
            {
                "id": "wrong",
                "label": {"en": "Wrong", "de": "Falsch"},
                "then": "review",
                "unreached": True,
            },
            {
                "id": "withdrew",
                "label": {"en": "Withdrew", "de": "Zurück"},
                "then": "close",
                "neutral": True,
            },
            {
                "id": "unreachable",
                "label": {"en": "Silent", "de": "Still"},
                "then": "close",
                "needs": {"attempts": 2, "days": 1, "after": None},
            },
        ],
        "qualification": {
            "offer_from": 20,
            "nurture_from": 5,
            "nurture": {"ask_after_days": 2, "close_after_days": 4},
            "points": [
                {
                    "field": "owner",
                    "is": "owner",
                    "points": 20,
                    "because": {"en": "Owner", "de": "Eigentümer"},
                },
                {
                    "field": "owner",
                    "is": "tenant",
                    "points": -10,
                    "because": {"en": "Tenant", "de": "Mieter"},
                },
                {
                    "field": "urgency",
                    "is": "soon",
                    "points": 10,
                    "because": {"en": "Soon", "de": "Bald"},
                },
                {
                    "field": "message",
                    "is": "present",
                    "points": 5,
                    "because": {"en": "Wrote", "de": "Text"},
                },
            ],
        },
        "lapses": {"unseen_to_hq": 2, "pause": 3},
    }
    share = [
        {"window": {"minutes": 120}, "on_lapse": "share", "partners": 3, "total": {"minutes": 600}},
        {
            "when": {"urgency": "emergency"},
            "window": {"minutes": 30},
            "partners": 2,
            "total": {"minutes": 60},
        },
    ]
    follow_up = {"retry_every": {"minutes": 600}, "give_up_after": {"minutes": 1500}}
    to_hq = follow_up | {"then": "hq"}
    return [
        a_programme(
            **common, offers=share, fallback={"hq_hold": {"minutes": 60}, "follow_up": follow_up}
        ),
        a_programme(
            **common,
            offers=[rule | {"closed": "hold"} for rule in share],
            fallback={"hq_hold": {"minutes": 60}, "follow_up": to_hq, "backup_partner": "backup"},
            promise=[{"within": {"minutes": 90}}],
        ),
        a_programme(
            **common,
            repeat={"by": ["email", "phone", "domain"]},
            offers=[
                {
                    "window": {"minutes": 120},
                    "on_lapse": "share",
                    "waves": [2, "all"],
                    "total": {"minutes": 600},
                },
                {
                    "when": {"urgency": "emergency"},
                    "window": {"minutes": 30},
                    "waves": [1, 3],
                    "total": {"minutes": 60},
                },
            ],
            fallback={"hq_hold": {"minutes": 60}, "follow_up": follow_up},
        ),
    ]


def partners() -> list[Partner]:
    augsburg = (Territory.parse("DE 861*"), Territory.parse("DE 809*"))
    return [
        munich(1, caps=Caps(open=1)),
        munich(2, caps=Caps(open=2, day=3)),
        munich(3, territories=(Territory.parse("DE 803*"),), products=frozenset({"heat-pump"})),
        munich(4, territories=augsburg, caps=Caps(open=2, week=5)),
        a_partner("backup", territories=(Territory.parse("AT"),), caps=Caps(open=3)),
    ]


def a_crowd() -> list[Partner]:
    """So many that the last wave holds no places."""
    return [
        munich(n, tier=3, caps=Caps(open=1), territories=(Territory.parse("DE 80331"),))
        for n in range(5, 17)
    ]
