"""Sign in at HQ's desk: a link by mail, a button, a cookie; and everything that must not open it."""

import re
from datetime import timedelta
from typing import Any

import pytest

from routing_core.domain.hq_access import DEVICE_DAYS, MOST_DEVICES
from routing_core.domain.people import person_id
from routing_core.service.hq.save_programme import save_programme
from routing_core.service.hq_desk.sign_in import ASKED_AN_HOUR, LINKS_AN_HOUR
from routing_core.service.kernel.links import Purpose, Token
from routing_core.service.notifications.sign_in_mail import SIGN_IN_MINUTES
from tests.support.builders import programme_document
from tests.support.hooks import writes_counted
from tests.support.stack import BASE_URL
from tests.support.world import Answer, HqBrowser, World, a_programme, munich

ADMIN, MANAGER, VIEWER = "hq@example.com", "south@example.com", "looks@example.com"
OURS = {"origin": BASE_URL}
FIREFOX = "Mozilla/5.0 (Android 15; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0"


def people(*without: str) -> dict[str, Any]:
    everybody = [
        {"email": ADMIN, "name": "Ada Admin", "role": "admin"},
        {"email": MANAGER, "name": "Sam South", "role": "manager"},
        {"email": VIEWER, "role": "viewer", "language": "de"},
    ]
    kept = [each for each in everybody if each["email"] not in without]
    return programme_document(hq={"people": kept, "digests": []})


@pytest.fixture
def hq(world: World) -> World:
    world.use(a_programme())
    save_programme(world.wiring.services, people(), world.now)
    return world


def ask(world: World, email: str, client: str = "192.0.2.1", **form: str) -> Answer:
    return world.http("POST", "/hq", form={"email": email, **form}, headers=OURS, client=client)


def mailed(world: World, email: str, **form: str) -> str:
    """The path of a sign-in link as the mail has it."""
    assert ask(world, email, **form).status == 303
    world.deliver()
    return world.mailed_link(email, "hq/in")


def signed_in(world: World, link: str, agent: str = FIREFOX, **headers: str) -> Answer:
    return world.http("POST", link, form={}, headers={**OURS, "user-agent": agent, **headers})


def browser(world: World, answer: Answer) -> HqBrowser:
    (cookie,) = answer.cookies
    return HqBrowser(world, cookie.partition(";")[0])


def mails_to(world: World, email: str) -> int:
    return len(world.mails(email))


# ── the way in ────────────────────────────────────────────────────────────────────────────────────


def test_an_address_a_link_a_button_and_the_desk_is_open(hq: World) -> None:
    door = hq.http("GET", "/hq")
    assert door.status == 200
    assert 'type="email"' in door.body
    link = mailed(hq, MANAGER)
    shown = hq.http("GET", link)
    assert shown.status == 200
    assert "Sam South" in shown.body
    assert not shown.cookies
    answer = signed_in(hq, link)
    assert (answer.status, answer.headers["Location"]) == (303, "/hq")
    desk = browser(hq, answer)
    page = desk.get("/hq")
    assert page.status == 200
    assert "Sam South" in page.body


def test_the_cookie_is_for_our_host_alone_and_no_script_reads_it(hq: World) -> None:
    (cookie,) = signed_in(hq, mailed(hq, ADMIN)).cookies
    name, *attributes = cookie.split("; ")
    assert name.startswith("__Host-hq=")
    assert set(attributes) == {
        "Path=/",
        "Secure",
        "HttpOnly",
        "SameSite=Lax",
        f"Max-Age={DEVICE_DAYS * 86_400}",
    }


