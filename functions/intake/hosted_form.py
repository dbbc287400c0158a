"""The hosted form: two plain HTML steps, each at an address of its own.

Nothing that was typed stands in an address: addresses are logged by whoever carries them.
"""

import uuid

from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEventV2

from functions.intake.senders import form_in
from routing_core.aws.bodies import form_values
from routing_core.aws.http import PUBLIC, Reply, Router, came, header, now_of, query, see_other
from routing_core.aws.wiring import wiring
from routing_core.domain.errors import InvalidInput
from routing_core.present.pages.form import form_page
from routing_core.service.intake import fill_form
from routing_core.service.intake.fill_form import FormRequest, Incoming, Origin
from routing_core.service.intake.submit_lead import submit_lead
from routing_core.service.intake.thanks import thanks_address
from routing_core.service.kernel.views import FormView
from routing_core.web import language_of, page

router = Router()


@router.get("/f/<form>")
def show(form: str) -> Reply:
    """Show step 1; what the address says of the fields is filled in."""
    event, services = router.current_event, wiring().services
    request = FormRequest(form, query(event), language_of(event), now_of(event))
    submission_id = str(uuid.uuid4())
    return _page(fill_form.open_form(services, request, submission_id, header(event, "referer")))


@router.post("/f/<form>")
@router.post("/f/<form>/details")
def post(form: str) -> Reply:
    """Take one step: show step 2, or store the enquiry if that was all of it."""
    event, services = router.current_event, wiring().services
    now, language = now_of(event), language_of(event)
    typed = fill_form.typed(services, form, form_values(event))
    fields = {"submission_id": str(uuid.uuid4())} | typed
    if not fill_form.is_whole(services, form, fields):
        return _page(fill_form.after_first_step(services, FormRequest(form, fields, language, now)))
    incoming = Incoming(form, fields["submission_id"], fields, language)
    posted = fill_form.posted(services, incoming, Origin(*came(event)))
    received = submit_lead(services, posted, now)
    return see_other(thanks_address(services, received, language))


@router.get("/f/<form>/details")
def details(form: str) -> Reply:
    """Lead back to step 1: step 2 is shown after it alone, and whoever reloads it has lost it."""
    return see_other(f"/f/{form}")


def refused(event: APIGatewayProxyEventV2, error: InvalidInput) -> Reply:
    """Show the form again, with what was typed and what is wrong at each field."""
    services, form, new_key = wiring().services, form_in(event), str(uuid.uuid4())
    fields = fill_form.typed(services, form, form_values(event))
    request = FormRequest(form, fields, language_of(event), now_of(event))
    return _page(fill_form.after_refusal(services, request, error, new_key))


def _page(view: FormView) -> Reply:
    reply = page(form_page(view), 422 if view.problems else 200, indexed=view.is_indexed)
    # Kept by the browser, unlike our other pages: the back button finds what a post had shown.
    reply.headers |= {**PUBLIC, "Cache-Control": "private, no-cache"}
    return reply
