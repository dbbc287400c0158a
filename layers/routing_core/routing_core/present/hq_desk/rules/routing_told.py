"""Tell who may have an enquiry, and who is asked first."""

from collections.abc import Iterator

from routing_core.domain.programme.rules import RoutingRule
from routing_core.present.hq_desk.rules.conditions import condition_words, field_label
from routing_core.present.hq_desk.rules.teller import RuleSentence, RuleTeller


def tell_routing(teller: RuleTeller) -> Iterator[RuleSentence]:
    """Tell the rules of routing and the order in which partners are compared."""
    programme, say = teller.programme, teller.sentence
    language = "routing.same_language" if programme.match_language else "routing.any_language"
    yield say("match_language", language)
    for text in programme.routing.rules:
        yield RuleSentence(f"routing.rules[{text}]", _rule(teller, text))
    if not programme.routing.rules:
        yield say("routing.rules", "routing.no_rules")
    criteria = [teller.say(f"routing.criterion.{each}") for each in programme.routing.order]
    numbered = [f"({place}) {each}" for place, each in enumerate(criteria, start=1)]
    yield say("routing.order", "routing.order", order=", ".join(numbered))
    yield say("routing.back", f"routing.back.{programme.routing.back}")
    yield from _performance(teller)


def _rule(teller: RuleTeller, text: str) -> str:
    try:
        rule = RoutingRule.parse(text)
    except ValueError:
        # A stored programme is read without today's checks: what is no sentence is quoted.
        return teller.quote(text)
    if rule.answer:
        question = field_label(teller, rule.answer)
        what = teller.say(f"routing.answered.{rule.kind}", question=question)
    else:
        values = teller.any_of(_capability(teller, rule, each) for each in rule.values)
        what = teller.say(f"routing.kind.{rule.kind}", values=values)
    if not rule.when:
        return teller.say(f"routing.verb.{rule.verb}", what=what)
    conditions = condition_words(teller, rule.when)
    return teller.say(f"routing.verb_when.{rule.verb}", what=what, conditions=conditions)


def _capability(teller: RuleTeller, rule: RoutingRule, value: str) -> str:
    if rule.kind == "product":
        return teller.product(value)
    if rule.kind == "language":
        return teller.language(value)
    return teller.quote(value)


def _performance(teller: RuleTeller) -> Iterator[RuleSentence]:
    """Tell how partners are measured, where their performance counts."""
    if "performance" not in teller.programme.routing.order:
        return
    performance = teller.programme.routing.performance
    measures = [teller.say(f"routing.measure.{each}") for each in performance.of]
    key = "routing.performance"
    yield teller.sentence(f"{key}.of", "routing.measures", measures=teller.all_of(measures))
    yield RuleSentence(f"{key}.prior", teller.count("routing.prior", performance.prior))
    newcomers = teller.count("routing.newcomers", performance.newcomers)
    yield RuleSentence(f"{key}.newcomers", newcomers)
    currency = teller.programme.currency
    value = teller.locale.money(str(performance.order_value), currency)
    yield teller.sentence(f"{key}.order_value", "routing.order_value", value=value)