@pytest.mark.parametrize("base", ["http://127.0.0.1:8000", "http://localhost:8000"])
def test_without_https_the_cookie_has_another_name_on_loopback_addresses_only(
    hq: World, base: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    services = hq.wiring.services
    link = mailed(hq, ADMIN)
    monkeypatch.setattr(type(hq.wiring), "base_url", base)
    answer = hq.http("POST", link, form={}, headers={"origin": base})
    (cookie,) = answer.cookies
    assert cookie.startswith("hq=")
    assert "Secure" not in cookie
    assert browser(hq, answer).get("/hq").status == 200
    other = (
        base.replace("127.0.0.1", "x").replace("localhost", "127.0.0.1").replace("x", "localhost")
    )
    allowed = hq.http("POST", "/hq", form={"email": ADMIN}, headers={"origin": other})
    assert allowed.status == 303, "the two names of one machine"
    monkeypatch.setattr(type(hq.wiring), "base_url", "http://relay.example.com")
    again = hq.http(
        "POST",
        mailed_again(hq, services),
        form={},
        headers={"origin": "http://relay.example.com"},
    )
    assert again.cookies[0].startswith("__Host-hq=")
    assert "Secure" in again.cookies[0]


def mailed_again(world: World, services: Any) -> str:
    """A link of the mail for the admin's queue, which opens the desk as well."""
    return "/hq/open/" + world.hq_link(email=ADMIN).rpartition("/")[2]


def test_after_signing_in_the_page_that_was_asked_for_is_opened(hq: World) -> None:
    asked_for = hq.http("GET", "/hq/devices")
    assert asked_for.status == 403
    back_to = re.findall(r'name="to" value="([^"]*)"', asked_for.body)
    assert back_to == ["/hq/devices"]
    link = mailed(hq, ADMIN, to=back_to[0])
    assert signed_in(hq, link).headers["Location"] == "/hq/devices"


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example", "//evil.example", "/hq/../q/x", "/\\evil", "/hq//x", "x"]
)
def test_nobody_is_led_elsewhere_after_signing_in(hq: World, elsewhere: str) -> None:
    link = mailed(hq, ADMIN, to=elsewhere)
    assert signed_in(hq, link).headers["Location"] == "/hq"
    forged = f"{link.partition('?')[0]}?to={elsewhere}"
    assert signed_in(hq, forged).headers["Location"] == "/hq"


def test_a_mail_comes_in_the_language_of_its_reader(hq: World) -> None:
    mailed(hq, VIEWER)
    mailed(hq, ADMIN)
    subjects = {str(mail["To"]): str(mail["Subject"]) for mail in hq.mails()}
    assert subjects == {VIEWER: "Ihr Link zum Anmelden", ADMIN: "Your link to sign in"}


# ── nobody learns who works here ──────────────────────────────────────────────────────────────────


def test_a_known_and_an_unknown_address_are_answered_alike_and_cost_the_same(hq: World) -> None:
    seen: dict[str, Any] = {}
    for email in (ADMIN, "stranger@example.org"):
        before = len(hq.published)
        with writes_counted(hq) as writes:
            answer = ask(hq, email)
        page = hq.http("GET", f"/hq{answer.headers['Location']}")
        seen[email] = (
            answer.status,
            answer.headers,
            answer.body,
            answer.cookies,
            page.body,
            len(writes),
            len(hq.published) - before,
        )
    assert seen[ADMIN] == seen["stranger@example.org"]
    hq.deliver()
    assert [str(mail["To"]) for mail in hq.mails()] == [ADMIN]


def test_what_is_no_address_is_told_so_and_nothing_typed_is_lost(hq: World) -> None:
    answer = ask(hq, "hq@", to="/hq/leads")
    assert answer.status == 422
    assert 'value="hq@"' in answer.body
    assert 'name="to" value="/hq/leads"' in answer.body
    assert "Enter a valid email address" in answer.body


def test_one_address_is_sent_a_few_links_an_hour_whoever_asks(hq: World) -> None:
    for number in range(LINKS_AN_HOUR + 3):
        assert ask(hq, ADMIN, client=f"192.0.2.{number}").status == 303
    hq.deliver()
    assert mails_to(hq, ADMIN) == LINKS_AN_HOUR
    hq.advance(hours=1)
    mailed(hq, ADMIN)
    assert mails_to(hq, ADMIN) == LINKS_AN_HOUR + 1


