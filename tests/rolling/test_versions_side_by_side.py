"""The code of the last release and the code of today on the same data, as during a rolling
deployment, and after one that is taken back.

Every call of a function, from the form to the erasure, runs as the one or the other by the dice;
each version lives in a process of its own and works on the same tables, timers, bus and mails.
"""

import os
from pathlib import Path

import pytest

from tests.rolling.conftest import ROOT, Start
from tests.rolling.fleet import Host, VersionFailed
from tests.rolling.story import Story
from tests.support.logged import private

ROLLOUT = (0, 0.5, 1, 0.5, 0)
"""Which share of the traffic the new code has, scene by scene: it is led over, and taken back."""
STORIES = "abcdefgh" if os.environ.get("RELAY_FULL") else "a"
MET = (
    "offer.made",
    "offer.accepted",
    "offer.declined",
    "offer.expired",
    "lead.queued",
    "lead.contacted",
    "lead.erased",
    "raced",
    "profile saved",
    "rules saved",
)
"""What a story has to come to, to have shown anything."""
BOTH = {"intake", "outbox", "notify", "wake", "partner", "hq", "hq_desk", "read_model"}
"""Functions that have to have run as both."""


def logged_nothing_bad(*hosts: Host) -> None:
    for host in hosts:
        assert host.errors() == []
        assert private(host.log.read_text().splitlines()) == []


@pytest.mark.slow
@pytest.mark.parametrize("seed", STORIES)
def test_both_versions_keep_every_promise_together(start: Start, seed: str) -> None:
    with start(seed) as fleet:
        story = Story(fleet)
        story.play(ROLLOUT)
        story.everybody_is_erased()
        assert not [what for what in MET if not story.met[what]]
        assert not [name for name in BOTH if len(fleet.calls[name]) < 2]
        assert fleet.refusals == []
        logged_nothing_bad(fleet.old, fleet.new)


@pytest.mark.slow
@pytest.mark.parametrize("older", ["released", "today"])
def test_what_tomorrows_code_writes_is_carried_along_or_left_to_it(
    start: Start, released: Path, older: str
) -> None:
    """Attributes nobody knows yet survive; newer networks and rules are saved over by nobody."""
    with start("t", "tomorrow", {"released": released, "today": ROOT}[older]) as fleet:
        fleet.newer = True
        story = Story(fleet)
        for host in (fleet.new, fleet.old):
            with fleet.served_by(host):
                story.the_rules_are_saved()
                story.a_profile_is_saved()
        fleet.cold(fleet.old)
        story.play((0.5, 0.3))
        assert story.met["carried"]
        assert set(fleet.refusals) == {"network", "hq"}


MISTAKES = (
    "a new key is required",
    "an attribute has another name",
    "an attribute is left out",
    "timers say it in other words",
    "a newer network replaces the older one",
    "links are signed in another way",
)


@pytest.mark.slow
@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_version_that_cannot_live_beside_the_last_one_is_seen(start: Start, mistake: str) -> None:
    """The test is tested: each of these mistakes, made on purpose in the new code, ends a story."""
    with start("m", mistake) as fleet, pytest.raises((AssertionError, VersionFailed)):
        story = Story(fleet)
        with fleet.served_by(fleet.new):
            story.a_profile_is_saved()  # and with it a network published
        fleet.cold(fleet.old)
        story.play((0.5, 0.5, 0.5))


@pytest.mark.slow
def test_a_version_that_forgets_what_a_newer_one_wrote_is_seen(start: Start) -> None:
    with start("t", "tomorrow", ROOT) as fleet:
        fleet.newer = True
        fleet.changed(fleet.old, "what is not known is not carried")
        with pytest.raises(AssertionError, match="tomorrow"):
            Story(fleet).play((0.5, 0.3))
