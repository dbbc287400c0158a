"""An enquiry changes hands: claimed as a customer, handed to a colleague or to a partner, given
back with a reason.
"""

from __future__ import annotations

from tests.journeys.cast import inbox, installer
from tests.journeys.life import Life

CAST = [
    installer("remscheid", "42853", tier=1),
    installer("wermelskirchen", "42853"),
    installer("velbert", "42549", tier=1),
    installer("heiligenhaus", "42549"),
    installer("mettmann", "42489", tier=1),
    installer("wuelfrath", "42489"),
]


def test_a_claimed_customer_waits_for_hq_and_is_the_partners_once_granted(life: Life) -> None:
    enquiry = life.enquire("42853")
    claimed = life.decline("remscheid", "42853", reason="known-customer")
    assert "decides whose customer it is" in claimed
    assert enquiry.name not in claimed
    assert life.offers(enquiry.lead) == [("remscheid", "claimed")], "nobody else is asked meanwhile"
    granted = life.browser.press(life.queue_page(enquiry.lead).form("grant"))
    assert granted.status == 200
    life.until(enquiry.lead, "accepted")
    own = life.mail(inbox("remscheid"), "It is yours")
    assert enquiry.name in own.text
    life.mail(enquiry.email, "Your partner is Remscheid")


def test_an_owner_hands_over_to_a_colleague_and_then_to_another_partner(life: Life) -> None:
    enquiry = life.enquire("42549")
    mine = life.accept("velbert", "42549")
    choice = life.browser.open(mine.link("show=hand-over"))
    outsider = life.browser.press(
        choice.form("colleague"), name="Otto Outside", email="otto@elsewhere.example"
    )
    assert outsider.status == 422
    assert "does not belong to your company" in outsider
    told = life.browser.press(
        choice.form("colleague"), name="Carla Colleague", email="carla@partners.example"
    )
    assert "We have emailed your colleague" in told
    assert enquiry.name in life.mail("carla@partners.example", "42549").text
    assert life.lead(enquiry.lead)["owner"] == "velbert"

    over = life.browser.press(choice.form("partner"), partner="heiligenhaus")
    assert "The partner you chose is being asked" in over
    assert enquiry.name not in over
    life.accept("heiligenhaus", "42549")
    assert life.lead(enquiry.lead)["owner"] == "heiligenhaus"
    assert life.places("velbert") == 0


def test_an_enquiry_given_back_with_a_reason_goes_to_the_next_partner_and_never_returns(
    life: Life,
) -> None:
    enquiry = life.enquire("42489")
    mine = life.accept("mettmann", "42489")
    unreachable = life.browser.press(mine.form("give_back"), reason="unreachable")
    assert unreachable.status == 422, "three logged calls are missing"
    back = life.browser.press(
        mine.form("give_back"), reason="wrong-work", text="They want a fireplace."
    )
    assert "Given back" in back
    assert enquiry.name not in back
    life.accept("wuelfrath", "42489")
    assert life.offers(enquiry.lead) == [("mettmann", "returned"), ("wuelfrath", "accepted")]
    assert "lead.returned" in life.facts(enquiry.lead)
