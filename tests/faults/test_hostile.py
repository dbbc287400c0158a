"""What strangers send: through every field into every sink, in every wrong shape; it stays text, or
is refused.
"""

import csv
import io
import json
import re
from base64 import b64decode
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlsplit

import pytest

from infra.tools.hq_key import create_key
from tests.support.hooks import writes_counted
from tests.support.logged import kept
from tests.support.stack import BASE_URL
from tests.support.world import ENQUIRY, World, a_programme, munich

EVIL = {
    "a header": "Eve\r\nBcc: victim@evil.example\r\n\r\nDear",
    "an encoded header": "Eve%0d%0aBcc:%20victim@evil.example",
    "NUL": "Eve\x00Evil",
    "text turned around": "Eve\u202egnp.exe",
    "an image": '<img src=x onerror="alert(1)">',
    "out of an attribute": '"\'><script>alert(1)</script><a href="',
    "a template": "{{777777*777777}}${777777*777777}{%print(777777*777777)%}",
    "a script link": "javascript:alert(1)",
    "a formula": '=HYPERLINK("https://evil.example","x")',
    "a card": "Eve\nEND:VCARD\nBEGIN:VCARD\nTEL:+4911",
    "an entry": "Eve\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nATTACH:https://evil.example/x",
    "separators": "Eve;,\\:\\n;ADR",
}
FREE = ("name", "company", "street", "town", "message", "notes")
DECEPTIVE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069]")


ADDRESSES = ("src", "href", "action", "formaction")


class Tags(HTMLParser):
    """What a browser would make of a page: elements, attributes, scripts."""

    def __init__(self, page: str):
        super().__init__()
        self.wrong: list[str] = []
        self._in_script = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._in_script = tag == "script"
        for name, value in attrs:
            runs = name in ADDRESSES and (value or "").strip().lower().startswith("javascript:")
            leaves = name in ADDRESSES and "evil.example" in urlsplit(value or "").netloc
            if name.startswith("on") or runs or leaves:
                self.wrong.append(f"<{tag} {name}={value}>")

    def handle_endtag(self, tag: str) -> None:
        self._in_script = False

    def handle_data(self, data: str) -> None:
        if self._in_script and "alert(1)" in data:
            self.wrong.append(f"<script>{data}")


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    with kept() as stream:
        yield stream


def page(answer: Any) -> None:
    """No element, attribute or script of the sender's; no template was run; nothing turns text
    around.
    """
    assert not Tags(answer.body).wrong
    assert "604937061729" not in re.sub(r"777777\*777777", "", answer.body), "a template was run"
    assert not DECEPTIVE.search(answer.body)
    assert not any("\r" in value or "\n" in value for value in answer.headers.values())


@pytest.mark.parametrize("kind", EVIL)
def test_what_is_typed_stays_text_in_every_page_mail_file_and_log(
    world: World, log: io.StringIO, kind: str
) -> None:
    evil = EVIL[kind]
    world.use(
        a_programme(before_accept=["company", "answers", "postcode", "product"]),
        munich(1),
        munich(2),
    )
    context = {
        "source": evil,
        "referrer": f"https://evil.example/{evil}",
        "utm": {"utm_source": evil},
        "pages": [evil],
    }
    typed = dict.fromkeys(FREE, evil)
    answer = world.post_lead("evil", context=context, **typed)
    assert answer.status in (201, 422), answer.body
    if answer.status == 422:  # then without the field that cannot be so
        refused = {problem["field"] for problem in answer.json()["errors"]}
        answer = world.post_lead(
            "evil", context=context, **{f: v for f, v in typed.items() if f not in refused}
        )
    assert answer.status == 201, answer.body
    told = answer.json()
    lead, status = told["lead"], told["status_url"].removeprefix(BASE_URL)
    offer, queue = world.offer_link(lead), world.hq_link(lead)
    world.deliver()
    page(world.http("GET", offer))
    page(world.press(offer, action="accept"))
    for action in ("attempt", "note"):
        page(world.press(offer, action=action, text=evil))
    page(world.press(status, action="note", text=evil))
    page(world.press(status, action="phone", phone=evil))
    page(world.press(queue, action="note", text=evil))
    world.post_lead("repeat", **typed | {"message": f"again {evil}"})
    world.deliver()
    desk = world.wiring.links.desk("munich-1", 1).removeprefix(BASE_URL)
    for path in (offer, status, desk, queue, queue.partition("/leads")[0]):
        page(world.http("GET", path))
    form = (
        {k: "yes" if v is True else str(v) for k, v in ENQUIRY.items()}
        | typed
        | {"email": evil, "step": "2"}
    )
    page(world.http("POST", "/f/enquiry", form=form))
    query = "&".join(
        f"{name}={'%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E'}"
        for name in ("postcode", "lang", "utm_source")
    )
    page(world.http("GET", f"/f/enquiry?{query}"))
    _files(world, offer)
    _mails(world)
    text = log.getvalue()
    assert "evil" not in text.lower().replace('"evil"', "")
    assert "alert(1)" not in text
    assert not DECEPTIVE.search(text.replace("\n", ""))


