"""HQ asks the owner of a lead something: the owner gets a mail, and answers on the offer's page."""

from datetime import datetime

from routing_core.domain.draft import Draft
from routing_core.domain.errors import Gone, InvalidInput, NotAllowed, Problem
from routing_core.domain.events import QuestionAsked
from routing_core.domain.hq_people import HqPerson, Right
from routing_core.domain.lead import OWNED, Lead, Note
from routing_core.domain.questions import open_question
from routing_core.domain.written_note import written_note
from routing_core.service.kernel.ports import Change
from routing_core.service.kernel.retry import retry_on_conflict
from routing_core.service.kernel.services import Services


def may_ask(person: HqPerson, lead: Lead) -> bool:
    """Tell whether somebody at HQ may ask the owner of a lead something.

    Whoever holds a link that names nobody may not: nobody would get the answer. That to a machine's
    question goes to whoever acts for HQ in the lead's region.
    """
    is_owned = lead.owner is not None and lead.status in OWNED
    return is_owned and _has_a_name(person) and _acts_on(person, lead)


def _has_a_name(person: HqPerson) -> bool:
    return bool(person.id or person.api_key)


def _acts_on(person: HqPerson, lead: Lead) -> bool:
    return person.may(Right.ACT_ON_LEADS) and person.sees(lead)


def ask_partner(
    services: Services, lead_id: str, text: str, person: HqPerson, now: datetime
) -> None:
    """Ask the owner of a lead something, in place of what is not answered yet.

    The same once more asks nothing. Raises NotFound, NotAllowed, InvalidInput (text), or Gone for
    a lead that nobody owns.
    """
    person.need(Right.ACT_ON_LEADS)
    if not _has_a_name(person):
        raise NotAllowed("a link that names nobody cannot ask a partner")
    words = written_note(text)
    if not words:
        raise InvalidInput([Problem("text", "required", "write the question first")])

    def work(_: bool) -> None:
        lead = services.lead(lead_id)
        if lead.owner is None or not may_ask(person, lead):
            raise Gone("nobody owns this lead who could be asked")
        context = services.leads.context(lead_id)
        asked = open_question(lead, context.notes) if context else None
        if asked and asked.text == words:
            return
        draft = Draft(lead)
        draft.add_event(QuestionAsked(partner=lead.owner, by=person.actor))
        note = Note(now, f"hq:{person.actor}", words, asked=lead.owner)
        services.commit(Change(draft, note=note), now=now)

    retry_on_conflict(work)