def test_one_network_asks_for_so_many_addresses_an_hour_and_not_for_more(hq: World) -> None:
    for number in range(ASKED_AN_HOUR):
        assert ask(hq, f"guess{number}@example.org").status == 303
    before = len(hq.published)
    assert ask(hq, ADMIN).status == 303
    assert len(hq.published) == before
    assert ask(hq, ADMIN, client="198.51.100.7").status == 303
    hq.deliver()
    assert mails_to(hq, ADMIN) == 1


def test_events_and_stored_items_name_no_address(hq: World) -> None:
    signed_in(hq, mailed(hq, ADMIN))
    stored = repr(hq.items("partners", lambda pk, sk: pk.startswith("HQ#")))
    asked = [entry for entry in hq.published if "sign_in" in entry["DetailType"]]
    assert asked
    assert ADMIN not in stored + repr(asked)
    assert "Firefox, Android" in stored
    assert "140" not in stored


# ── links ─────────────────────────────────────────────────────────────────────────────────────────


def test_scanners_that_open_a_link_sign_nobody_in_and_use_nothing_up(hq: World) -> None:
    link = mailed(hq, ADMIN)
    with writes_counted(hq) as writes:
        for _ in range(20):
            for method in ("GET", "HEAD"):
                answer = hq.http(method, link)
                assert answer.status == 200
                assert not answer.cookies
    assert not writes
    assert signed_in(hq, link).status == 303


def test_a_link_opens_one_device_once_and_a_second_press_is_the_same(hq: World) -> None:
    link = mailed(hq, ADMIN)
    first, twice = signed_in(hq, link), signed_in(hq, link)
    assert first.cookies == twice.cookies
    assert len(hq.wiring.hq_access.of(person_id(ADMIN)).devices) == 1
    hq.advance(minutes=2)
    for answer in (signed_in(hq, link), hq.http("GET", link)):
        assert answer.status == 403
        assert not answer.cookies
        assert "was used before or is too old" in answer.body
        assert 'type="email"' in answer.body, "with the way to a new one"


@pytest.mark.parametrize(("late", "status"), [(-1, 303), (0, 403), (60, 403)])
def test_a_link_lives_for_an_hour(hq: World, late: int, status: int) -> None:
    hq.now = hq.now.replace(second=0, microsecond=0)
    link = mailed(hq, ADMIN)
    hq.now += timedelta(minutes=SIGN_IN_MINUTES, seconds=late)
    assert signed_in(hq, link).status == status


def test_a_link_does_not_bring_back_a_device_that_was_signed_out(hq: World) -> None:
    link = mailed(hq, ADMIN)
    desk = browser(hq, signed_in(hq, link))
    (device,) = hq.wiring.hq_access.of(person_id(ADMIN)).devices
    desk.post("/hq/devices", action="remove", device=device.id)
    assert signed_in(hq, link).status == 403


def test_the_link_of_a_mail_opens_the_desk_for_the_person_it_was_sent_to(hq: World) -> None:
    path = "/hq/open/" + hq.hq_link(email=MANAGER).rpartition("/")[2]
    with writes_counted(hq) as writes:
        shown = hq.http("GET", path)
    assert not writes
    assert "Sam South" in shown.body
    assert browser(hq, signed_in(hq, path)).get("/hq").status == 200
    shared = hq.wiring.services.queue_link().rpartition("/")[2]
    for answer in (hq.http("GET", f"/hq/open/{shared}"), signed_in(hq, f"/hq/open/{shared}")):
        assert answer.status == 403
        assert not answer.cookies, "a link that names nobody signs nobody in"


# ── no token serves another purpose, person or time ───────────────────────────────────────────────