@pytest.mark.parametrize("kind", EVIL)
def test_what_partners_and_hq_type_stays_text_in_every_page_mail_table_and_log(
    world: World, log: io.StringIO, kind: str
) -> None:
    evil = EVIL[kind]
    world.use(a_programme(), munich(1), munich(2))
    key = {"x-api-key": create_key(world.wiring._dynamo, "partners", "tests")}
    for partner in ("munich-1", "munich-2"):
        for typed in ({"name": evil}, {"town": evil, "street": evil}, {"contact": {"name": evil}}):
            answer = world.http("PUT", f"/v1/partners/{partner}", json_body=typed, headers=key)
            assert answer.status in (200, 422), answer.body
    world.deliver()
    lead = world.post_lead().json()["lead"]
    world.deliver()
    queue = world.hq_link(lead)
    page(world.press(world.offer_link(lead), action="decline", reason="busy", text=evil))
    world.deliver()
    offer = world.offer_link(lead)
    page(world.press(offer, action="accept"))
    world.deliver()
    page(world.press(offer, action="colleague", name=evil, email="a.colleague@example.com"))
    page(world.press(offer, action="colleague", name="Kim", email=evil))
    page(world.press(offer, action="won", value=evil))
    page(world.press(offer, action="hq", text=evil))
    page(world.press(queue, action="assign", partner=evil))
    world.deliver()
    status = world.wiring.links.status(lead).removeprefix(BASE_URL)
    desk = world.wiring.links.desk("munich-1", 1).removeprefix(BASE_URL)
    top = queue.partition("/leads")[0]
    for path in (offer, status, desk, queue, top, f"{top}/coverage"):
        page(world.http("GET", path))
    table = world.http("POST", f"{top}/coverage").body
    cells = [
        cell
        for row in csv.reader(table.removeprefix("\ufeff").splitlines(), delimiter=";")
        for cell in row
    ]
    assert len(cells) > 10
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]
    _mails(world)
    text = log.getvalue()
    assert "evil" not in text.lower()
    assert "alert(1)" not in text


def _files(world: World, offer: str) -> None:
    card = _file(world, f"{offer}/contact.vcf")
    assert (
        _starts(card, "BEGIN:VCARD"),
        _starts(card, "TEL:+4911"),
        _starts(card, "END:VCARD"),
    ) == (1, 0, 1)
    entry = _file(world, f"{offer}/contact.ics")
    assert (
        _starts(entry, "BEGIN:VEVENT"),
        _starts(entry, "END:VEVENT"),
        _starts(entry, "ATTACH"),
    ) == (1, 1, 0)
    assert not DECEPTIVE.search(card + entry)


def _file(world: World, path: str) -> str:
    return b64decode(world.http("GET", path).body).decode()


def _starts(text: str, word: str) -> int:
    return sum(line.startswith(word) for line in text.splitlines())


