"""Files of a lead: HQ attaches them, its owner opens them, and erasing leaves nothing of them."""

import base64
import io
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any
from urllib.parse import quote, urlsplit

import boto3
import pytest
from botocore.exceptions import ClientError

from routing_core.aws import wiring as wiring_module
from routing_core.aws.tables.object_versions import delete_all_versions
from routing_core.domain.file_checks import clean_file_name, kind_of_file
from routing_core.domain.lead_file import LARGEST_LEAD_FILE, MOST_FILES, FileKind
from tests.integration.test_desk_leads import PEOPLE, REGIONS
from tests.support.builders import programme_document
from tests.support.hooks import meanwhile
from tests.support.world import Answer, HqBrowser, World, a_programme, munich

ADMIN, VIEWER, GERMAN = "hq@example.com", "looks@example.com", "de@example.com"
PDF = b"%PDF-1.7\n1 0 obj\n"
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF"


def office(*parts: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for part in parts:
            archive.writestr(part, "<x/>")
    return packed.getvalue()


DOCX = office("[Content_Types].xml", "word/document.xml")


@pytest.fixture
def hq(world: World) -> World:
    rules = {k: v for k, v in programme_document()["hq"].items() if k != "emails"} | PEOPLE
    german = {"email": GERMAN, "role": "admin", "language": "de"}
    rules["people"] = [*PEOPLE["people"], german]  # type: ignore[misc]
    world.use(a_programme(hq=rules, regions=REGIONS), munich(1), munich(2))
    delete_all_versions(world.wiring.lead_files._s3(), bucket(world), "files/")
    return world


@pytest.fixture
def lead(hq: World) -> str:
    lead_id: str = hq.post_lead().json()["lead"]
    return lead_id


@pytest.fixture
def desk(hq: World) -> HqBrowser:
    return hq.desk(ADMIN)


def bucket(world: World) -> str:
    return world.wiring._stores.bucket


def sent(content: bytes, name: str = "plan.pdf") -> dict[str, Any]:
    head = f'--b\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'
    body = head.encode() + content + b"\r\n--b--"
    return {"body": body, "headers": {"content-type": "multipart/form-data; boundary=b"}}


def attach(desk: HqBrowser, lead: str, content: bytes = PDF, name: str = "plan.pdf") -> Answer:
    return desk.send(f"/hq/leads/{lead}/files", **sent(content, name))


def names(world: World, lead: str) -> list[str]:
    return [each.name for each in kept(world, lead)]


def kept(world: World, lead: str) -> Sequence[Any]:
    context = world.wiring.leads.context(lead)
    assert context is not None
    return context.files


def attached(desk: HqBrowser, lead: str, **file: Any) -> str:
    """Attaches a file, and gives its id."""
    answer = attach(desk, lead, **file)
    assert answer.status == 303, answer.body
    return str(kept(desk.world, lead)[-1].id)


def objects(world: World) -> list[str]:
    """The key of every version of every file that the bucket keeps."""
    listed = boto3.client("s3").list_object_versions(Bucket=bucket(world), Prefix="files/")
    return [each["Key"] for each in (*listed.get("Versions", ()), *listed.get("DeleteMarkers", ()))]


def content(answer: Answer) -> bytes:
    assert answer.status == 200, answer.body
    return base64.b64decode(answer.body)


def key(world: World, *scopes: str) -> dict[str, str]:
    return {"x-api-key": world.api_key(*scopes)}


def file_page(world: World, lead: str, file: str, number: int = 0) -> str:
    return f"{urlsplit(world.offer_link(lead, number)).path}/files/{file}"


@contextmanager
def s3_refuses(operation: str) -> Iterator[None]:
    def refuse(**_: Any) -> None:
        raise ClientError({"Error": {"Code": "SlowDown", "Message": ""}}, operation)

    events = wiring_module._client("s3").meta.events
    events.register(f"before-call.s3.{operation}", refuse)
    try:
        yield
    finally:
        events.unregister(f"before-call.s3.{operation}", refuse)


# ── HQ's desk ─────────────────────────────────────────────────────────────────────────────────────


def test_a_file_is_attached_listed_opened_and_removed(
    hq: World, lead: str, desk: HqBrowser
) -> None:
    address = f"/hq/leads/{lead}"
    assert "No files yet" in desk.get(address).body
    answer = attach(desk, lead)
    page = desk.get(answer.headers["Location"]).body
    assert "File attached." in page
    file = kept(hq, lead)[0]
    assert f'<a href="{address}/files/{file.id}" download>plan.pdf</a>' in page
    assert "1 kB" in page
    opened = desk.get(f"{address}/files/{file.id}")
    assert content(opened) == PDF
    assert opened.headers["Content-Type"] == "application/pdf"
    assert opened.headers["Content-Disposition"] == 'attachment; filename="plan.pdf"'
    assert opened.headers["X-Content-Type-Options"] == "nosniff"
    assert opened.headers["Cache-Control"] == "no-store"
    gone = desk.press(f"{address}/files/{file.id}")
    assert "File removed." in gone.body
    assert "No files yet" in gone.body
    assert desk.get(f"{address}/files/{file.id}").status == 404
    hq.feed()
    assert objects(hq) == []
    assert desk.post(f"{address}/files/{file.id}").status == 303  # removed twice is removed


def test_who_attached_and_removed_it_stands_in_the_timeline_and_the_log(
    hq: World, lead: str, desk: HqBrowser
) -> None:
    file = attached(desk, lead, name="Zwickel.pdf")
    desk.post(f"/hq/leads/{lead}/files/{file}")
    page = desk.get(f"/hq/leads/{lead}").body
    assert "HQ attached a file" in page
    assert "HQ removed a file" in page
    entries = hq.http("GET", "/v1/log?kind=leads", headers=key(hq, "log:read")).json()["entries"]
    assert [each["kind"] for each in entries] == ["file.removed", "file.attached"]
    assert entries[0]["by"].startswith("link:")
    assert "Attached a file" in desk.get("/hq/log").body
    stored = [each for each in hq.items() if each["sk"].startswith("EVENT")]
    assert "Zwickel" not in str(stored)


def test_the_same_file_sent_twice_is_kept_once(hq: World, lead: str, desk: HqBrowser) -> None:
    attached(desk, lead)
    attached(desk, lead)
    assert names(hq, lead) == ["plan.pdf"]
    assert len(objects(hq)) == 1
    attached(desk, lead, content=PDF + b"2")
    assert names(hq, lead) == ["plan.pdf", "plan.pdf"]


def test_of_the_same_file_sent_twice_at_once_one_can_be_opened(
    hq: World, lead: str, desk: HqBrowser
) -> None:
    with meanwhile(hq, partial(attach, desk, lead)):
        assert attach(desk, lead).status == 303
    assert names(hq, lead) == ["plan.pdf"]
    file = kept(hq, lead)[0].id
    assert content(desk.get(f"/hq/leads/{lead}/files/{file}")) == PDF


def test_two_files_sent_at_once_are_both_kept(hq: World, lead: str, desk: HqBrowser) -> None:
    with meanwhile(hq, partial(attach, desk, lead, JPEG, "a.jpg")):
        attach(desk, lead)
    assert sorted(names(hq, lead)) == ["a.jpg", "plan.pdf"]


@pytest.mark.parametrize(
    ("body", "name", "sentence"),
    [
        (b"", "", "Please choose a file that is not empty."),
        (b"", "plan.pdf", "Please choose a file that is not empty."),
        (b"MZ\x90\x00\x03", "plan.pdf", "This kind of file cannot be attached."),
        (b"\x89PNG\r\n", "plan.png", "This kind of file cannot be attached."),
        (office("a.exe"), "plan.docx", "This kind of file cannot be attached."),
        (office("xl/workbook.xml", "xl/vbaProject.bin"), "x.xlsx", "This kind of file cannot"),
        (b"PK\x03\x04 and nothing else", "plan.docx", "This kind of file cannot be attached."),
        (PDF + b"x" * LARGEST_LEAD_FILE, "plan.pdf", "too large: at most 4 MB."),
        (PDF + b"x" * 2 * LARGEST_LEAD_FILE, "plan.pdf", "too large: at most 4 MB."),
    ],
)
def test_what_is_not_taken_is_told_at_the_field_and_leaves_nothing(
    hq: World, lead: str, desk: HqBrowser, body: bytes, name: str, sentence: str
) -> None:
    answer = attach(desk, lead, body, name)
    assert answer.status == 422
    assert sentence in answer.body
    assert 'aria-describedby="f-file-hint f-file-error" aria-invalid="true"' in answer.body
    assert (names(hq, lead), objects(hq)) == ([], [])


def test_the_largest_file_that_is_taken_can_be_opened(
    hq: World, lead: str, desk: HqBrowser
) -> None:
    largest = PDF.ljust(LARGEST_LEAD_FILE, b"x")
    file = attached(desk, lead, content=largest)
    answer = desk.get(f"/hq/leads/{lead}/files/{file}")
    assert content(answer) == largest
    assert len(answer.body) < 6_000_000
    assert "4 MB ·" in desk.get(f"/hq/leads/{lead}").body


def test_an_eleventh_file_is_refused(hq: World, lead: str, desk: HqBrowser) -> None:
    for number in range(MOST_FILES):
        attached(desk, lead, name=f"{number}.pdf")
    page = desk.get(f"/hq/leads/{lead}").body
    assert "10 files are the most a lead can have." in page
    assert 'type="file"' not in page
    answer = attach(desk, lead, name="eleventh.pdf")
    assert answer.status == 422
    assert "This lead already has 10 files." in answer.body
    assert (len(kept(hq, lead)), "eleventh.pdf" in names(hq, lead)) == (MOST_FILES, False)
    live = {key.rpartition("/")[2] for key in objects(hq)} - {each.id for each in kept(hq, lead)}
    for file in live:  # put before it was refused, and taken back
        with pytest.raises(ClientError):
            boto3.client("s3").get_object(Bucket=bucket(hq), Key=f"files/{lead}/{file}")


HOSTILE = {
    "../../etc/passwd": "passwd.pdf",
    "C:\\Users\\me\\plan.pdf": "plan.pdf",
    "plan.pdf.exe": "plan.pdf.exe.pdf",
    "<script>alert(1).pdf": "scriptalert(1).pdf",
    "\u202efdp.exe": "fdp.exe.pdf",
    "": "file.pdf",
    "....pdf": "pdf.pdf",
    ".pdf": "pdf.pdf",
    "Plan\r\nSet-Cookie: x.PDF": "Plan Set-Cookie x.PDF",
    "x" * 500 + ".pdf": "x" * 96 + ".pdf",
    "Grüße & Maße.pdf": "Grüße & Maße.pdf",
    "=cmd|'x'!A0": "=cmd'x'!A0.pdf",
}


@pytest.mark.parametrize(("name", "harmless"), HOSTILE.items())
def test_a_hostile_name_becomes_a_harmless_one(name: str, harmless: str) -> None:
    made = clean_file_name(name, FileKind.PDF)
    assert made == harmless
    assert len(made) <= 100
    assert made.lower().endswith(".pdf")
    assert not set(made) & set('/\\"<>:|?*%\r\n\u202e')
    assert made[0] != "."


def test_a_name_is_escaped_on_the_page_and_in_the_header(
    hq: World, lead: str, desk: HqBrowser
) -> None:
    file = attached(desk, lead, name="<b>Größe & 'x'.pdf")
    page = desk.get(f"/hq/leads/{lead}").body
    assert "<b>Größe" not in page
    stored = kept(hq, lead)[0].name
    told = desk.get(f"/hq/leads/{lead}/files/{file}").headers["Content-Disposition"]
    assert told.isascii()
    assert told.endswith(f"filename*=UTF-8''{quote(stored, safe='')}")
    assert objects(hq) == [f"files/{lead}/{file}"]


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (PDF, FileKind.PDF),
        (JPEG, FileKind.JPEG),
        (b"\x89PNG\r\n\x1a\n", FileKind.PNG),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", FileKind.WEBP),
        ("Maße: 2,40 m\r\n\t<script>".encode(), FileKind.TEXT),
        (DOCX, FileKind.DOCX),
        (office("xl/workbook.xml"), FileKind.XLSX),
    ],
)
def test_the_bytes_tell_the_kind(body: bytes, kind: FileKind) -> None:
    assert kind_of_file(body) is kind


