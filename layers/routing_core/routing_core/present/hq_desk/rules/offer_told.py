"""Tell how a lead is offered: accept windows, reminders, lapses, backups, promises."""

from collections.abc import Iterator, Sequence

from routing_core.domain.programme.offer_rules import PARTNERS_BY_DEFAULT, BackupRule, OfferRule
from routing_core.present.hq_desk.rules.teller import RuleSentence, RuleTeller, case_key


def tell_offers(teller: RuleTeller) -> Iterator[RuleSentence]:
    """Tell for each case how long partners have to answer, and how many are asked."""
    rules = teller.programme.offers
    for rule in rules:
        yield from _offer(teller, rule, len(rules))


def _offer(teller: RuleTeller, rule: OfferRule, among: int) -> Iterator[RuleSentence]:
    key = f"offers[{case_key(rule.when)}]"
    under = teller.case(rule.when, among)
    say = teller.sentence
    yield say(f"{key}.window", "offers.window", under, length=teller.length(rule.window))
    yield say(f"{key}.on_lapse", f"offers.on_lapse.{rule.on_lapse}", under)
    if rule.waves:
        yield say(f"{key}.partners", "offers.waves", under, waves=waves_told(teller, rule.waves))
    else:
        partners = rule.partners or PARTNERS_BY_DEFAULT
        told = teller.count("offers.partners", partners)
        yield RuleSentence(f"{key}.partners", told, under)
    yield say(f"{key}.total", "offers.total", under, length=teller.dative(rule.total))
    yield say(f"{key}.closed", f"offers.closed.{rule.closed}", under)


def waves_told(teller: RuleTeller, waves: Sequence[int | str]) -> str:
    """Say how many are asked at once, wave after wave."""
    told = []
    for number, wave in enumerate(waves):
        words = "offers.wave_first" if number == 0 else "offers.wave"
        if wave == "all":
            told.append(teller.say(f"{words}_all"))
        else:
            told.append(teller.count(words, int(wave)))
    return ", ".join(told)


def tell_reminders(teller: RuleTeller) -> Iterator[RuleSentence]:
    """Tell when partners are reminded, and what comes of offers that lapse in a row."""
    reminders, lapses, say = teller.programme.reminders, teller.programme.lapses, teller.sentence
    if reminders.at:
        parts = teller.all_of(map(teller.percent, reminders.at))
        yield say("reminders.at", "reminders.at", parts=parts)
        gap = teller.count("reminders.gap", reminders.min_gap_minutes)
        yield RuleSentence("reminders.min_gap_minutes", gap)
        key = "reminders.second_contact_from"
        if reminders.second_contact_from < 1:
            part = teller.percent(reminders.second_contact_from)
            yield say(key, "reminders.second", part=part)
        else:
            yield say(key, "reminders.no_second")
    else:
        yield say("reminders.at", "reminders.none")
    fill = {"after": teller.dative(lapses.hq_after)}
    unseen = teller.count("lapses.unseen", lapses.unseen_to_hq, **fill)
    yield RuleSentence("lapses.unseen_to_hq", unseen)
    days = teller.count("lapses.days", min(lapses.days, lapses.pause))
    yield RuleSentence("lapses.pause", teller.count("lapses.pause", lapses.pause, days=days))
    late = teller.programme.late_mail
    waits = teller.count("late_mail.wait_hours", late.wait_hours)
    yield RuleSentence("late_mail.wait_hours", waits)
    in_emergency = teller.count("late_mail.emergency_wait_hours", late.emergency_wait_hours)
    yield RuleSentence("late_mail.emergency_wait_hours", in_emergency)


def tell_fallback(teller: RuleTeller) -> Iterator[RuleSentence]:
    """Tell what happens when no partner is left: backups, HQ, the follow-up."""
    fallback, say = teller.programme.fallback, teller.sentence
    if fallback.backup_partner:
        partner = teller.quote(fallback.backup_partner)
        yield say("fallback.backup_partner", "fallback.partner", partner=partner)
    else:
        yield say("fallback.backup_partner", "fallback.no_partner")
    for rule in fallback.backup:
        yield from _backup(teller, rule, len(fallback.backup))
    after, under = fallback.follow_up, teller.say("fallback.under_hq")
    hold = teller.length(fallback.hq_hold)
    yield say("fallback.hq_hold", "fallback.hq_hold", under, length=hold)
    key = "fallback.follow_up"
    retry = {"length": teller.every(after.retry_every)}
    yield say(f"{key}.retry_every", "fallback.retry", under, **retry)
    update = {"length": teller.every(after.update_every)}
    yield say(f"{key}.update_every", "fallback.update", under, **update)
    give_up = {"length": teller.dative(after.give_up_after)}
    yield say(f"{key}.give_up_after", "fallback.give_up", under, **give_up)
    yield say(f"{key}.then", f"fallback.then.{after.then}", under)


def _backup(teller: RuleTeller, rule: BackupRule, among: int) -> Iterator[RuleSentence]:
    key = f"fallback.backup[{case_key(rule.when)}]"
    case = teller.case(rule.when, among)
    under = teller.say("fallback.under_backup", case=case)
    say = teller.sentence
    if not rule.order:
        yield say(f"{key}.order", "fallback.nobody", under)
        return
    order = [teller.say(f"fallback.order.{each}") for each in rule.order]
    yield say(f"{key}.order", "fallback.asked", under, order=", ".join(order))
    partners = teller.count("fallback.partners", rule.partners)
    yield RuleSentence(f"{key}.partners", partners, under)
    if rule.window:
        window = teller.length(rule.window)
        yield say(f"{key}.window", "fallback.window", under, length=window)
    else:
        yield say(f"{key}.window", "fallback.same_window", under)
    lapse = rule.on_lapse or "same"
    yield say(f"{key}.on_lapse", f"fallback.on_lapse.{lapse}", under)


def tell_promises(teller: RuleTeller) -> Iterator[RuleSentence]:
    """Tell for each case when the prospect hears from us at the latest."""
    rules = teller.programme.promise
    for rule in rules:
        key = f"promise[{case_key(rule.when)}].within"
        under = teller.case(rule.when, len(rules))
        length = teller.dative(rule.within)
        yield teller.sentence(key, "promise.within", under, length=length)
    yield teller.sentence("promise.calendar", "promise.calendar")
