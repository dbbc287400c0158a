"""What arrives over HTTP, however browsers and programs write it."""

import pytest

from routing_core.aws.http import accepted_languages, as_meant


@pytest.mark.parametrize(
    ("stated", "languages"),
    [
        ("de", ["de"]),
        ("fr-FR,fr;q=0.9,de;q=0.8", ["fr-FR", "fr", "de"]),
        ("de;q=0.5, en;q=0.9", ["en", "de"]),
        ("de;q=0, en;q=0.1", ["en"]),
        ("de ; Q=0.3 , en", ["en", "de"]),
        ("de;q=high, en;q=1", ["de", "en"]),
        (",;q=1,", []),
        ("", []),
    ],
)
def test_the_language_wanted_most_comes_first(stated, languages):
    assert accepted_languages(stated) == languages


@pytest.mark.parametrize("breaks", ["\r\n", "\n", "%0D%0A", "%0a", "=\r\n", "=%0D%0A"])
def test_an_address_that_was_wrapped_is_read_as_one_line(breaks):
    """API Gateway hands line ends on as they are, and no route takes them."""
    assert as_meant({"rawPath": f"/o/k1.{breaks}token"})["rawPath"] == "/o/k1.token"
