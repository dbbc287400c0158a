"""Magic links: what a token proves, what it does not, and that looking never changes anything."""

import json
from collections.abc import Iterator
from itertools import product
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest

from routing_core.aws.wiring import wiring
from routing_core.domain.values.mailboxes import email_mark
from routing_core.service.kernel.links import Purpose
from tests.support.hooks import writes_counted
from tests.support.stack import BASE_URL
from tests.support.world import World, a_programme, munich


@pytest.fixture
def pages(world: World) -> dict[str, str]:
    """One path of each kind of link, all about the same accepted lead."""
    world.use(a_programme(), munich(1), munich(2))
    told = world.post_lead().json()
    lead_id = told["lead"]
    world.press(world.offer_link(lead_id), action="accept")
    world.deliver()
    links = world.wiring.links
    owner = str(world.lead(lead_id).owner)
    form = {k: "yes" if v is True else str(v) for k, v in _FORM.items()}
    thanks = world.http(
        "POST", "/v1/forms/enquiry/leads", form=form, headers={"Accept": "text/html"}
    )
    found = {
        "o": world.wiring.links.offer(lead_id, 1, owner, 1),
        "d": links.desk(owner, 1),
        "c": links.confirm(owner, email_mark(f"{owner}@example.com")),
        "s": told["status_url"],
        "q": world.wiring.services.queue_link(),
        "thanks": thanks.headers["Location"],
    }
    return {kind: address.removeprefix(BASE_URL) for kind, address in found.items()}


_FORM = {
    "country": "DE",
    "postcode": "80331",
    "product": "heat-pump",
    "urgency": "soon",
    "name": "Max Muster",
    "email": "max@posteo.de",
    "consent": True,
    "submission_id": "thanks",
}


def token_of(path: str) -> str:
    return path.rsplit("/", 1)[1]


# ── a token serves its own purpose only ───────────────────────────────────────────────────────────


def test_no_token_opens_or_acts_on_a_page_of_another_kind(
    world: World, pages: dict[str, str]
) -> None:
    before = world.items() + world.items("partners")
    tried = 0
    for (kind, path), (page, _) in product(pages.items(), pages.items()):
        if kind == page:
            continue
        for method, form in (("GET", None), ("POST", {"action": "accept"})):
            if (page, method) == ("thanks", "POST"):
                continue
            answer = world.http(method, f"/{page}/{token_of(path)}", form=form)
            assert answer.status == 403, f"a token for /{kind}/ was taken by {method} /{page}/"
            tried += 1
    assert tried == 55
    assert world.items() + world.items("partners") == before


def test_a_form_stamp_opens_nothing(world: World, pages: dict[str, str]) -> None:
    stamp = world.http("GET", "/v1/forms/enquiry").json()["started"]
    assert {world.http("GET", f"/{page}/{stamp}").status for page in pages} == {403}


def test_one_changed_letter_ends_a_token(world: World, pages: dict[str, str]) -> None:
    path = pages["o"]
    for place in range(
        len("/o/"), len(path) - 1
    ):  # the last letter of a signature carries unused bits
        letter = "A" if path[place] != "A" else "B"
        assert world.http("GET", path[:place] + letter + path[place + 1 :]).status == 403


NONSENSE = ["x", "k1.", "k1.x", "k9.eyJ4IjoxfQ.sig", ".", "k1..", "%00", "ключ", "k1." + "a" * 5000]


@pytest.mark.parametrize("token", NONSENSE)
@pytest.mark.slow
def test_nonsense_in_place_of_a_token_is_refused_kindly(
    world: World, pages: dict[str, str], token: str
) -> None:
    assert {world.http("GET", f"/{page}/{token}").status for page in pages} == {403}


