"""Everything the product does, each as one action on a prepared world: a person's button, or a
delivery of AWS's.
"""

from tests.faults.cases import deliveries, desk, hq, network, people, reports, timers
from tests.faults.stages import Cases

CASES = Cases(
    people.CASES
    | hq.CASES
    | desk.CASES
    | network.CASES
    | timers.CASES
    | deliveries.CASES
    | reports.CASES
)
LOOK_FIRST = {
    "attempt",
    "note of a partner",
    "note of the prospect",
    "note of the prospect on what is attached",
    "note of hq",
    "called",
    "not called",
    "correct the phone",
    "correct the number of what another is attached to",
    "desk: assign a lead",
    "desk: import a list of leads",
    "desk: import a list of past leads",
    "desk: change a partner's profile",
    "desk: add a partner",
}
"""Meaning something each time they are pressed, or said of what the page had shown: whoever saw an
error looks whether it worked before pressing again.
"""
ANEW_EACH_TIME = {"desk: ask for a link to sign in"}
"""Whoever presses again gets another mail: they may want to open the desk on another device."""
SAYS_THAT_IT_WAITED = {"notify: offer that leaves late"}
"""What SES throttles leaves later, and the history of a late offer says so once more."""
A_DAY_LATER = {"sweep: merged before, and lost with its first"}
"""What failed is looked at again with the walk of the next day."""