def test_a_page_that_comes_as_text_is_saved_as_text_only(
    hq: World, lead: str, desk: HqBrowser
) -> None:
    file = attached(desk, lead, content=b"<html><script>x</script>", name="page.html")
    answer = desk.get(f"/hq/leads/{lead}/files/{file}")
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="page.html.txt"'


def test_a_viewer_sees_and_opens_and_has_no_form(hq: World, lead: str, desk: HqBrowser) -> None:
    viewer = hq.desk(VIEWER)
    assert "Attach what the partner" in desk.get(f"/hq/leads/{lead}").body
    assert "Attach what the partner" not in viewer.get(f"/hq/leads/{lead}").body
    file = attached(desk, lead)
    page = viewer.get(f"/hq/leads/{lead}").body
    assert "plan.pdf" in page
    assert 'type="file"' not in page
    assert "Remove file" not in page
    assert content(viewer.get(f"/hq/leads/{lead}/files/{file}")) == PDF
    assert attach(viewer, lead, JPEG).status == 403
    assert viewer.post(f"/hq/leads/{lead}/files/{file}").status == 403
    assert names(hq, lead) == ["plan.pdf"]


def test_in_another_region_or_of_another_lead_it_is_not_there(
    hq: World, lead: str, desk: HqBrowser
) -> None:
    file = attached(desk, lead)
    elsewhere = hq.desk("berlin@example.com")
    assert elsewhere.get(f"/hq/leads/{lead}/files/{file}").status == 404
    assert attach(elsewhere, lead, JPEG).status == 404
    assert elsewhere.post(f"/hq/leads/{lead}/files/{file}").status == 404
    other: str = hq.post_lead("two", email="other@posteo.de", phone="").json()["lead"]
    assert desk.get(f"/hq/leads/{other}/files/{file}").status == 404
    desk.post(f"/hq/leads/{other}/files/{file}")
    assert names(hq, lead) == ["plan.pdf"]