def test_an_offers_link_shows_and_moves_that_offer_only(world: World) -> None:
    world.use(a_programme(), munich(1), munich(2))
    lead_id = world.post_lead().json()["lead"]
    first = world.lead(lead_id).offers[0].partner
    second = "munich-2" if first == "munich-1" else "munich-1"
    links = world.wiring.links
    forged = [
        links.offer(lead_id, 1, second, 1),
        links.offer(lead_id, 2, first, 1),
        links.offer(lead_id, 0, first, 1),
    ]
    for address in forged:  # rightly signed, and still not of an offer that was made
        assert (
            world.http("POST", address.removeprefix(BASE_URL), form={"action": "accept"}).status
            == 403
        )
    assert world.lead(lead_id).version == 1


def test_a_link_for_a_lead_that_is_gone_is_not_found(world: World, pages: dict[str, str]) -> None:
    address = world.wiring.links.offer("LNOTTHERE", 1, "munich-1", 1)
    assert world.http("GET", address.removeprefix(BASE_URL)).status == 404


# ── revoked and rotated ───────────────────────────────────────────────────────────────────────────


def test_a_raised_generation_ends_every_link_the_partner_was_sent(
    world: World, pages: dict[str, str]
) -> None:
    owner = next(lead.owner for lead in map(world.lead, world.lead_ids()) if lead.owner)
    world.wiring.partners.renew_links(str(owner), 1, world.now)
    for method in ("GET", "POST"):
        answer = world.http(
            method, pages["o"], form={"action": "attempt"} if method == "POST" else None
        )
        assert answer.status == 403
    for file in ("contact.vcf", "contact.ics"):
        assert world.http("GET", f"{pages['o']}/{file}").status == 403
    assert "Erika" not in world.http("GET", pages["d"]).body


def test_a_raised_generation_of_hq_ends_every_link_to_the_queue(
    world: World, pages: dict[str, str]
) -> None:
    lead_id = world.lead_ids()[0]
    assert world.http("GET", pages["q"]).status == 200
    hq = {"emails": ["hq@example.com"], "digests": [], "links": 2}
    world.wiring.rules.save_programme(a_programme(hq=hq), world.now)
    assert world.http("GET", pages["q"]).status == 403
    assert world.http("GET", f"{pages['q']}/leads/{lead_id}").status == 403
    assert (
        world.http(
            "POST", f"{pages['q']}/leads/{lead_id}", form={"action": "note", "text": "x"}
        ).status
        == 403
    )


@pytest.fixture
def keys(world: World) -> Iterator[Any]:
    """Changes the link keys, as seen after the cache's lifetime."""
    secrets = boto3.client("secretsmanager")
    original = secrets.get_secret_value(SecretId="links")["SecretString"]

    def change(**keys: str) -> None:
        secrets.put_secret_value(SecretId="links", SecretString=json.dumps(keys))
        wiring.cache_clear()

    yield change
    secrets.put_secret_value(SecretId="links", SecretString=original)
    wiring.cache_clear()


def test_rotation_old_links_work_while_their_key_verifies_and_end_with_it(
    world: World, pages: dict[str, str], keys: Any
) -> None:
    old, k1 = pages["s"], "a secret of the tests"
    lead_id = world.wiring.links.read(Purpose.STATUS, token_of(old)).subject
    keys(sign="k1", k1=k1, k2="the next one")
    assert world.wiring.links.status(lead_id).removeprefix(BASE_URL) == old, (
        "known, and not signed with yet"
    )
    keys(sign="k2", k1=k1, k2="the next one")
    new = world.wiring.links.status(lead_id).removeprefix(BASE_URL)
    assert new != old
    assert [world.http("GET", path).status for path in (old, new)] == [200, 200]
    keys(sign="k2", k2="the next one")
    assert [world.http("GET", path).status for path in (old, new)] == [403, 200]


def test_a_key_of_the_same_name_with_another_secret_refuses(
    world: World, pages: dict[str, str], keys: Any
) -> None:
    keys(sign="k1", k1="somebody else's")
    assert {world.http("GET", path).status for path in pages.values()} == {403}


# ── looking changes nothing ───────────────────────────────────────────────────────────────────────