def _mails(world: World) -> None:
    mails = world.mails()
    assert len(mails) > 5
    allowed = {
        "subject",
        "from",
        "to",
        "reply-to",
        "auto-submitted",
        "mime-version",
        "content-type",
        "date",
    }
    allowed |= {"x-entity-ref-id", "in-reply-to", "references"}
    for mail in mails:
        assert {name.lower() for name in mail.keys()} <= allowed  # noqa: SIM118 - a message, not a dict
        assert not DECEPTIVE.search("".join(str(value) for value in mail.values()))
        assert "victim@" not in str(mail["To"])
        html = mail.get_body(("html",))
        assert html
        assert not Tags(html.get_content()).wrong
        assert "604937061729" not in html.get_content()


# ── wrong shapes ──────────────────────────────────────────────────────────────────────────────────

LEADS = "/v1/forms/enquiry/leads"
DEEP = '{"a":' * 20_000 + "1" + "}" * 20_000
SHAPES: dict[str, tuple[str | bytes, str, int]] = {
    "ten megabytes": ('{"message": "' + "x" * 10_000_000 + '"}', "application/json", 413),
    "ten megabytes of form": (
        "message=" + "x" * 10_000_000,
        "application/x-www-form-urlencoded",
        413,
    ),
    "nested too deeply": (DEEP[:32_000], "application/json", 400),
    "NaN": ('{"area": NaN}', "application/json", 400),
    "Infinity": ('{"area": -Infinity}', "application/json", 400),
    "a key twice": ('{"name": "a", "name": "b"}', "application/json", 400),
    "a list": ('["name"]', "application/json", 400),
    "nothing": ("", "application/json", 400),
    "another charset": (
        "name=M\xfcller".encode("latin-1"),
        "application/x-www-form-urlencoded",
        422,
    ),
    "another charset in JSON": ('{"name": "Müller"}'.encode("latin-1"), "application/json", 422),
    "UTF-16": ('{"name": "a"}'.encode("utf-16"), "application/json", 400),
    "a multipart form without boundary": (b"--x", "multipart/form-data", 400),
    "a multipart form of a thousand fields": (
        b"".join(
            b'--x\r\nContent-Disposition: form-data; name="f"\r\n\r\n1\r\n' for _ in range(1000)
        ),
        "multipart/form-data; boundary=x",
        400,
    ),
    "a multipart form that begins a million parts": (
        b"--x\r\n" * 700_000,
        "multipart/form-data; boundary=x",
        400,
    ),
    "half a surrogate": ('{"name": "\\ud800"}', "application/json", 422),
    "a thousand fields": (
        "&".join(f"f{n}=x" for n in range(1000)),
        "application/x-www-form-urlencoded",
        400,
    ),
    "numbers for text": ('{"name": 7, "email": {}, "message": []}', "application/json", 422),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_a_body_in_a_wrong_shape_is_refused_and_nothing_is_written(
    world: World, shape: str
) -> None:
    world.use(a_programme(), munich(1))
    body, kind, status = SHAPES[shape]
    before = world.items()
    answer = world.http("POST", LEADS, body=body, headers={"content-type": kind})
    assert answer.status == status, answer.body[:300]
    assert world.items() == before


@pytest.mark.parametrize(
    "kind", ["text/plain", "text/plain;charset=UTF-8", "", "image/png", "application/jsonp"]
)
@pytest.mark.parametrize("path", [LEADS, "/f/enquiry"])
def test_no_page_can_post_an_enquiry_in_a_visitors_name_by_calling_it_text(
    world: World, kind: str, path: str
) -> None:
    """Of these types a browser asks nobody whether a foreign page may send them."""
    world.use(a_programme(), munich(1))
    before = world.items()
    answer = world.http(
        "POST", path, body=json.dumps(ENQUIRY), headers={"content-type": kind} if kind else {}
    )
    assert answer.status == 415
    assert "multipart/form-data" in answer.body or "Nothing was saved" in answer.body
    assert world.items() == before


def test_no_path_leads_anywhere_else(world: World) -> None:
    world.use(a_programme(), munich(1))
    lead = world.post_lead().json()["lead"]
    queue = world.hq_link()
    before = world.items() + world.items("partners")
    names = (
        "..",
        "%2e%2e",
        "..%2f..",
        "LEAD",
        "EVENT%23000001",
        f"{lead}%00",
        f"{lead.lower()}",
        "%F0%9F%92%A9",
        "a" * 3000,
    )
    for name in names:
        assert world.http("GET", f"{queue}/leads/{name}").status == 404, name
        assert world.http("GET", f"/v1/forms/{name}").status == 404, name
        assert world.http("GET", f"/f/{name}").status == 404, name
        assert world.http("POST", f"/v1/forms/{name}/leads", json_body=ENQUIRY).status == 404, name
        assert world.http("GET", f"/s/{name}").status in (403, 404), name
        assert world.http("GET", f"/v1/partners/{name}").status == 401, name
    assert world.items() + world.items("partners") == before


@pytest.mark.parametrize(
    ("address", "same"),
    [
        ("ERIKA@POSTEO.DE", True),
        ("erika+heat@posteo.de", True),
        ("erika@posteo.de ", True),
        ("\u202derika@posteo.de", True),
        ("erik\u200ba@posteo.de", True),
        ("erika.b@posteo.de", False),
        ("erika@posteo.net", False),
    ],
)
def test_other_spellings_of_an_address_are_the_same_person_and_other_addresses_are_not(
    world: World, address: str, same: bool
) -> None:
    world.use(a_programme(), munich(1))
    world.post_lead("one", phone="")
    second = world.post_lead("two", email=address, phone="").json()["lead"]
    assert world.lead(second).status == ("joined" if same else "offered")


@pytest.mark.parametrize(
    "address", ["еrika@posteo.de", "erika@exаmple.com\r\nBcc: a@b.c", "a@b@c.de", '"x"@[127.0.0.1]']
)
def test_an_address_that_only_looks_like_one_is_refused_or_written_as_what_it_is(
    world: World, address: str
) -> None:
    world.use(a_programme(), munich(1))
    answer = world.post_lead(email=address, phone="")
    if answer.status == 201:
        world.deliver()
        assert all(
            str(mail["To"]).isascii() and "Bcc" not in str(mail["To"]) for mail in world.mails()
        )
    else:
        assert answer.status == 422


# ── scanners and people in a hurry ────────────────────────────────────────────────────────────────


def test_a_scanner_that_follows_every_link_of_every_page_and_mail_writes_nothing(
    world: World,
) -> None:
    world.use(a_programme(), munich(1), munich(2))
    told = world.post_lead().json()
    world.deliver()
    bodies = [str(mail.get_body(("html",)).get_content()) for mail in world.mails()]  # type: ignore[union-attr]
    bodies += [world.http("GET", told["status_url"].removeprefix(BASE_URL)).body]
    seen: set[str] = set()
    with writes_counted(world) as writes:
        while bodies:
            body = bodies.pop()
            assert not re.search(r"\.submit\(|requestSubmit|http-equiv=.refresh", body), (
                "a page acts by itself"
            )
            for link in set(re.findall(rf'href="(?:{re.escape(BASE_URL)})?(/[^"#]*)', body)) - seen:
                seen.add(link)
                answer = world.http("GET", link.replace("&amp;", "&"))
                if "html" in answer.headers.get("Content-Type", ""):
                    bodies.append(answer.body)
    assert writes == []
    assert {link[:3] for link in seen} >= {"/o/", "/d/", "/s/"}


def test_a_forwarded_mail_and_two_people_who_press_it_make_one_acceptance(world: World) -> None:
    world.use(a_programme(), munich(1))
    lead = world.post_lead().json()["lead"]
    path = world.offer_link(lead)
    for _ in range(2):
        assert world.press(path, action="accept").status == 200
    assert world.press(path, action="decline", reason="busy").status == 200
    assert world.facts(lead).count("offer.accepted") == 1
    assert "offer.declined" not in world.facts(lead)


def test_daylight_saving_at_the_edge_of_a_window_costs_nobody_an_hour(world: World) -> None:
    world.now = world.now.replace(
        month=10, day=23, hour=14, minute=30
    )  # Friday, 16:30 in Berlin; the clocks go back
    world.use(
        a_programme(offers=[{"window": {"response_hours": 2}, "total": {"working_days": 2}}]),
        munich(1),
    )
    offer = world.lead(world.post_lead().json()["lead"]).offers[0]
    monday = world.now.replace(day=26, hour=7)  # 8:30 in Berlin
    assert offer.expires_at == monday
