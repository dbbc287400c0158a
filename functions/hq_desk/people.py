"""The people of HQ: who there is, adding and changing them, ending their access."""

from dataclasses import replace

from functions.hq_desk.visitor import acting, signed_in
from routing_core.aws.bodies import form_fields
from routing_core.aws.http import Reply, Router, now_of
from routing_core.aws.wiring import wiring
from routing_core.domain.hq_people import Right
from routing_core.present.hq_desk.people import people_page, person_page
from routing_core.service.hq_desk.people_desk import (
    PEOPLE,
    act_on_person,
    add_person,
    view_new_person,
    view_people,
    view_person,
)
from routing_core.web import acted, news, page

router = Router()


@router.get("/hq/people")
def show_all() -> Reply:
    """Show everybody at HQ."""
    event, services = router.current_event, wiring().services
    visitor, now = signed_in(event), now_of(event)
    return page(people_page(view_people(services, visitor, now), visitor, now, news(event)))


@router.get("/hq/people/new")
def show_new() -> Reply:
    """Show the form for somebody new."""
    event, services = router.current_event, wiring().services
    visitor = signed_in(event)
    return page(person_page(view_new_person(services, visitor), visitor, now_of(event)))


@router.post("/hq/people/new")
def add() -> Reply:
    """Add somebody."""
    event, services = router.current_event, wiring().services
    visitor, now = acting(event, Right.MANAGE_PEOPLE), now_of(event)
    done = add_person(services, visitor, form_fields(event), now)
    if done.view:
        return page(person_page(done.view, visitor, now), done.status)
    return acted(done.notice, now, PEOPLE)


@router.get("/hq/people/<person>")
def show(person: str) -> Reply:
    """Show one person."""
    event, services = router.current_event, wiring().services
    visitor, now = signed_in(event), now_of(event)
    view = view_person(services, visitor, person, now)
    return page(person_page(replace(view, notice=news(event)), visitor, now))


@router.post("/hq/people/<person>")
def act(person: str) -> Reply:
    """Change somebody, end their access, or remove them."""
    event, services = router.current_event, wiring().services
    visitor, now = acting(event, Right.MANAGE_PEOPLE), now_of(event)
    done = act_on_person(services, visitor, person, form_fields(event), now)
    if done.view:
        return page(person_page(done.view, visitor, now), done.status)
    return acted(done.notice, now, done.leads_to)
