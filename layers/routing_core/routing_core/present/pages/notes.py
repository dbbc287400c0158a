"""Notes on a lead, with who wrote them and when."""

from dataclasses import dataclass

from routing_core.domain.lead import Context
from routing_core.domain.programme.programme import Programme
from routing_core.present.locale_context import LocaleContext


@dataclass(frozen=True, slots=True)
class ToldNote:
    by: str
    when: str
    text: str


def own_notes(context: Context, reader: LocaleContext) -> tuple[ToldNote, ...]:
    """What the prospect wrote, for the prospect; partners' and HQ's notes are not for them, nor
    what somebody else typed whose enquiry was once merged into theirs.
    """
    mine = [n for n in context.notes if n.by == "prospect"]
    return tuple(
        ToldNote(reader.t("status.you"), reader.when(n.at), n.text)
        for n in sorted(mine, key=lambda n: n.at)
    )


def told_notes(
    context: Context | None, programme: Programme, reader: LocaleContext
) -> tuple[ToldNote, ...]:
    """Newest first."""
    if context is None:
        return ()
    told = []
    for note in sorted(context.notes, key=lambda n: n.at, reverse=True):
        who = note.by.partition(":")[0]
        who = who if who in ("partner", "hq", "repeat") else "prospect"
        by = reader.t(f"common.note_by.{who}", brand=programme.brand.name)
        told.append(ToldNote(by, reader.when(note.at), note.text))
    return tuple(told)
