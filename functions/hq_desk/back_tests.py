"""How far a back-test is, and what came of it."""

from functions.hq_desk.visitor import signed_in
from routing_core.aws.http import Reply, Router, now_of
from routing_core.aws.wiring import wiring
from routing_core.domain.errors import NotFound
from routing_core.present.hq_desk.rules.back_test_page import back_test_progress_page
from routing_core.service.hq_desk.ask_back_test import view_back_test
from routing_core.web import page

router = Router()


@router.get("/hq/rules/backtests/<name>")
def show(name: str) -> Reply:
    """Show how far a back-test is, or its figures."""
    event = router.current_event
    visitor = signed_in(event)
    kept = view_back_test(wiring().rule_desk(visitor), wiring().back_tests, name)
    programme = wiring().services.programme
    return page(back_test_progress_page(kept, programme, visitor, now_of(event)))


@router.get("/hq/rules/backtests/<name>/page")
def whole(name: str) -> Reply:
    """Show the whole page of a back-test that is over."""
    visitor = signed_in(router.current_event)
    kept = view_back_test(wiring().rule_desk(visitor), wiring().back_tests, name)
    html = wiring().back_tests.page(name) if kept.figures else None
    if html is None:
        raise NotFound(f"the back-test {name} has no page")
    return page(html)
