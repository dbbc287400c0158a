"""Tell what becomes of an enquiry that comes in: floods, points, repeats."""

from collections.abc import Iterator

from routing_core.domain.programme.intake_rules import Points
from routing_core.present.hq_desk.rules.conditions import field_label, value_label
from routing_core.present.hq_desk.rules.teller import RuleSentence, RuleTeller


def tell_intake(teller: RuleTeller) -> Iterator[RuleSentence]:
    """Tell how many enquiries come through in an hour, and when two are the same person's."""
    ceilings = teller.programme.ceilings
    for name in ("contact", "client", "postcode", "in_all"):
        told = teller.count(f"intake.{name}", getattr(ceilings, name))
        yield RuleSentence(f"ceilings.{name}", told)
    yield teller.sentence("ceilings.above", "intake.above")
    repeat = teller.programme.repeat
    keys = teller.any_of(teller.say(f"intake.by.{each}") for each in repeat.by)
    told = teller.count("intake.repeat", repeat.window_days, keys=keys)
    yield RuleSentence("repeat", told)
    for domain, kind in teller.programme.mail_domains.items():
        words = f"intake.domain.{kind}"
        yield teller.sentence(f"mail_domains[{domain}]", words, domain=domain)


def tell_score(teller: RuleTeller) -> Iterator[RuleSentence]:
    """Tell the points of an enquiry, and what they decide."""
    qualification = teller.programme.qualification
    for row in qualification.points:
        yield _points(teller, row)
    if not qualification.points:
        yield teller.sentence("qualification.points", "score.no_points")
    offer, nurture = qualification.offer_from, qualification.nurture_from
    yield RuleSentence("qualification.offer_from", teller.count("score.offer", offer))
    if nurture < offer:
        fill = {"from_": teller.number(nurture), "below": teller.number(offer)}
        yield teller.sentence("qualification.nurture_from", "score.nurture", **fill)
        days = qualification.nurture
        asked = teller.count("score.ask_after", days.ask_after_days)
        yield RuleSentence("qualification.nurture.ask_after_days", asked)
        closed = teller.count("score.close_after", days.close_after_days)
        yield RuleSentence("qualification.nurture.close_after_days", closed)
    review = teller.count("score.review", min(nurture, offer))
    yield RuleSentence("qualification.review", review)
    top = qualification.top_tier_from
    if top is None:
        yield teller.sentence("qualification.top_tier_from", "score.no_top_tier")
    else:
        yield RuleSentence("qualification.top_tier_from", teller.count("score.top_tier", top))


def _points(teller: RuleTeller, row: Points) -> RuleSentence:
    """Tell one row of points: what has to be answered, and what it is worth."""
    field = field_label(teller, row.field)
    conditions = []
    wanted = list(row.wanted_answers())
    if wanted:
        values = teller.any_of(value_label(teller, row.field, each) for each in wanted)
        conditions.append(teller.say("op.is", field=field, value=values))
    if row.at_least is not None:
        least = teller.number(row.at_least)
        conditions.append(teller.say("op.at_least", field=field, value=least))
    key = f"qualification.points[{row.field} {'|'.join(wanted)} {row.at_least}]"
    sign = "minus" if row.points < 0 else "plus"
    fill = {"condition": teller.all_of(conditions), "because": teller.every_name(row.because)}
    return RuleSentence(key, teller.count(f"score.{sign}", abs(row.points), **fill))
