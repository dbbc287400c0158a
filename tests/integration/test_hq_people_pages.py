"""The people of HQ on their page: an admin adds, changes and removes them; nobody else does."""

import re
from typing import Any

import pytest

from routing_core.domain.hq_people import HqRole, hq_people, hq_person
from routing_core.domain.people import person_id
from routing_core.service.hq.save_programme import save_programme
from tests.support.builders import programme_document
from tests.support.hooks import writes_counted
from tests.support.world import Answer, World, a_programme

ADMIN, MANAGER, VIEWER = "hq@example.com", "south@example.com", "looks@example.com"
NEW = "/hq/people/new"
REGIONS = {"munich": {"country": "DE", "postcodes": ["80*"]}}


def people(**hq: Any) -> dict[str, Any]:
    everybody = [
        {"email": ADMIN, "name": "Ada Admin", "role": "admin"},
        {"email": MANAGER, "name": "Sam South", "role": "manager", "regions": ["munich"]},
        {"email": VIEWER, "role": "viewer", "language": "de"},
    ]
    return programme_document(regions=REGIONS, hq={"people": everybody, "digests": [], **hq})


@pytest.fixture
def hq(world: World) -> World:
    world.use(a_programme())
    save_programme(world.wiring.services, people(), world.now)
    return world


def page_of(email: str) -> str:
    return f"/hq/people/{person_id(email)}"


def version(world: World) -> str:
    return str(world.wiring.services.rules.programme()[0])


def posted(world: World, path: str, by: str = ADMIN, **form: str) -> Answer:
    typed = {"action": "save", "version": version(world), "role": "manager", **form}
    return world.desk(by).post(path, **typed)


def roles(world: World) -> dict[str, str]:
    world.wiring.services.rules.look_again()
    return {each.email: each.role.value for each in hq_people(world.wiring.services.programme)}


def log(world: World) -> list[tuple[str, str, str]]:
    return [
        (entry.kind, entry.by, entry.about)
        for entry in world.wiring.read_model.log(log_filter()).entries
        if entry.kind != "signed_in"
    ]


def log_filter() -> Any:
    from routing_core.service.kernel.read_model import LogFilter

    return LogFilter()


def test_an_admin_adds_somebody_who_then_signs_in(hq: World) -> None:
    admin = hq.desk(ADMIN)
    assert f'href="{NEW}"' in admin.get("/hq/people").body
    form = {"email": "new@example.com", "name": "Nora Neu", "role": "viewer", "language": "de"}
    before = int(version(hq))
    done = admin.press(NEW, version=version(hq), **form)
    assert "Nora Neu" in done.body
    assert "Added." in done.body
    assert roles(hq)["new@example.com"] == "viewer"
    assert int(version(hq)) == before + 1
    assert hq.desk("new@example.com").get("/hq").status == 200
    me = f"link:{person_id(ADMIN)}"
    assert ("person.added", me, person_id("new@example.com")) in log(hq)


def test_an_admin_changes_role_regions_language_and_rights(hq: World) -> None:
    answer = posted(
        hq,
        page_of(VIEWER),
        email=VIEWER,
        name="Lu Looks",
        language="en",
        **{"region.munich": "yes", "may.export": "yes"},
    )
    assert answer.headers["Location"].startswith(f"{page_of(VIEWER)}?did=saved.")
    roles(hq)
    person = hq_person(hq.wiring.services.programme, person_id(VIEWER))
    assert person is not None
    assert (person.role, person.name, person.language) == (HqRole.MANAGER, "Lu Looks", "en")
    assert person.regions == {"munich"}
    assert {"export"} == {right.value for right in person.rights} & {"assign", "erase", "export"}
    shown = hq.desk(ADMIN).get(page_of(VIEWER)).body
    for box in (
        'name="region.munich" value="yes" checked',
        'name="may.export" value="yes" checked',
    ):
        assert box in shown
    assert 'name="may.assign" value="yes" checked' not in shown


def test_who_is_removed_is_out_at_once_and_the_others_stay(hq: World) -> None:
    manager, admin, viewer = hq.desk(MANAGER), hq.desk(ADMIN), hq.desk(VIEWER)
    done = admin.press(page_of(MANAGER), action="remove", version=version(hq))
    assert "Removed." in done.body
    assert MANAGER not in roles(hq)
    assert manager.get("/hq").body.count('type="email"') == 1
    assert viewer.get("/hq/people").status == 200
    assert admin.get(page_of(MANAGER)).status == 404
    assert "person.removed" in {kind for kind, *_ in log(hq)}


