"""What arrives over HTTP, however browsers and programs write it."""

import pytest

from routing_core.aws.http import accepted_languages


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
