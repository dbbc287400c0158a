"""Who works at HQ, and what each of them sees and may do."""

from typing import Any

import pytest

from routing_core.domain.checks.programme_checks import read_programme
from routing_core.domain.errors import InvalidInput, NotAllowed, Problem
from routing_core.domain.hq_people import ANYBODY, HqRole, Right, hq_address, hq_people, hq_person
from routing_core.domain.people import person_id
from routing_core.domain.programme.programme import Programme
from tests.support.builders import programme_document

REGIONS = {"munich": {"country": "DE", "postcodes": ["80*"]}}
ADMIN = {"email": "admin@example.com", "name": "Ada Admin", "role": "admin"}
MANAGER = {"email": "south@example.com", "role": "manager", "regions": ["munich"]}
VIEWER = {"email": "looks@example.com", "role": "viewer", "language": "de"}


def with_people(*people: dict[str, Any], **hq: Any) -> Programme:
    document = programme_document(regions=REGIONS, hq={"people": list(people), **hq})
    return read_programme(document)


def refused(*people: dict[str, Any], **hq: Any) -> dict[str, Problem]:
    with pytest.raises(InvalidInput) as error:
        with_people(*people, **hq)
    return {problem.field: problem for problem in error.value.problems}


def test_a_viewer_only_looks_a_manager_also_acts_an_admin_also_changes_everything() -> None:
    admin, manager, viewer = hq_people(with_people(ADMIN, MANAGER, VIEWER))
    assert (admin.role, manager.role, viewer.role) == (
        HqRole.ADMIN,
        HqRole.MANAGER,
        HqRole.VIEWER,
    )
    assert viewer.rights == {Right.LOOK}
    assert manager.rights == {
        Right.LOOK,
        Right.ACT_ON_LEADS,
        Right.ASSIGN,
        Right.CHANGE_PARTNERS,
        Right.MAKE_REPORTS,
    }
    assert admin.rights == set(Right)


def test_a_manager_erases_and_exports_only_where_the_programme_says_so_a_viewer_never() -> None:
    may = {"may": ["assign", "erase", "export"]}
    _, manager, viewer = hq_people(with_people(ADMIN, MANAGER | may, VIEWER | may))
    assert manager.rights >= {Right.ASSIGN, Right.ERASE, Right.EXPORT}
    assert viewer.rights == {Right.LOOK}
    with pytest.raises(NotAllowed, match="viewers have no right to erase"):
        viewer.need(Right.ERASE)


def test_only_regions_that_are_named_are_shown() -> None:
    admin, manager, _ = hq_people(with_people(ADMIN, MANAGER, VIEWER))
    assert manager.sees_region("munich")
    assert not manager.sees_region("hamburg")
    assert not manager.sees_region(""), "nor what lies in no region"
    assert manager.sees_any_of(("hamburg", "munich"))
    assert not manager.sees_any_of(())
    assert admin.sees_region("")
    assert admin.sees_any_of(())


def test_everybody_has_a_language_and_a_name() -> None:
    admin, manager, viewer = hq_people(with_people(ADMIN, MANAGER, VIEWER, language="en"))
    assert (admin.language, viewer.language) == ("en", "de")
    assert (admin.called, manager.called) == ("Ada Admin", "south@example.com")
    assert admin.actor == f"link:{person_id('admin@example.com')}"


def test_programmes_from_before_there_were_roles_are_read_as_ever() -> None:
    old = with_people(
        emails=["hq@example.com", "two@example.com"],
        managers=[{"email": "south@example.com", "name": "Sam", "may": ["erase"]}],
    )
    first, second, manager = hq_people(old)
    assert first.role is second.role is HqRole.ADMIN
    assert manager.role is HqRole.MANAGER
    assert manager.called == "Sam"
    assert Right.ERASE in manager.rights
    assert Right.ASSIGN not in manager.rights
    assert Right.CHANGE_RULES not in manager.rights


def test_an_address_of_old_that_stands_twice_counts_where_it_says_more() -> None:
    old = with_people(emails=["hq@example.com"], managers=[{"email": "HQ@example.com"}])
    (only,) = hq_people(old)
    assert only.role is HqRole.ADMIN


def test_an_address_stands_once_among_people() -> None:
    found = refused(ADMIN, MANAGER, {"email": "SOUTH@example.com", "role": "viewer"})
    assert found["hq.people[2].email"].code == "duplicate"
    found = refused(MANAGER, emails=["south@example.com"])
    assert found["hq.people[0].email"].code == "duplicate"


@pytest.mark.parametrize(
    ("entry", "field", "says"),
    [
        ({"regions": ["nord"]}, "hq.people[1].regions[0]", "use one of munich"),
        ({"language": "fr"}, "hq.people[1].language", "use one of en, de"),
        ({"role": "boss"}, "hq.people[1].role", "viewer"),
        ({"role": "admin"}, "hq.people[1].regions", "sees every region"),
    ],
)
def test_a_mistake_in_an_entry_is_named(entry: dict[str, Any], field: str, says: str) -> None:
    assert says in refused(ADMIN, MANAGER | entry)[field].message


def test_somebody_must_be_able_to_change_the_rules() -> None:
    assert refused(MANAGER, VIEWER)["hq.people"].code == "required"
    assert with_people(emails=["hq@example.com"])


def test_a_link_that_names_nobody_keeps_what_it_could_do() -> None:
    assert ANYBODY.may(Right.ACT_ON_LEADS)
    assert ANYBODY.may(Right.ASSIGN)
    for right in (Right.ERASE, Right.EXPORT, Right.CHANGE_RULES, Right.MANAGE_PEOPLE):
        assert not ANYBODY.may(right)
    assert ANYBODY.actor == "link"


def test_partners_who_need_help_write_to_an_admin() -> None:
    assert hq_address(with_people(VIEWER, ADMIN)) == "admin@example.com"
    document = programme_document(regions=REGIONS)
    document["brand"]["reply_to"] = "help@example.com"
    assert hq_address(read_programme(document)) == "help@example.com"


def test_nobody_is_found_under_another_id() -> None:
    programme = with_people(ADMIN)
    assert hq_person(programme, person_id("ADMIN@example.com"))
    assert hq_person(programme, "") is None
    assert hq_person(programme, "admin@example.com") is None
