"""Notes on a lead, with who wrote them and when."""

from dataclasses import dataclass
from datetime import datetime

from routing_core.domain.lead import Context, Note
from routing_core.domain.programme.programme import Programme
from routing_core.present.explain.who_at_hq import who_at_hq
from routing_core.present.locale_context import LocaleContext
from routing_core.present.safe import line

NAMED_AUTHORS = ("partner", "hq", "repeat")
"""Authors who have a name of their own in the catalogue; whatever else wrote, was the prospect."""


@dataclass(frozen=True, slots=True)
class ToldNote:
    """One note as a page or a mail tells it."""

    by: str
    """The author in words: ``The customer``."""
    when: str
    """The instant it was written, in words."""
    text: str
    """The note as it was typed."""


def own_notes(context: Context, locale: LocaleContext) -> tuple[ToldNote, ...]:
    """Give what the prospect wrote, for the prospect, in order.

    Partners' and HQ's notes are not for them, nor is what somebody else typed whose enquiry was
    once merged into theirs.
    """
    by = locale.translate("status.you")
    mine = [note for note in context.notes if note.by == "prospect"]
    mine.sort(key=_written_at)
    return tuple(ToldNote(by, locale.when(note.at), note.text) for note in mine)


def told_notes(
    context: Context | None, programme: Programme, locale: LocaleContext
) -> tuple[ToldNote, ...]:
    """Give all notes of a lead, the newest first; none once its context was erased."""
    if context is None:
        return ()
    newest_first = sorted(context.notes, key=_written_at, reverse=True)
    return tuple(
        ToldNote(note_author(note, programme, locale), locale.when(note.at), note.text)
        for note in newest_first
    )


def hq_notes(
    context: Context | None, programme: Programme, locale: LocaleContext
) -> tuple[ToldNote, ...]:
    """Give all notes for somebody at HQ, who reads which colleague wrote HQ's; the newest first."""
    if context is None:
        return ()
    told = []
    for note in sorted(context.notes, key=_written_at, reverse=True):
        side, _, who = note.by.partition(":")
        author = note_author(note, programme, locale)
        named = who_at_hq(who, locale, programme) if side == "hq" else ""
        by = f"{author} ({line(named)})" if named else author
        told.append(ToldNote(by, locale.when(note.at), note.text))
    return tuple(told)


def note_author(note: Note, programme: Programme, locale: LocaleContext) -> str:
    """Say who wrote a note. Only the side is told: which person of it is nobody else's business."""
    if note.asked:
        return locale.translate("common.note_by.question", brand=programme.brand.name)
    if note.answered_by:
        return locale.translate("common.note_by.answer")
    side = note.by.partition(":")[0]
    if side not in NAMED_AUTHORS:
        side = "prospect"
    return locale.translate(f"common.note_by.{side}", brand=programme.brand.name)


def _written_at(note: Note) -> datetime:
    return note.at
