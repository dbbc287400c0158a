"""Define what the programme says of enquiries coming in: floods, points, repeats."""

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from routing_core.domain.programme.document import Doc, LocalizedText, OneLine

MOST_RULES = 200
"""One list has at most this many rules: each decision looks through them, and a person too."""
Score = Annotated[int, Field(ge=-2_000_000, le=2_000_000)]
"""A score is as much as ``MOST_RULES`` rows of points can add up to."""
MailDomain = Annotated[str, Field(pattern=r"^[a-z0-9-]+(\.[a-z0-9-]+)+$", max_length=253)]
"""A domain of mail addresses is written without an @: ``example.com``."""
SameBy = Literal["email", "phone", "domain"]
"""Two enquiries are the same person's by one of these."""


class Ceilings(Doc):
    """This many enquiries an hour go to partners though nobody vouches for them (rate limits).

    What is above is never refused: it needs a proof of work, which browsers give by themselves, or
    it is held until its sender confirms the address. What comes with an API key is not counted.

    With a ceiling of none everybody would be held; one of more than a thousand (five thousand for
    all together) would let a flood through.
    """

    contact: int = Field(6, ge=1, le=1_000)
    """This many come from one email address."""
    client: int = Field(12, ge=1, le=1_000)
    """This many come from one network address: an office or a mobile network may share one."""
    postcode: int = Field(30, ge=1, le=1_000)
    """This many are for one postcode."""
    in_all: int = Field(300, ge=1, le=5_000)
    """This many come from everybody together: a flood may change everything else each time."""


class Points(Doc):
    """A row gives points for one answer.

    ``field`` is product, urgency, country, phone (valid | missing), email (disposable | freemail |
    business), message (present | missing) or a question's id.
    """

    field: OneLine
    """The row looks at this answer."""
    is_: OneLine | Annotated[list[OneLine], Field(max_length=100)] | None = Field(None, alias="is")
    """The row applies where the answer is this, or one of these."""
    at_least: float | None = Field(None, ge=-1e12, le=1e12)
    """The row applies from this number on; an answer has twelve digits at most."""
    points: int = Field(ge=-10_000, le=10_000)
    """These points are added or taken off.

    Ten thousand settle any score; ``Score`` has room for the sum.
    """
    because: LocalizedText
    """HQ reads this reason beside the score."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, populate_by_name=True, allow_inf_nan=False
    )

    def wanted_answers(self) -> Sequence[str]:
        """Give the answers to which the row applies; none where it compares a number."""
        if isinstance(self.is_, str):
            return [self.is_]
        return self.is_ or []


class Nurture(Doc):
    """An enquiry that is not offered yet is asked again, and closed if nothing comes of it.

    It is kept at most as long as one of somebody whom nobody served usually is.
    """

    ask_after_days: int = Field(30, ge=1, le=365)
    """The prospect is asked again after this many calendar days."""
    close_after_days: int = Field(60, ge=2, le=730)
    """The enquiry ends by itself after this many calendar days."""


class Qualification(Doc):
    """The points of an enquiry decide what becomes of it."""

    points: list[Points] = Field([], max_length=MOST_RULES)
    """Every row that applies is added up."""
    offer_from: Score = 0
    """This many points or more go to partners."""
    nurture_from: Score = 0
    """This many or more, but below ``offer_from``, are asked again later; fewer HQ reviews."""
    nurture: Nurture = Nurture()
    """Enquiries between the two scores are asked again by this timetable."""
    top_tier_from: Score | None = None
    """Partners of the best tier are asked first from this many points on; None = never."""


class Repeat(Doc):
    """Deduplication: within some time a second enquiry of one person goes along with the first."""

    window_days: int = Field(90, ge=1, le=1_100)
    """An enquiry is known again for this many calendar days.

    Up to three years: who asks again after that does not expect to be known.
    """
    by: list[SameBy] = Field(["email", "phone"], min_length=1, max_length=3)
    """Any of these makes two enquiries the same person's.

    ``domain`` makes them the same firm's, by the domain of its mail addresses (never a freemail's).
    """
