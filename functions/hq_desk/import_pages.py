"""The pages on which HQ imports a list of leads, and follows it."""

import uuid
from dataclasses import replace

from functions.hq_desk.visitor import acting, signed_in
from routing_core.aws.bodies import LIST_BODY, form_fields, uploaded_file
from routing_core.aws.http import Reply, Router, now_of, see_other
from routing_core.aws.wiring import wiring
from routing_core.domain.errors import InvalidInput
from routing_core.domain.hq_people import Right
from routing_core.present.hq_desk.import_leads import IMPORT_PATH, import_page, imports_page
from routing_core.service.hq.import_leads import ListImports
from routing_core.service.hq_desk.import_page import (
    act_on_import,
    upload_list,
    view_import,
    view_imports,
)
from routing_core.web import acted, news, page

router = Router()


def _imports() -> ListImports:
    now = now_of(router.current_event)
    return ListImports(wiring().services, wiring().lead_lists, now)


@router.get("/hq/leads/import")
def show_all() -> Reply:
    """Show where to upload a list, and the last imports."""
    return page(imports_page(view_imports(_imports(), signed_in(router.current_event))))


@router.post("/hq/leads/import")
def upload() -> Reply:
    """Keep the list and lead to its page, or say what is wrong with it."""
    event, imports = router.current_event, _imports()
    visitor, said = acting(event, Right.ACT_ON_LEADS), form_fields(event)
    content = uploaded_file(event, "file")
    try:
        imported = upload_list(imports, visitor, said, content, uuid.uuid4().hex[:6])
    except InvalidInput as error:
        view = replace(view_imports(imports, visitor), values=said, problems=error.problems)
        return page(imports_page(view), 422)
    return see_other(f"{IMPORT_PATH}/{imported.id}")


@router.get("/hq/leads/import/<list>")
def show(list: str) -> Reply:
    """Show what an import would do, or how far it has come."""
    event = router.current_event
    return page(import_page(view_import(_imports(), signed_in(event), list, news(event))))


@router.post("/hq/leads/import/<list>")
def act(list: str) -> Reply:
    """Name its columns, mend its cells, decide on it, or cancel what waits."""
    event, imports = router.current_event, _imports()
    visitor, form = acting(event, Right.ACT_ON_LEADS), form_fields(event, LIST_BODY)
    try:
        notice = act_on_import(imports, visitor, list, form)
    except InvalidInput as error:
        view = view_import(imports, visitor, list)
        return page(import_page(replace(view, values=form, problems=error.problems)), 422)
    return acted(notice, imports.now)