def test_no_token_serves_where_another_is_asked_for(hq: World) -> None:
    hq.add(munich(1))
    told = hq.post_lead().json()
    hq.deliver()
    lead = told["lead"]
    cookie = hq.desk().cookie.partition("=")[2]
    tokens = {
        "in": mailed(hq, ADMIN).partition("?")[0].rpartition("/")[2],
        "q": hq.hq_link().rpartition("/")[2],
        "s": told["status_url"].rpartition("/")[2],
        "o": hq.offer_link(lead).rpartition("/")[2],
        "cookie": cookie,
    }
    places = {"in": "/hq/in/", "q": "/hq/open/"}
    for kind, token in tokens.items():
        for own, place in places.items():
            if own == kind:
                continue
            for method in ("GET", "POST"):
                answer = hq.http(method, place + token, headers=OURS)
                assert answer.status == 403, f"{kind} at {place}"
                assert not answer.cookies
        if kind != "cookie":
            headers = {"cookie": f"__Host-hq={token}"}
            assert hq.http("GET", "/hq/devices", headers=headers).status == 403, kind
        if kind != "q":
            assert hq.http("GET", f"/q/{token}").status == 403, kind


def forged_cookies(world: World) -> dict[str, str]:
    services = world.wiring.services
    day, person = world.now.date().toordinal(), person_id(ADMIN)
    own = world.desk().cookie.partition("=")[2]
    device = services.hq_access.of(person).devices[-1].id
    generation = services.programme.hq.links

    def signed(**changed: Any) -> str:
        fields: dict[str, Any] = {
            "subject": device,
            "number": day,
            "generation": generation,
            "person": person,
        }
        return services.links.token(Token(Purpose.HQ_DEVICE, **(fields | changed)))

    assert (
        world.http("GET", "/hq/devices", headers={"cookie": f"__Host-hq={signed()}"}).status == 200
    )
    head, _, tail = own.partition(".")
    return {
        "of another person": signed(person=person_id(MANAGER)),
        "of nobody": signed(person=person_id("stranger@example.org")),
        "of another device": signed(subject="000000000000"),
        "of the generation before": signed(generation=generation - 1),
        "of another generation of theirs": signed(extra="1"),
        "of long ago": signed(number=day - DEVICE_DAYS - 1),
        "tampered with": f"{head}.A{tail[1:]}",
        "by another key": f"k2.{tail}",
        "cut short": own[:-2],
        "empty": "",
    }


def test_a_cookie_opens_nothing_that_is_not_exactly_what_we_gave(hq: World) -> None:
    for kind, cookie in forged_cookies(hq).items():
        for name in ("__Host-hq", "hq"):
            headers = {"cookie": f"{name}={cookie}", **OURS}
            assert hq.http("GET", "/hq/devices", headers=headers).status == 403, kind
            assert hq.http("POST", "/hq/devices", form={}, headers=headers).status == 403, kind


def test_a_cookie_of_the_local_name_is_no_cookie_of_ours_elsewhere(hq: World) -> None:
    cookie = hq.desk().cookie.partition("=")[2]
    assert hq.http("GET", "/hq/devices", headers={"cookie": f"hq={cookie}"}).status == 403


# ── how it ends ───────────────────────────────────────────────────────────────────────────────────


def test_whoever_is_taken_out_of_the_rules_is_signed_out_and_their_links_end_at_once(
    hq: World,
) -> None:
    desk, colleague = hq.desk(MANAGER), hq.desk(ADMIN)
    sign_in, mail = mailed(hq, MANAGER), hq.hq_link(email=MANAGER)
    save_programme(hq.wiring.services, people(MANAGER), hq.now)
    assert desk.get("/hq/devices").status == 403
    assert signed_in(hq, sign_in).status == 403
    assert hq.http("GET", mail).status == 403
    assert colleague.get("/hq/devices").status == 200, "nobody else is signed out"
    save_programme(hq.wiring.services, people(), hq.now)
    assert desk.get("/hq/devices").status == 403, "who comes back signs in anew"
    assert signed_in(hq, sign_in).status == 403
    assert hq.http("GET", mail).status == 403
    assert hq.desk(MANAGER).get("/hq/devices").status == 200


