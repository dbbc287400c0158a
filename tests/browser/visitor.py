"""A person with a phone: what they open, touch and see, and everything that their browser complains
about.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, Request

PHONE = {"width": 390, "height": 844}
NARROW = {"width": 360, "height": 740}
DESK = {"width": 1280, "height": 900}
FINGER = 44
PATIENCE = 30_000
"""Milliseconds: a function's first start on a busy machine takes its time."""
NIGHT = ("color-contrast",)
"""What can differ between day and night."""
SCREENSHOTS = os.environ.get("SCREENSHOTS")
"""A folder to which every page that was looked at is drawn, for looking at it yourself."""

REFUSED = "Failed to load resource: the server responded with a status of 4"
"""Chromium reports every answer of this kind; a refusal that was asked for is no fault."""

TARGETS = (
    "button, .button, summary, a.tap, label.choice, label.consent, label.pick, "
    "select, textarea, input, a[href^=tel]"
)
LOW = """els => els.filter(e => !e.closest('[aria-hidden], .pick, .choice, .consent') || e.matches('label'))
    .map(e => [
    e.getBoundingClientRect(), e.outerHTML.slice(0, 120)]).filter(([box]) => box.width && box.height < %d).map(
    ([box, html]) => `${Math.round(box.height)} px high: ${html}`)"""
FOLDS = """() => { const found = [document]; for (const root of found) for (const e of root.querySelectorAll('*'))
    if (e.shadowRoot) found.push(e.shadowRoot);
    return found.flatMap(root => [...root.querySelectorAll('details')]); }"""


class Visitor:
    """``leave()`` returns what went wrong meanwhile: errors on the console, broken policies,
    requests to strangers.
    """

    def __init__(
        self, browser: Browser, home: str, hosts: tuple[str, ...] = (), **how: Any
    ) -> None:
        phone = {
            "viewport": PHONE,
            "has_touch": True,
            "locale": "en-GB",
            "reduced_motion": "reduce",
        }
        self.context = browser.new_context(**(phone | how), base_url=home)
        self.context.set_default_timeout(PATIENCE)
        self.hosts = {urlsplit(each).netloc for each in (home, *hosts)}
        self.complaints: list[str] = []
        self.expected: list[str] = [REFUSED]
        self.requests: list[Request] = []
        self.context.on("console", self._console)
        self.context.on("weberror", lambda error: self.complaints.append(str(error.error)))
        self.context.on("request", self._request)
        self.page: Page = self.context.new_page()

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(message.text)

    def _request(self, request: Request) -> None:
        self.requests.append(request)
        address = urlsplit(request.url)
        if address.scheme not in ("data", "blob") and address.netloc not in self.hosts:
            self.complaints.append(f"a request to {address.netloc}")

    def leave(self) -> list[str]:
        self.context.close()
        return [
            each for each in self.complaints if not any(known in each for known in self.expected)
        ]

    # ── acting ────────────────────────────────────────────────────────────────────────────────────

    def open(self, link: str) -> Page:
        self.page.goto(link)
        return self.page

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name).tap()

    def turned_away(self, path: str, status: int) -> None:
        """Answer the next request to a path as API Gateway does by itself when it is full."""
        self.expected.append(f"the server responded with a status of {status}")
        line = '{"message":"Too Many Requests"}'
        self.page.route(
            path,
            lambda route: route.fulfill(status=status, content_type="application/json", body=line),
            times=1,
        )

    def unfold(self, name: str) -> None:
        self.page.locator("summary").filter(has_text=name).tap()

    def posts(self, path: str = "") -> list[str]:
        """Where something was posted to, in order."""
        return [urlsplit(r.url).path for r in self.requests if r.method == "POST" and path in r.url]

    # ── seeing ────────────────────────────────────────────────────────────────────────────────────

    @property
    def text(self) -> str:
        return " ".join(self.page.locator("body").inner_text().split())

    def looks_at(self, name: str) -> None:
        """The page in this state: axe by day and night, nothing wider than a phone, everything big
        enough to hit.
        """
        page = self.page
        closed = page.evaluate_handle(f"({FOLDS})().filter(d => !d.open)")
        self.draw(name)
        closed.evaluate("all => all.forEach(d => { d.open = true })")
        faults = []
        page.emulate_media(color_scheme="dark")
        faults += [f"at night: {each}" for each in violations(page, *NIGHT)]
        page.emulate_media(color_scheme="light")
        faults += violations(page)
        size = page.viewport_size
        page.set_viewport_size(NARROW)  # type: ignore[arg-type]
        wide = page.evaluate("document.documentElement.scrollWidth")
        faults += [f"{wide} px wide"] if wide > NARROW["width"] else []
        faults += page.locator(TARGETS).evaluate_all(LOW % FINGER)
        page.set_viewport_size(size)  # type: ignore[arg-type]
        closed.evaluate("all => all.forEach(d => { d.open = false })")
        assert not faults, "\n".join([f"{name}:", *faults])

    def draw(self, name: str) -> None:
        if not SCREENSHOTS:
            return
        folder, page, before = Path(SCREENSHOTS), self.page, self.page.viewport_size
        folder.mkdir(parents=True, exist_ok=True)
        for size, scheme in ((PHONE, "light"), (PHONE, "dark"), (DESK, "light")):
            page.set_viewport_size(size)  # type: ignore[arg-type]
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            file = f"{name.replace(' ', '-')}-{size['width']}{'-dark' * (scheme == 'dark')}.png"
            page.screenshot(path=folder / file, full_page=True)
        page.set_viewport_size(before)  # type: ignore[arg-type]


def violations(page: Page, *only: str) -> list[str]:
    """What axe finds in the page as it is shown now, by all its rules or only by these."""
    page.evaluate(f"typeof axe === 'undefined' && (() => {{ {AXE_SCRIPT} }})()")
    options = {"resultTypes": ["violations"]} | ({"runOnly": list(only)} if only else {})
    found = page.evaluate(
        "options => axe.run(options).then(results => results.violations)", options
    )
    return [
        f"{each['id']}: {node['html'][:160]} {node['failureSummary']}"
        for each in found
        for node in each["nodes"]
    ]


def file_of(page: Page, link: Locator) -> tuple[str, str]:
    """Name and text of what a link downloads."""
    with page.expect_download() as started:
        link.tap()
    return started.value.suggested_filename, Path(started.value.path()).read_text()