def test_access_is_ended_from_afar_and_can_be_had_again(hq: World) -> None:
    manager, admin = hq.desk(MANAGER), hq.desk(ADMIN)
    mail = hq.hq_link(email=MANAGER)
    before = version(hq)
    assert "signed out" in admin.press(page_of(MANAGER), action="end").body
    assert manager.get("/hq/people").status == 403
    assert hq.http("GET", mail).status == 403
    assert version(hq) == before
    assert hq.desk(MANAGER).get("/hq/people").status == 200


def test_an_admin_who_goes_is_led_to_the_door(hq: World) -> None:
    posted(hq, NEW, email="other@example.com", role="admin")
    answer = hq.desk(ADMIN).post(page_of(ADMIN), action="remove", version=version(hq))
    assert answer.headers["Location"].startswith("/hq?did=signed_out.")
    assert ADMIN not in roles(hq)


@pytest.mark.parametrize(
    ("form", "field", "says"),
    [
        ({"email": "south@"}, "email", "valid email"),
        ({"email": ""}, "email", "valid email"),
        ({"email": ADMIN.upper()}, "email", "has this address already"),
        ({"email": "x@example.com", "role": "admin", "region.munich": "yes"}, "regions", "none"),
    ],
)
def test_a_mistake_is_told_at_its_field_and_nothing_typed_is_lost(
    hq: World, form: dict[str, str], field: str, says: str
) -> None:
    before = version(hq)
    answer = posted(hq, NEW, name="Nora Neu", **form)
    assert answer.status == 422
    (wrong,) = re.findall(rf'id="f-person-{field}-error">([^<]*)<', answer.body)
    assert says in wrong
    assert 'value="Nora Neu"' in answer.body
    assert version(hq) == before


def test_the_last_admin_stays(hq: World) -> None:
    before = roles(hq)
    demoted = posted(hq, page_of(ADMIN), email=ADMIN, role="viewer")
    removed = hq.desk(ADMIN).post(page_of(ADMIN), action="remove", version=version(hq))
    for answer in (demoted, removed):
        assert answer.status == 422
        assert "Somebody must be an admin" in answer.body
    assert roles(hq) == before
    assert hq.desk(ADMIN).get("/hq/people").status == 200, "and is not signed out by it"


def test_of_two_admins_at_once_the_second_is_told_and_loses_nothing_typed(hq: World) -> None:
    first, second = hq.desk(ADMIN), hq.desk(ADMIN)
    seen = version(hq)
    assert first.post(NEW, version=seen, email="a@example.com", role="viewer").status == 303
    late = second.post(NEW, version=seen, email="b@example.com", role="viewer")
    assert late.status == 409
    assert "somebody changed the rules in the meantime" in late.body
    assert 'value="b@example.com"' in late.body
    assert f'name="version" value="{version(hq)}"' in late.body
    assert "b@example.com" not in roles(hq)
    again = second.post(NEW, version=version(hq), email="b@example.com", role="viewer")
    assert again.status == 303
    assert {"a@example.com", "b@example.com"} <= roles(hq).keys()


def test_entries_of_old_become_people_with_the_first_change(hq: World) -> None:
    old = {"people": [], "emails": [ADMIN], "managers": [{"email": MANAGER, "name": "Sam"}]}
    save_programme(hq.wiring.services, people(**old), hq.now)
    assert posted(hq, NEW, email="new@example.com").status == 303
    assert roles(hq) == {ADMIN: "admin", MANAGER: "manager", "new@example.com": "manager"}
    written = hq.wiring.services.programme.hq
    assert not written.emails
    assert not written.managers
    assert [entry.name for entry in written.people] == ["", "Sam", ""]


@pytest.mark.parametrize("email", [MANAGER, VIEWER])
def test_nobody_but_an_admin_manages_people_and_sees_who_is_signed_in_where(
    hq: World, email: str
) -> None:
    desk, before = hq.desk(email), version(hq)
    listed = desk.get("/hq/people")
    assert listed.status == 200
    assert "Ada Admin" in listed.body
    assert "Last seen" not in listed.body
    assert NEW not in listed.body
    with writes_counted(hq) as writes:
        for path in (NEW, page_of(ADMIN), page_of(email)):
            assert desk.get(path).status == 403
            for action in ("save", "remove", "end"):
                form = {"email": "x@example.com", "role": "admin", "version": before}
                assert desk.post(path, action=action, **form).status == 403
    assert not writes
    assert version(hq) == before


def test_looking_changes_nothing(hq: World) -> None:
    admin = hq.desk(ADMIN)
    with writes_counted(hq) as writes:
        for path in ("/hq/people", NEW, page_of(MANAGER)):
            assert admin.get(path).status == 200
    assert not writes
    assert admin.get("/hq/people/nobody").status == 404
