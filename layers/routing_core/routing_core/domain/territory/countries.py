"""Countries as people write them: ``USA``, ``Germany``, ``Deutschland``, ``UK``."""

from functools import cache

from routing_core.domain.territory import postcodes
from routing_core.domain.values.spelled import folded

_SHORT = {
    "USA": "US", "U.S.": "US", "U.S.A.": "US", "UK": "GB", "Great Britain": "GB", "Großbritannien": "GB",
    "England": "GB", "Scotland": "GB", "Wales": "GB", "AUT": "AT", "CAN": "CA", "CHE": "CH", "DEU": "DE", "FRA": "FR",
    "GBR": "GB", "GER": "DE", "Holland": "NL", "ITA": "IT", "NLD": "NL", "BRD": "DE", "BEL": "BE", "ESP": "ES",
    "POL": "PL", "AUS": "AU", "MEX": "MX", "IRL": "IE", "Czech Republic": "CZ", "United States of America": "US",
}  # fmt: skip
_LANGUAGES = ("en", "de", "fr", "it", "es", "nl")


def country_code(written: str) -> str:
    """Give the ISO code of a country; empty if none goes by that name."""
    code = written.strip().upper()
    if len(code) == 2 and postcodes.is_country(code):
        return code
    if len(code) < 2 or not any(sign.isalpha() for sign in code):
        return ""
    return _by_name().get(folded(written), "")


@cache
def _by_name() -> dict[str, str]:
    """Map the folded names of all countries, in our languages, to their codes."""
    # Imported here: only lists and what people typed need the names.
    from babel import Locale, UnknownLocaleError

    found: dict[str, str] = {}
    for language in _LANGUAGES:
        try:
            territories = Locale(language).territories
        except UnknownLocaleError:
            # The deployed layer leaves out the languages that our pages are not written in.
            continue
        for code, name in territories.items():
            if len(code) == 2 and postcodes.is_country(code):
                found.setdefault(folded(name), code)
    return found | {folded(name): code for name, code in _SHORT.items()}