def test_no_other_sites_page_attaches_a_file(hq: World, lead: str, desk: HqBrowser) -> None:
    form = sent(PDF)
    form["headers"] |= {"cookie": desk.cookie, "origin": "https://evil.example"}
    assert hq.http("POST", f"/hq/leads/{lead}/files", **form).status == 403
    assert names(hq, lead) == []


def test_the_page_says_it_in_german(hq: World, lead: str) -> None:
    desk = hq.desk(GERMAN)
    assert "Noch keine Dateien." in desk.get(f"/hq/leads/{lead}").body
    assert "Diese Art von Datei lässt sich nicht anhängen." in attach(desk, lead, b"MZ\0").body


# ── the partner ───────────────────────────────────────────────────────────────────────────────────


def test_a_partner_opens_it_only_while_the_lead_is_theirs(
    hq: World, lead: str, desk: HqBrowser
) -> None:
    file = attached(desk, lead)
    offer = urlsplit(hq.offer_link(lead)).path
    opens = file_page(hq, lead, file)
    assert "plan.pdf" not in hq.http("GET", offer).body
    before = hq.http("GET", opens)
    assert (before.status, urlsplit(before.headers["Location"]).path) == (303, offer)
    hq.press(hq.offer_link(lead), action="accept")
    page = hq.http("GET", offer).body
    assert "plan.pdf" in page
    assert f"/files/{file}" in page
    answer = hq.http("GET", opens)
    assert content(answer) == PDF
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert hq.http("GET", file_page(hq, lead, "0" * 16)).status == 404
    other = ({"munich-1", "munich-2"} - {str(hq.lead(lead).owner)}).pop()
    headers = key(hq, "leads:write") | {"if-match": "*"}
    body = {"partner": other}
    hq.http("POST", f"/v1/leads/{lead}/assign", json_body=body, headers=headers)
    assert hq.http("GET", opens).status == 303
    assert "plan.pdf" not in hq.http("GET", offer).body


