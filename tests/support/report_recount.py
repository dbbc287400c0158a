"""What HQ's report says, counted again from the event rows alone.

Written without anything of ``routing_core.reporting``: no columns, no stages, no stamps of leads,
but one diary a lead, from which each figure is counted by looking. What was undone is struck out of
the diary first, and with it an acceptance that was given back at once.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from routing_core.domain.calendar.business_time import Calendar, open_time
from routing_core.domain.events import CommitRecord
from routing_core.domain.lead import Context, Lead

OPEN = ("nurture", "waiting", "offered", "accepted", "contacted", "quoted")
ENDS = ("won", "lost", "unplaced", "rejected", "withdrawn")
Entry = tuple[datetime, str, dict[str, Any], Mapping[str, Any] | None]
STEPS = {"lead.contacted", "lead.quoted", "lead.won", "lead.lost"}


def clean(rows: Sequence[CommitRecord]) -> list[Entry]:
    """Strike out what was undone."""
    diary: list[Entry] = []
    for row in rows:
        for fact in row.events:
            data = fact.to_data()
            if fact.kind == "lead.undone":
                last = max(i for i, entry in enumerate(diary) if entry[1] == f"lead.{data['of']}")
                del diary[last]
            else:
                diary.append((row.at, fact.kind, data, row.decision))
    for at, kind, data, _ in list(diary):
        if kind == "offer.returned":
            accepted = max(
                i
                for i, entry in enumerate(diary)
                if entry[1] == "offer.accepted" and entry[2]["offer"] == data["offer"]
            )
            diary = [
                entry
                for i, entry in enumerate(diary)
                if not (i >= accepted and entry[0] < at and entry[1] in {"offer.accepted", *STEPS})
            ]
    return diary


@dataclass
class Diary:
    lead: Lead
    entries: list[Entry]
    context: Context | None

    def kinds(self, *kinds: str) -> Iterator[Entry]:
        return (entry for entry in self.entries if entry[1] in kinds)

    def state(self, at: datetime) -> tuple[str, str]:
        """The stage just before an instant, and the owner."""
        stage, owner = "", ""
        pending: set[int] = set()
        seen: datetime | None = None
        for when, kind, data, _ in self.entries:
            if when >= at:
                break
            if seen is not None and when != seen and stage == "offered" and not pending:
                stage = "waiting"
            seen = when
            number = data.get("offer", 0)
            match kind:
                case "lead.received":
                    stage = str(data["next"])
                    stage = {"joined": "repeat", "hq_queue": "waiting"}.get(stage, stage)
                case "lead.quarantined":
                    stage = "held"
                case "repeat.found" | "lead.joined":
                    stage = "repeat"
                case "lead.served" if data["outcome"] in ("won", "lost"):
                    stage = "settled"
                case "attachment.ended" | "lead.queued" | "lead.held" | "lead.followed_up":
                    stage = "waiting"
                case "lead.nurtured":
                    stage = "nurture"
                case "offer.made":
                    pending.add(number)
                    stage = "offered"
                case "offer.accepted":
                    pending.discard(number)
                    stage, owner = "accepted", data["partner"]
                case "offer.declined" | "offer.expired" | "lead.claimed":
                    pending.discard(number)
                case "offer.withdrawn":
                    if owner == data["partner"] and number not in pending:
                        stage, owner = "waiting", ""
                    pending.discard(number)
                case "offer.returned":
                    pending.discard(number)
                    stage, owner = "waiting", ""
                case "lead.returned" | "lead.handed_over" | "contact.retracted":
                    stage, owner = "waiting", ""
                case "lead.contacted" | "lead.quoted" | "lead.won" | "lead.lost":
                    stage = kind.removeprefix("lead.")
                case "lead.closed":
                    if data["reason"] == "returned":
                        stage = "lost"
                    elif data["reason"] != "rejected":
                        stage = "unplaced"
                case "lead.rejected" | "lead.withdrawn":
                    apart = {"held": "spam", "repeat": "settled"}
                    stage = apart.get(stage) or kind.removeprefix("lead.")
                case "lead.erased" if stage == "held":
                    stage = "spam"
        if stage == "offered" and not pending:
            stage = "waiting"
        return stage, owner

    def changes(self, until: datetime) -> Iterator[tuple[datetime, str, str, str]]:
        """When, from which stage, to which, and whose then."""
        before = ""
        for when in sorted({entry[0] for entry in self.entries}):
            if when >= until:
                return
            after, owner = self.state(when + timedelta(microseconds=1))
            if after != before:
                yield when, before, after, owner
            before = after

    def entered(self, until: datetime) -> datetime | None:
        """When it began to count."""
        return next(
            (
                when
                for when, before, after, _ in self.changes(until)
                if after in OPEN and before not in OPEN and before not in ENDS
            ),
            None,
        )

    def first(self, until: datetime, *kinds: str) -> datetime | None:
        return next((entry[0] for entry in self.kinds(*kinds) if entry[0] < until), None)

    def ended(self, until: datetime) -> tuple[datetime, str] | None:
        """When and how it ended, if that still stands."""
        found = None
        for when, _, after, _ in self.changes(until):
            found = (when, after) if after in ENDS else None
        return found


@dataclass
class AskedOnce:
    """An offer, as the diary tells of it up to an instant."""

    lead: Diary
    number: int
    partner: str
    kind: str
    made: datetime
    until: datetime
    end: str = "pending"
    decided: datetime | None = None
    answered: datetime | None = None
    seen: bool = False
    reason: str = ""
    contact_by: datetime | None = None
    accepted: datetime | None = None
    left: str = ""
    left_at: datetime | None = None
    left_why: str = ""
    begins: datetime | None = None


def offers_of(diary: Diary) -> dict[int, AskedOnce]:
    offers: dict[int, AskedOnce] = {}
    owner: AskedOnce | None = None
    for at, kind, data, _ in diary.entries:
        if kind == "offer.made":
            offers[data["offer"]] = AskedOnce(
                diary,
                data["offer"],
                data["partner"],
                data["kind"],
                at,
                datetime.fromisoformat(data["until"]),
            )
            continue
        each = offers.get(data.get("offer", 0))
        if kind == "contact.retracted":
            each = owner
        if each is None:
            continue
        match kind:
            case "offer.seen":
                each.seen = True
            case "offer.shortened" | "offer.unsent":
                each.until = datetime.fromisoformat(data["until"])
            case "offer.sent_late":
                each.begins = datetime.fromisoformat(data["begins"])
                each.until = datetime.fromisoformat(data["until"])
            case "offer.accepted":
                each.end, each.decided, each.accepted, each.seen = "accepted", at, at, True
                each.answered = each.answered or at
                each.contact_by = datetime.fromisoformat(data["contact_by"])
                owner = each
            case "offer.declined":
                released = data["reason"] == "released"
                each.end, each.decided = "released" if released else "declined", at
                if not released:
                    each.answered, each.seen, each.reason = at, True, data["reason"]
            case "offer.expired":
                each.end, each.decided = "lapsed", at
            case "lead.claimed":
                each.end, each.decided, each.answered, each.seen = "existing", at, at, True
            case "offer.withdrawn" if each.accepted:
                each.left, each.left_at = "passed", at
            case "offer.withdrawn" if each.end == "pending":
                each.end = "taken" if data["why"] == "taken" else "withdrawn"
                each.decided = at
            case "offer.returned":
                each.end, each.decided, each.answered, each.accepted = "mistaken", at, None, None
                each.contact_by = None
            case "lead.returned":
                each.left, each.left_at, each.left_why = "returned", at, data["reason"]
            case "lead.handed_over":
                each.left, each.left_at = "passed", at
            case "contact.retracted":
                each.left, each.left_at = "retracted", at
    for each in offers.values():
        following = offers.get(each.number + 1)
        if each.left == "returned" and following and following.kind == "assigned":
            # HQ gave it to them again: the return did not stand.
            each.left = "passed" if following.partner == each.partner else each.left
    return offers


@dataclass
class ReportRecount:
    start: datetime
    end: datetime
    neutral: frozenset[str]
    calendar_of: Callable[[str], Calendar | None]
    weight_of: Callable[[str], int]
    diaries: list[Diary] = field(default_factory=list)
    offers: list[AskedOnce] = field(default_factory=list)

    def add(self, lead: Lead, rows: Sequence[CommitRecord], context: Context | None) -> None:
        diary = Diary(lead, clean(rows), context)
        if diary.entries and diary.entries[0][0] < self.end:
            self.diaries.append(diary)
            self.offers += offers_of(diary).values()

    def inside(self, at: datetime | None) -> bool:
        return at is not None and self.start <= at < self.end

    # ── leads ───────────────────────────────────────────────────────────────────────────────────

    def line(self) -> Counter[str]:
        line: Counter[str] = Counter()
        for diary in self.diaries:
            line["open_at_start"] += diary.state(self.start)[0] in OPEN
            line["open_at_end"] += diary.state(self.end)[0] in OPEN
            line["held"] += diary.state(self.end)[0] == "held"
            for when, before, after, _ in diary.changes(self.end):
                if when < self.start:
                    continue
                if after in OPEN and before not in OPEN:
                    line["reopened" if before in ENDS else "received"] += 1
                if before in OPEN and after in ENDS:
                    line[after] += 1
                line["became_repeats"] += before in OPEN and after == "repeat"
                line["repeats"] += before not in OPEN and after == "repeat"
                line["spam"] += after == "spam"
        return line

    def cohort(self) -> list[Diary]:
        return [diary for diary in self.diaries if self.inside(diary.entered(self.end))]

    def spoken(self, diary: Diary) -> datetime | None:
        return diary.first(self.end, "lead.contacted", "lead.quoted", "lead.won")

    def placed(self, diary: Diary) -> datetime | None:
        return diary.first(self.end, "offer.accepted")

    def quoted(self, diary: Diary) -> datetime | None:
        return diary.first(self.end, "lead.quoted", "lead.won")

    def value(self, diaries: Iterable[Diary]) -> dict[str, Decimal]:
        total: dict[str, Decimal] = {}
        for diary in diaries:
            *_, data = [entry[2] for entry in diary.kinds("lead.won")]
            if data.get("value"):
                currency = data["currency"]
                total[currency] = total.get(currency, Decimal(0)) + Decimal(data["value"])
        return total

    def ended(self, how: str) -> list[Diary]:
        found = []
        for diary in self.diaries:
            end = diary.ended(self.end)
            if end and self.inside(end[0]) and end[1] == how:
                found.append(diary)
        return found

    # ── partners ────────────────────────────────────────────────────────────────────────────────

    def measured(self, offer: AskedOnce, to: datetime) -> int:
        calendar = self.calendar_of(offer.partner)
        begins = offer.begins or offer.made
        if calendar and open_time(begins, offer.until, calendar):
            return int(open_time(begins, to, calendar).total_seconds())
        return int((to - begins).total_seconds())

    def waited(self, offers: Iterable[AskedOnce]) -> list[tuple[int, bool]]:
        """Seconds, and whether they are all that it took."""
        times = []
        for offer in offers:
            if not self.inside(offer.decided):
                continue
            if offer.answered is not None:
                times.append((self.measured(offer, offer.answered), True))
            elif offer.end == "lapsed":
                times.append((self.measured(offer, offer.until), False))
        return times

    def theirs(self, offer: AskedOnce, *kinds: str) -> datetime | None:
        """When the owner by that offer first did so."""
        for at, kind, data, _ in offer.lead.entries:
            if offer.accepted is None or at < offer.accepted:
                continue
            if offer.left_at is not None and at >= offer.left_at:
                continue
            if kind in kinds and data.get("partner") == offer.partner:
                return at
        return None

    def spoken_by(self, offer: AskedOnce) -> datetime | None:
        return self.theirs(offer, "lead.contacted", "lead.quoted", "lead.won")

    def lead_ended(self, offer: AskedOnce, until: datetime) -> datetime | None:
        end = offer.lead.ended(until)
        return end[0] if end else None

    def sla(self, offers: Iterable[AskedOnce]) -> tuple[int, int]:
        met = of = 0
        for offer in offers:
            by = offer.contact_by
            if by is None or not self.inside(by):
                continue
            spoken = self.spoken_by(offer)
            if spoken is not None and spoken <= by:
                met, of = met + 1, of + 1
                continue
            ends = [offer.left_at, self.lead_ended(offer, by + timedelta(seconds=1))]
            if not any(end is not None and end <= by for end in ends):
                of += 1
        return met, of

    def calls(self, offers: Iterable[AskedOnce]) -> list[tuple[int, bool]]:
        times = []
        for offer in offers:
            if offer.accepted is None or not self.inside(offer.decided):
                continue
            spoken = self.spoken_by(offer)
            left = offer.left_at if offer.left_at and offer.left_at < self.end else None
            if spoken is not None and spoken < self.end:
                times.append((_seconds(spoken - offer.accepted), True))
            else:
                until = left or self.lead_ended(offer, self.end) or self.end
                times.append((_seconds(until - offer.accepted), False))
        return times

    def entitled(self) -> dict[str, Fraction]:
        """Weights alone, one offer at a time: the heavy ones never have more than one."""
        shares: defaultdict[str, Fraction] = defaultdict(Fraction)
        for diary in self.diaries:
            for at in sorted({entry[0] for entry in diary.entries}):
                made = [
                    entry
                    for entry in diary.kinds("offer.made")
                    if entry[0] == at and entry[2]["kind"] == "routed"
                ]
                if made and made[0][3] and self.inside(at):
                    names = [each["partner"] for each in made[0][3]["ranked"]]
                    weights = {name: self.weight_of(name) for name in names}
                    total = sum(weights.values())
                    for name in names:
                        share = Fraction(weights[name], total) if total else Fraction(1, len(names))
                        shares[name] += share * len(made)
        return shares


def _seconds(length: timedelta) -> int:
    return int(length.total_seconds())


def quantile(times: Sequence[tuple[int, bool]], left: Fraction) -> int | None:
    """Kaplan and Meier by the book: exact fractions, ties together, events before what is
    censored.
    """
    survival = Fraction(1)
    for time in sorted({time for time, _ in times}):
        at_risk = sum(each >= time for each, _ in times)
        done = sum(each == time and event for each, event in times)
        survival *= Fraction(at_risk - done, at_risk)
        if done and survival <= left:
            return time
    return None
