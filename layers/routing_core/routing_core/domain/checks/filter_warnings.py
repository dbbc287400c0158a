"""Say what a partner probably does not know of its lead filters (``takes``), where it writes them.

It is no error.
"""

from collections.abc import Iterator

from routing_core.domain.checks.list_warnings import ListWarning
from routing_core.domain.partner import Partner
from routing_core.domain.programme.programme import Programme
from routing_core.domain.programme.rules import ANSWERED
from routing_core.domain.values.sentence import worded


def filter_warnings(partner: Partner, programme: Programme) -> Iterator[ListWarning]:
    """Find conditions on what an enquiry need not say: they let it through without the answer.

    The answer can be demanded.
    """
    demanded = {condition.field for condition in partner.lead_filters if condition.op == ANSWERED}
    for condition in partner.lead_filters:
        field = condition.field
        if field in demanded or not _may_be_left_out(field, programme):
            continue
        demand = f"{field} {ANSWERED}"
        english = (
            "{partner}: {value!r} keeps away only enquiries that say otherwise; "
            "those that say nothing there come too. Add {demand!r} to demand the answer"
        )
        message = worded(
            "network.unanswered", english, partner=partner.name, value=str(condition), demand=demand
        )
        yield ListWarning("unanswered", (partner.id,), message)


def _may_be_left_out(field: str, programme: Programme) -> bool:
    """Tell whether an enquiry can come without saying this.

    A form does not ask it, or does not need the answer. A place may lie in no region; the other
    fields of an enquiry are always there.
    """
    is_asked = False
    is_always_asked = True
    for form in programme.forms:
        question = next((each for each in form.questions if each.id == field), None)
        if question is not None:
            is_asked = True
        if question is None or not question.required:
            is_always_asked = False
    if not is_asked:
        return field == "region"
    return not is_always_asked