def test_signing_out_everywhere_ends_every_device_and_every_link(hq: World) -> None:
    phone, laptop, colleague = hq.desk(ADMIN), hq.desk(ADMIN), hq.desk(MANAGER)
    sign_in, mail = mailed(hq, ADMIN), hq.hq_link(email=ADMIN)
    answer = laptop.post("/hq/devices", action="everywhere")
    assert answer.headers["Location"].startswith("/hq?did=signed_out.")
    assert "Max-Age=0" in answer.cookies[0]
    for device in (phone, laptop):
        assert device.get("/hq/devices").status == 403
    assert signed_in(hq, sign_in).status == 403
    assert hq.http("GET", mail).status == 403
    assert colleague.get("/hq/devices").status == 200
    hq.advance(hours=1)
    assert signed_in(hq, mailed(hq, ADMIN)).status == 303


def test_raising_links_in_the_rules_signs_everybody_out(hq: World) -> None:
    desk = hq.desk(MANAGER)
    document = people()
    document["hq"]["links"] = 7
    save_programme(hq.wiring.services, document, hq.now)
    assert desk.get("/hq/devices").status == 403


def test_a_device_is_signed_out_from_another_one(hq: World) -> None:
    lost, here = hq.desk(ADMIN), hq.desk(ADMIN)
    lost_device = hq.wiring.hq_access.of(person_id(ADMIN)).devices[0].id
    page = here.get("/hq/devices").body
    assert page.count('name="device"') == 2
    assert page.count("this device") == 1
    told = here.press("/hq/devices", action="remove", device=lost_device)
    assert "That device is signed out." in told.body
    assert lost.get("/hq/devices").status == 403
    assert here.get("/hq/devices").status == 200


def test_signing_out_here_takes_the_cookie_away(hq: World) -> None:
    here, other = hq.desk(ADMIN), hq.desk(ADMIN)
    device = hq.wiring.hq_access.of(person_id(ADMIN)).devices[0].id
    answer = here.post("/hq/devices", action="remove", device=device)
    assert answer.cookies[0].startswith("__Host-hq=; ")
    assert "Max-Age=0" in answer.cookies[0]
    assert here.get("/hq/devices").status == 403
    assert other.get("/hq/devices").status == 200


def test_nobody_signs_out_somebody_else(hq: World) -> None:
    hq.desk(ADMIN)
    device = hq.wiring.hq_access.of(person_id(ADMIN)).devices[0].id
    hq.desk(VIEWER).post("/hq/devices", action="remove", device=device)
    assert hq.wiring.hq_access.of(person_id(ADMIN)).devices


def test_a_device_in_use_stays_signed_in_and_one_that_rests_is_signed_out(hq: World) -> None:
    used, resting = hq.desk(ADMIN), hq.desk(ADMIN)
    for _ in range(4):
        hq.advance(days=DEVICE_DAYS - 1)
        answer = used.get("/hq/devices")
        assert answer.status == 200
        used = browser(hq, answer)
    assert resting.get("/hq/devices").status == 403
    hq.advance(days=DEVICE_DAYS)
    assert used.get("/hq/devices").status == 200
    hq.advance(days=1)
    assert used.get("/hq/devices").status == 403


def test_a_day_of_use_is_noted_once_and_looking_writes_nothing_else(hq: World) -> None:
    desk = hq.desk(ADMIN)
    with writes_counted(hq) as writes:
        assert not desk.get("/hq/devices").cookies
    assert not writes
    hq.advance(days=1)
    with writes_counted(hq) as writes:
        answer = desk.get("/hq/devices")
        fresh = browser(hq, answer)
        for _ in range(3):
            assert not fresh.get("/hq/devices").cookies
    assert len(writes) == 1
    (device,) = hq.wiring.hq_access.of(person_id(ADMIN)).devices
    assert device.last_used == hq.now.date()


