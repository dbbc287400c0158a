"""What HQ asks the owner of a lead: a question and its answer are notes, one after the other."""

from collections.abc import Sequence

from routing_core.domain.lead import OWNED, Lead, Note


def last_question(notes: Sequence[Note], partner: str) -> Note | None:
    """Give what HQ asked a partner last, answered or not; None if it asked them nothing."""
    return next((note for note in reversed(notes) if note.asked == partner), None)


def last_answer(notes: Sequence[Note], question: Note) -> Note | None:
    """Give the last answer to a question; None if there is none yet."""
    later = notes[notes.index(question) + 1 :]
    return next((note for note in reversed(later) if note.answered_by == question.asked), None)


def open_question(lead: Lead, notes: Sequence[Note]) -> Note | None:
    """Give the question that the owner of a lead has not answered yet; None if there is none.

    A newer question takes the place of an older one. Nobody is asked about what has ended.
    """
    if lead.owner is None or lead.status not in OWNED:
        return None
    question = last_question(notes, lead.owner)
    if question is None or last_answer(notes, question):
        return None
    return question


def question_mark(question: Note) -> str:
    """Tell one question of a lead from another: a page names by it the one that it showed."""
    return question.at.isoformat()
