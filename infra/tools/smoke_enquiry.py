"""Fills in an enquiry that the rules of any stack take, for a smoke test."""

from __future__ import annotations

from typing import Any

from infra.tools.smoke_guests import NAME, PARTNER, SIMULATOR, NotSeen

PLACES = {
    "AT": "1010",
    "AU": "2000",
    "BE": "1000",
    "CA": "K1A 0B1",
    "CH": "8001",
    "DE": "80331",
    "DK": "1050",
    "ES": "28001",
    "FR": "75001",
    "GB": "SW1A 1AA",
    "IT": "00118",
    "NL": "1011 AB",
    "PL": "00-001",
    "SE": "111 20",
    "US": "10001",
}
"""A postcode of each country, for whoever names none."""
PHONE = "+1 202 555 0123"
"""A number that nobody has: 555-01xx is kept for examples."""
ANSWERS = {"text": NAME, "number": "1", "yes_no": "yes"}


def place_of(rules: dict[str, Any], form: dict[str, Any], postcode: str) -> tuple[str, str]:
    """Give country and postcode of the enquiry; raises NotSeen where no postcode is known."""
    country = rules["country"] if rules["country"] in form["countries"] else form["countries"][0]
    found = postcode or PLACES.get(country, "")
    if not found:
        raise NotSeen(f"no postcode of {country} is known here: name one, POSTCODE=…")
    return country, found


def enquiry(rules: dict[str, Any], form: dict[str, Any], place: tuple[str, str]) -> dict[str, Any]:
    """Fill in a form as somebody who is in no hurry, and whose mail comes back."""
    country, postcode = place
    hurries = {each["id"] for each in rules["urgencies"] if each.get("emergency")}
    calm = [each for each in form["urgencies"] if each not in hurries] or form["urgencies"]
    asked = [each for each in form.get("questions", []) if each.get("required")]
    return {
        "form": form["id"],
        "country": country,
        "postcode": postcode,
        "product": form["products"][0],
        "urgency": calm[-1],
        "name": NAME,
        "email": f"bounce+{PARTNER}@{SIMULATOR}",
        **({"phone": PHONE} if form.get("phone_required") else {}),
        "consent": True,
        "language": rules["languages"][0],
        **{question["id"]: _answer(question) for question in asked},
    }


def _answer(question: dict[str, Any]) -> str:
    if question["kind"] == "choice":
        return str(question["options"][0]["id"])
    return ANSWERS[question["kind"]]