def test_a_renewal_that_meets_a_sign_out_does_not_sign_in_again(hq: World) -> None:
    desk, other = hq.desk(ADMIN), hq.desk(ADMIN)
    hq.advance(days=1)
    browser(hq, other.get("/hq/devices")).post("/hq/devices", action="everywhere")
    answer = desk.get("/hq/devices")
    assert answer.status == 403
    assert not answer.cookies


def test_the_device_used_longest_ago_makes_room_where_there_are_too_many(hq: World) -> None:
    first = hq.desk(ADMIN)
    hq.advance(days=1)
    others = [hq.desk(ADMIN) for _ in range(MOST_DEVICES)]
    assert first.get("/hq/devices").status == 403
    assert all(each.get("/hq/devices").status == 200 for each in (others[0], others[-1]))


# ── who posts ─────────────────────────────────────────────────────────────────────────────────────

FOREIGN: list[dict[str, str]] = [
    {},
    {"origin": "https://evil.example"},
    {"origin": "null"},
    {"origin": f"{BASE_URL}.evil.example"},
    {"origin": BASE_URL.replace("https", "http")},
    {"origin": f"{BASE_URL}:8443"},
    {"referer": "https://evil.example/hq"},
    {"referer": f"https://evil.example/?{BASE_URL}"},
    {"origin": BASE_URL, "sec-fetch-site": "cross-site"},
    {"origin": BASE_URL, "sec-fetch-site": "same-site"},
    {"origin": BASE_URL, "sec-fetch-site": "none"},
    {"sec-fetch-site": "same-site"},
    {"origin": "http://localhost:8000"},
]
OWN: list[dict[str, str]] = [
    {"origin": BASE_URL},
    {"referer": f"{BASE_URL}/hq/devices"},
    {"origin": BASE_URL, "sec-fetch-site": "same-origin"},
    {"origin": "null", "sec-fetch-site": "same-origin"},
    {"sec-fetch-site": "same-origin"},
]


@pytest.mark.parametrize("headers", FOREIGN)
def test_a_post_that_another_site_sent_does_nothing(hq: World, headers: dict[str, str]) -> None:
    link, desk = mailed(hq, ADMIN), hq.desk(ADMIN)
    own = "/hq/open/" + hq.hq_link(email=ADMIN).rpartition("/")[2]
    with writes_counted(hq) as writes:
        for path in ("/hq", "/hq/devices", link, own):
            sent = {"cookie": desk.cookie, **headers}
            form = {"email": ADMIN, "action": "everywhere"}
            answer = hq.http("POST", path, form=form, headers=sent)
            assert answer.status == 403, path
            assert not answer.cookies
    assert not writes


@pytest.mark.parametrize("headers", OWN)
def test_a_post_from_our_own_page_is_taken(hq: World, headers: dict[str, str]) -> None:
    sent = {"cookie": hq.desk(ADMIN).cookie, **headers}
    assert hq.http("POST", "/hq/devices", form={"action": "x"}, headers=sent).status == 303


def test_pages_that_post_say_where_they_come_from_to_us_alone(hq: World) -> None:
    link, desk = mailed(hq, ADMIN), hq.desk(ADMIN)
    for page in (hq.http("GET", "/hq"), hq.http("GET", link), desk.get("/hq/devices")):
        assert page.headers["Referrer-Policy"] == "same-origin"
        assert '<meta name="referrer" content="same-origin">' in page.body
        assert "style-src 'sha256-" in page.headers["Content-Security-Policy"]
    assert hq.http("GET", hq.hq_link(email=ADMIN)).headers["Referrer-Policy"] == "no-referrer"


# ── from a mail into the desk ─────────────────────────────────────────────────────────────────────


