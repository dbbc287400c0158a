"""One stack and one Chromium for all stories told in a browser; a page of somebody else's on a
third address.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.chromium import chromium
from tests.browser.visitor import PATIENCE, Visitor
from tests.journeys.cast import BRIEF, EMPTY_AREAS, clocks
from tests.journeys.conftest import add_partners, pytest_runtest_makereport
from tests.journeys.life import Life
from tests.support.embedded import Stack, needs_local_python

__all__ = ["pytest_runtest_makereport"]


class ForeignSite:
    """Somebody's own website: one address that the programme lists, and one that it does not."""

    def __init__(self) -> None:
        self.pages: dict[str, str] = {}
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = site.pages.get(self.path.split("?")[0], "").encode()
                self.send_response(200 if body else 404)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                """Quiet."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        Thread(target=self.server.serve_forever, args=(0.1,), daemon=True).start()
        port = self.server.server_address[1]
        self.listed, self.stranger = f"http://localhost:{port}", f"http://127.0.0.1:{port}"

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    expect.set_options(timeout=PATIENCE)
    with chromium() as started:
        yield started


@pytest.fixture(scope="session")
def foreign_site() -> Iterator[ForeignSite]:
    site = ForeignSite()
    yield site
    site.close()


@pytest.fixture(scope="session")
def stack(
    browser: Browser,
    foreign_site: ForeignSite,
    tmp_path_factory: pytest.TempPathFactory,
    request: pytest.FixtureRequest,
) -> Iterator[Stack]:
    """The sample network and, from each module's ``CAST``, the partners of its stories."""
    needs_local_python()

    def at_ease(programme: dict[str, Any]) -> None:
        products = [each["id"] for each in programme["products"]]
        clocks(programme)
        form = {
            "origins": [foreign_site.listed],
            "products": [*products, BRIEF],
            "time_trap_seconds": 0,
        }
        programme["forms"][0] |= form
        programme["fallback"] |= {"backup_partner": None, "hq_hold": {"minutes": 60}}

    modules = {getattr(item, "module", None) for item in request.session.items}
    cast = [partner for module in modules for partner in getattr(module, "CAST", ())]
    with Stack(tmp_path_factory.mktemp("browser")) as running:
        running.use_sample("dach-heating", at_ease, without=EMPTY_AREAS)
        add_partners(running, cast)
        yield running


@pytest.fixture(scope="session")
def life(stack: Stack) -> Life:
    return Life(stack)


@pytest.fixture
def visit(browser: Browser, stack: Stack) -> Iterator[Callable[..., Visitor]]:
    """``visit()`` is a person with a phone; whatever their browser complained about fails the test
    at its end.
    """
    visitors: list[Visitor] = []

    def come(**how: Any) -> Visitor:
        visitors.append(Visitor(browser, stack.base_url, **how))
        return visitors[-1]

    yield come
    complaints = [each for visitor in visitors for each in visitor.leave()]
    assert complaints == []


@pytest.fixture
def visitor(visit: Callable[..., Visitor]) -> Visitor:
    return visit()