def test_a_link_that_is_not_ours_opens_no_file(hq: World, lead: str, desk: HqBrowser) -> None:
    file = attached(desk, lead)
    hq.press(hq.offer_link(lead), action="accept")
    assert hq.http("GET", f"/o/forged/files/{file}").status == 403


# ── machines ──────────────────────────────────────────────────────────────────────────────────────


def test_a_program_attaches_lists_opens_and_removes(hq: World, lead: str) -> None:
    address = f"/v1/leads/{lead}/files"
    may = key(hq, "leads:read", "leads:write")
    made = hq.http(
        "POST", f"{address}?name=plan.pdf", body=PDF, headers=may | {"content-type": "x/y"}
    )
    assert made.status == 201
    file = made.json()
    assert (file["name"], file["type"], file["size"]) == ("plan.pdf", "application/pdf", len(PDF))
    assert hq.http("GET", address, headers=may).json() == {"lead": lead, "files": [file]}
    opened = hq.http("GET", f"{address}/{file['id']}", headers=may)
    assert content(opened) == PDF
    gone = hq.http("DELETE", f"{address}/{file['id']}", headers=may)
    assert gone.json() == {"lead": lead, "files": []}
    assert hq.http("DELETE", f"{address}/{file['id']}", headers=may).status == 200
    assert hq.http("GET", f"{address}/{file['id']}", headers=may).status == 404


