"""Somebody at HQ signs in over HTTP and by mail, stays signed in, and signs out."""

from __future__ import annotations

import httpx

from tests.journeys.cast import HQ
from tests.journeys.life import Life, link


def test_hq_signs_in_by_mail_stays_signed_in_and_signs_out(life: Life) -> None:
    own = {"Origin": life.stack.base_url, "User-Agent": "Firefox/140.0 (Android 15)"}
    # A function's first start takes its time on a busy machine.
    with httpx.Client(base_url=life.stack.base_url, headers=own, timeout=60) as browser:
        assert 'type="email"' in browser.get("/hq").text
        asked = browser.post("/hq", data={"email": HQ})
        assert asked.status_code == 303
        address = link(life.mail(HQ, "sign in"), "/hq/in/")
        assert browser.get(address).status_code == 200
        assert not browser.cookies
        assert browser.post(address).headers["location"] == "/hq"
        assert list(browser.cookies) == ["hq"], "its name where there is no HTTPS"
        assert 'aria-current="page"' in browser.get("/hq").text
        devices = browser.get("/hq/devices").text
        assert "Firefox, Android" in devices
        left = browser.post("/hq/devices", data={"action": "everywhere"})
        assert left.headers["location"].startswith("/hq?did=signed_out")
        assert browser.get("/hq/devices").status_code == 403