def into_desk(world: World, page: str) -> str:
    """Where the page behind a mail's link leads to on the desk."""
    (address,) = re.findall(
        rf'href="{BASE_URL}(/hq/open/[^"]+)"', world.http("GET", page).body.replace("&amp;", "&")
    )
    return str(address)


def test_a_mails_page_leads_to_the_same_on_the_desk(hq: World) -> None:
    hq.add(munich(1))
    lead = str(hq.post_lead().json()["lead"])
    pages = {
        hq.hq_link(email=MANAGER): "/hq",
        hq.hq_link(lead, MANAGER): f"/hq/leads/{lead}",
        f"{hq.hq_link(email=MANAGER)}/partners/munich-1": "/hq/partners/munich-1",
    }
    for page, place in pages.items():
        address = into_desk(hq, page)
        asked = hq.http("GET", address)
        assert asked.status == 200
        assert "Sam South" in asked.body
        answer = signed_in(hq, address)
        assert answer.headers["Location"] == place
        here = browser(hq, answer)
        again = here.get(address)
        assert (again.status, again.headers["Location"]) == (303, place), "no question any more"
        assert not again.cookies
        # On a device of somebody else it asks whose desk is to be opened.
        assert hq.desk(ADMIN).get(address).status == 200
    shared = hq.wiring.services.queue_link().removeprefix(BASE_URL)
    assert "/hq/open/" not in hq.http("GET", shared).body


def test_a_mails_link_that_is_over_leads_to_the_door_and_from_there_to_what_it_was_about(
    hq: World,
) -> None:
    hq.add(munich(1))
    lead = str(hq.post_lead().json()["lead"])
    address = into_desk(hq, hq.hq_link(lead, MANAGER))
    hq.advance(days=31)
    for answer in (hq.http("GET", address), signed_in(hq, address)):
        assert answer.status == 403
        assert not answer.cookies
        assert f'name="to" value="/hq/leads/{lead}"' in answer.body
        assert "is too old" in answer.body


def test_pages_behind_a_mails_link_are_in_their_readers_language(hq: World) -> None:
    german, english = (hq.http("GET", hq.hq_link(email=email)).body for email in (VIEWER, ADMIN))
    assert 'lang="de"' in german
    assert 'lang="en"' in english


# ── a viewer looks ────────────────────────────────────────────────────────────────────────────────


def test_a_viewer_sees_everything_behind_a_mails_link_and_no_button_and_none_works(
    hq: World,
) -> None:
    hq.add(munich(1))
    lead = str(hq.post_lead(website_url="held", email="a@posteo.de", phone="").json()["lead"])
    hq.post_lead("second", website_url="held", email="b@posteo.de", phone="")
    queue, page = hq.hq_link(email=VIEWER), hq.hq_link(lead, VIEWER)
    access = f"{queue}/partners/munich-1"
    for address in (queue, page, access):
        shown = hq.http("GET", address)
        assert shown.status == 200
        assert "<form" not in shown.body
    for address in (hq.hq_link(email=ADMIN), hq.hq_link(lead, ADMIN)):
        assert "<form" in hq.http("GET", address).body
    presses = {
        queue: ("retry", "release_alike", "reject_alike"),
        page: ("assign", "grant", "release", "reject", "move", "note", "erase"),
        access: ("revoke",),
    }
    with writes_counted(hq) as writes:
        for address, actions in presses.items():
            for action in actions:
                form = {"action": action, "partner": "munich-1", "text": "x", "postcode": "80333"}
                assert hq.http("POST", address, form=form).status == 403, action
    assert not writes


def test_a_viewer_gets_no_mail_that_asks_to_act(hq: World) -> None:
    hq.add(munich(1, paused=True))
    hq.deliver()
    hq.post_lead()
    hq.deliver()
    told = {str(mail["To"]) for mail in hq.mails()}
    assert {ADMIN, MANAGER} <= told
    assert VIEWER not in told
