"""The promises that only a contended try, a race or a stored house can break: played in every run
of the tests.

``tests/faults`` plays the same games with the product broken on purpose, to show that each would be
seen.
"""

from collections.abc import Callable
from unittest.mock import patch

import pytest

from tests.faults import promises
from tests.faults.deliveries import PatientWorld, short_letter

GAMES = (
    promises.who_was_just_paused_after_lapses_gets_nothing,
    promises.who_just_paused_gets_nothing,
    promises.the_last_place_of_a_product_is_given_once,
    promises.two_lapses_at_once_are_two,
    promises.two_enquiries_of_one_person_see_each_other,
    promises.who_knows_the_customer_has_answered,
    promises.no_page_is_shown_in_somebody_elses,
    promises.erasure_forgets_each_house,
    promises.an_old_link_confirms_no_new_address,
    promises.the_address_that_was_read_is_confirmed_or_none,
    promises.a_timer_that_is_a_minute_late_is_not_rescued,
    promises.an_overtaken_timer_arms_no_other,
    promises.a_list_shows_no_lead_that_has_gone_meanwhile,
)


@pytest.mark.parametrize("promise", GAMES, ids=lambda promise: promise.__name__)
def test_a_promise_is_kept(patient: PatientWorld, promise: Callable[[PatientWorld], None]) -> None:
    with patch("functions.notify.app.render_mail", short_letter):
        promise(patient)