@pytest.mark.slow
def test_a_hundred_openings_of_every_link_write_nothing(
    world: World, pages: dict[str, str]
) -> None:
    more = [
        f"{pages['o']}/contact.vcf",
        f"{pages['o']}/contact.ics",
        f"{pages['q']}/leads/{world.lead_ids()[0]}",
    ]
    more += ["/f/enquiry", "/v1/forms/enquiry", "/embed.js"]
    pending = world.post_lead("pending", email="pending@posteo.de", phone="").json()["lead"]
    more += [world.offer_link(pending)]
    more += ["/v1/forms/enquiry/coverage?country=DE&postcode=80331&product=heat-pump&urgency=soon"]
    with writes_counted(world) as writes:
        for path in (*pages.values(), *more):
            for _ in range(100):
                assert world.http("GET", path).status == 200, path
    assert writes == []


def test_the_counting_sees_a_write(world: World, pages: dict[str, str]) -> None:
    with writes_counted(world) as writes:
        world.press(pages["o"], action="attempt")
    assert writes == ["TransactWriteItems"]


def test_pages_behind_links_are_kept_nowhere_and_tell_nobody_where_one_came_from(
    world: World, pages: dict[str, str]
) -> None:
    for path in pages.values():
        headers = world.http("GET", path).headers
        assert "no-store" in headers["Cache-Control"]
        assert headers["Referrer-Policy"] == "no-referrer"
        assert "default-src 'none'" in headers["Content-Security-Policy"]


# ── what mail programs make of an address ─────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "spoilt",
    [
        "{}.",
        "{}%20",
        "{}%3E",
        "{}>",
        "<{}>",
        "{},",
        "{})",
        "{}%2F",
        "{}%0A",
        "{}=",
        "{}%22",
        "{}%E2%80%A6",
    ],
)
@pytest.mark.slow
def test_a_link_that_a_mail_program_added_something_to_is_repaired(
    world: World, pages: dict[str, str], spoilt: str
) -> None:
    from routing_core.service.kernel.links import repaired

    for path in pages.values():
        token = token_of(path)
        assert repaired(spoilt.format(token)) == token
        assert world.http("GET", path.replace(token, spoilt.format(token))).status == 200


@pytest.mark.parametrize("breaks", ["\r\n", "%0D%0A", "%0A", "=%0D%0A", " ", "=\r\n", "%20"])
@pytest.mark.slow
def test_a_link_that_was_wrapped_is_repaired(
    world: World, pages: dict[str, str], breaks: str
) -> None:
    from routing_core.service.kernel.links import repaired

    token = token_of(pages["o"])
    wrapped = breaks.join(token[start : start + 60] for start in range(0, len(token), 60))
    assert repaired(wrapped) == token
    if not breaks.isspace() and "\r" not in breaks:  # raw ones the test's own client takes away
        assert world.http("GET", pages["o"].replace(token, wrapped)).status == 200


def test_a_link_of_which_something_is_missing_stays_refused(
    world: World, pages: dict[str, str]
) -> None:
    assert world.http("GET", pages["o"][:-1]).status == 403


# ── files that are not there any more ─────────────────────────────────────────────────────────────


@pytest.mark.slow
def test_whoever_asks_for_the_deadline_of_a_call_that_was_made_sees_the_page(world: World) -> None:
    world.use(a_programme(), munich(1))
    lead_id = world.post_lead().json()["lead"]
    offer = world.offer_link(lead_id)
    for file in ("contact.vcf", "contact.ics"):
        early = world.http("GET", f"{offer}/{file}")
        assert (early.status, urlsplit(early.headers["Location"]).path) == (303, offer), (
            "nothing before it is accepted"
        )
    world.press(offer, action="accept")
    assert world.http("GET", f"{offer}/contact.ics").status == 200
    world.press(offer, action="contacted")
    assert world.http("GET", f"{offer}/contact.ics").status == 303
    assert world.http("GET", f"{offer}/contact.vcf").status == 200
