"""The page behind the link in each digest: whoever got it stops it, and has it again."""

from routing_core.aws.bodies import form_fields
from routing_core.aws.http import Reply, Router
from routing_core.aws.wiring import wiring
from routing_core.present.pages.simple import digest_page
from routing_core.service.notifications.digest_readers import act_on_digest, view_digest
from routing_core.web import language_of, page

router = Router()


@router.get("/u/<token>")
def ask(token: str) -> Reply:
    """Show the button. Programs open links of mails: nothing is changed here."""
    language = language_of(router.current_event)
    return page(
        digest_page(view_digest(wiring().services, wiring().digest_readers, token, language))
    )


@router.post("/u/<token>")
def change(token: str) -> Reply:
    """Stop the digest by a button or a mail program's one click; answered without a redirect."""
    event = router.current_event
    action = form_fields(event).get("action", "")
    language = language_of(event)
    view = act_on_digest(wiring().services, wiring().digest_readers, token, action, language)
    return page(digest_page(view))