def test_a_program_is_refused_with_problem_details(hq: World, lead: str) -> None:
    address = f"/v1/leads/{lead}/files"
    may = key(hq, "leads:write")
    wrong = hq.http("POST", address, body=b"MZ\x90\0", headers=may)
    assert wrong.status == 422
    assert [each["code"] for each in wrong.json()["errors"]] == ["file_kind"]
    huge = hq.http("POST", address, body=PDF * 1_000_000, headers=may)
    assert huge.status == 413
    reads = key(hq, "leads:read")
    assert hq.http("POST", address, body=PDF, headers=reads).status == 403
    assert hq.http("DELETE", f"{address}/x", headers=reads).status == 403
    assert hq.http("GET", address, headers=may).status == 403
    assert hq.http("GET", "/v1/leads/nobody/files", headers=reads).status == 404
    version = hq.lead(lead).version
    hq.press(hq.offer_link(lead), action="accept")
    stale = may | {"if-match": f'"{version}"'}
    assert hq.http("POST", f"{address}?name=a", body=PDF, headers=stale).status == 409
    assert names(hq, lead) == []


# ── erasing ───────────────────────────────────────────────────────────────────────────────────────


def erase(world: World, lead: str) -> Answer:
    return world.http("POST", f"/v1/leads/{lead}/erase", headers=key(world, "leads:write"))


def test_erasing_leaves_neither_name_nor_content(hq: World, lead: str, desk: HqBrowser) -> None:
    file = attached(desk, lead, name="Zwickelhuber.pdf")
    other: str = hq.post_lead("two", email="other@posteo.de", phone="").json()["lead"]
    kept_file = attached(desk, other)
    hq.press(hq.offer_link(lead), action="accept")
    opens = file_page(hq, lead, file)
    assert erase(hq, lead).status == 200
    assert "Zwickelhuber" not in str(hq.items())
    assert hq.http("GET", opens).status == 303
    hq.feed()
    assert objects(hq) == [f"files/{other}/{kept_file}"]
    assert "The files were erased" in desk.get(f"/hq/leads/{lead}").body
    assert attach(desk, lead).status == 409
    assert desk.get(f"/hq/leads/{lead}/files/{file}").status == 404


def test_when_its_time_has_come_the_files_go_too(hq: World, lead: str, desk: HqBrowser) -> None:
    attached(desk, lead)
    desk.post(f"/hq/leads/{lead}", action="reject", version=str(hq.lead(lead).version))
    hq.run_for(days=800)
    hq.sweep()
    hq.feed()
    assert hq.lead(lead).status == "erased"
    assert objects(hq) == []


def test_what_could_not_be_deleted_is_deleted_when_the_stream_comes_again(
    hq: World, lead: str, desk: HqBrowser
) -> None:
    attached(desk, lead)
    hq.feed()
    erase(hq, lead)
    heard = dict(hq._fed)
    with s3_refuses("DeleteObject"), pytest.raises(AssertionError):
        hq.feed()
    hq._fed = heard  # the stream brings again what failed
    assert len(objects(hq)) == 1
    hq.feed()
    assert objects(hq) == []


def test_a_file_that_comes_while_the_lead_is_erased_is_not_kept(
    hq: World, lead: str, desk: HqBrowser
) -> None:
    with meanwhile(hq, partial(erase, hq, lead)):
        assert attach(desk, lead).status == 409
    hq.feed()
    assert names(hq, lead) == []
    assert objects(hq) == []


def test_a_routed_lead_costs_nothing_for_files_it_has_not(hq: World, lead: str) -> None:
    context = next(each for each in hq.items() if each["sk"] == "CONTEXT")
    assert "files" not in context
