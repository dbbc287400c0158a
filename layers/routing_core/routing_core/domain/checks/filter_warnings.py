"""What a partner probably does not know of what they ``take``: told where it is written. It is no
error.
"""

from collections.abc import Iterator

from routing_core.domain.checks.list_warnings import ListWarning
from routing_core.domain.partner import Partner
from routing_core.domain.programme.programme import Programme
from routing_core.domain.programme.rules import ANSWERED


def takes_warnings(partner: Partner, programme: Programme) -> Iterator[ListWarning]:
    """A condition on what an enquiry need not say lets it through without; the answer can be
    demanded.
    """
    demanded = {condition.field for condition in partner.takes if condition.op == ANSWERED}
    for condition in partner.takes:
        field = condition.field
        if field in demanded or not _may_be_left_out(field, programme):
            continue
        message = (
            f"{partner.name}: {str(condition)!r} keeps away only enquiries that say otherwise; "
            f"those that say nothing there come too. Add {f'{field} {ANSWERED}'!r} to demand the answer"
        )
        yield ListWarning("unanswered", (partner.id,), message)


def _may_be_left_out(field: str, programme: Programme) -> bool:
    """Whether an enquiry can come without saying this: a form does not ask it, or does not need the
    answer.

    A place may lie in no region; the other fields of an enquiry are always there.
    """
    asked = [
        [question for question in form.questions if question.id == field]
        for form in programme.forms
    ]
    if not any(asked):
        return field == "region"
    return any(not questions or not questions[0].required for questions in asked)
