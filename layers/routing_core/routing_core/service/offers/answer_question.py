"""Takes what a partner answers to HQ's question about a lead of theirs."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from routing_core.domain.draft import Draft
from routing_core.domain.errors import InvalidInput, Problem
from routing_core.domain.events import QuestionAnswered
from routing_core.domain.lead import Lead, Note
from routing_core.domain.questions import last_answer, last_question, open_question, question_mark
from routing_core.domain.written_note import written_note
from routing_core.service.kernel.ports import Change


def answer_to_hq(
    lead: Lead, notes: Sequence[Note], partner: str, form: Mapping[str, str], now: datetime
) -> Change | None:
    """Give the change by which a partner answers what HQ asked last; None if it changes nothing.

    So it is without a question, and for the same answer once more; another one is added to the
    first. Raises InvalidInput (text) for an empty one, one that is too long, and where HQ
    has asked something else meanwhile.
    """
    question = last_question(notes, partner)
    if question is None:
        return None
    words = written_note(form.get("text", ""))
    if open_question(lead, notes):
        _check(words, form.get("question", ""), question)
    given = last_answer(notes, question)
    if not words or (given and given.text == words):
        return None
    draft = Draft(lead)
    asker = question.by.partition(":")[2]
    draft.add_event(QuestionAnswered(partner=partner, asker=asker))
    return Change(draft, note=Note(now, "partner", words, answered_by=partner))


def _check(words: str, mark: str, question: Note) -> None:
    """Raise InvalidInput for an answer that is empty, or that was given to another question."""
    if not words:
        raise InvalidInput([Problem("text", "required", "write the answer first")])
    if mark != question_mark(question):
        raise InvalidInput([Problem("text", "asked_anew", "the question is another one by now")])
