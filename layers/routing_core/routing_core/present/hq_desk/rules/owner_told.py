"""Tell what is expected of who has the lead, the reasons to let it go, and what is kept."""

from collections.abc import Iterator

from routing_core.domain.programme.reasons import LostReason, Reason, ReturnReason
from routing_core.present.hq_desk.rules.teller import RuleSentence, RuleTeller, case_key


def tell_contact(teller: RuleTeller) -> Iterator[RuleSentence]:
    """Tell when an owner must have called, and what happens if not."""
    rules, say = teller.programme.contact, teller.sentence
    for rule in rules:
        key = f"contact[{case_key(rule.when)}].window"
        under = teller.case(rule.when, len(rules))
        yield say(key, "contact.window", under, length=teller.dative(rule.window))
    missed, under = teller.programme.missed_contact, teller.say("contact.under_missed")
    remind = teller.percent(missed.remind_at)
    yield say("missed_contact.remind_at", "contact.remind", under, part=remind)
    if missed.retract_after:
        length = teller.length(missed.retract_after)
        yield say("missed_contact.retract_after", "contact.retract", under, length=length)
    else:
        yield say("missed_contact.retract_after", "contact.no_retract", under)


def tell_afterwards(teller: RuleTeller) -> Iterator[RuleSentence]:
    """Tell when an owner is asked how it stands, and when HQ hears of it."""
    after = teller.programme.afterwards
    if after.status_days:
        days = teller.all_of(map(teller.number, after.status_days))
        yield teller.sentence("afterwards.status_days", "afterwards.status", days=days)
    else:
        yield teller.sentence("afterwards.status_days", "afterwards.no_status")
    if after.quote_days is None:
        yield teller.sentence("afterwards.quote_days", "afterwards.no_quote")
    else:
        quote = teller.count("afterwards.quote", after.quote_days)
        yield RuleSentence("afterwards.quote_days", quote)
    outcome = teller.count("afterwards.outcome", after.outcome_days)
    yield RuleSentence("afterwards.outcome_days", outcome)


def tell_disclosure(teller: RuleTeller) -> Iterator[RuleSentence]:
    """Tell what a partner sees of a lead before accepting it."""
    shown = teller.programme.before_accept
    if shown:
        parts = teller.all_of(teller.say(f"before.{each}") for each in shown)
        yield teller.sentence("before_accept", "before.shown", parts=parts)
    else:
        yield teller.sentence("before_accept", "before.nothing")


# ── reasons ───────────────────────────────────────────────────────────────────────────────────────


def tell_reasons(teller: RuleTeller) -> Iterator[RuleSentence]:
    """Tell the reasons to decline, to lose and to give back a lead, and what follows each."""
    programme = teller.programme
    under = teller.say("reasons.under_decline")
    for reason in programme.decline_reasons:
        yield _reason(teller, "decline_reasons", reason, under, _decline(teller, reason))
    under = teller.say("reasons.under_lost")
    for lost in programme.lost_reasons:
        effects = [*_decline(teller, lost), *_of_unreached(teller, lost)]
        yield _reason(teller, "lost_reasons", lost, under, effects)
    yield from _returns(teller)


def _returns(teller: RuleTeller) -> Iterator[RuleSentence]:
    programme, under = teller.programme, teller.say("reasons.under_return")
    early = programme.early_return
    if early.per_month and early.minutes:
        minutes = teller.count("length_dative.minutes", early.minutes)
        told = teller.count("reasons.early", early.per_month, minutes=minutes)
        yield RuleSentence("early_return", told, under)
    else:
        yield teller.sentence("early_return", "reasons.no_early", under)
    if not programme.return_reasons:
        yield teller.sentence("return_reasons", "reasons.no_return", under)
        return
    within = teller.dative(programme.return_within)
    yield teller.sentence("return_within", "reasons.within", under, length=within)
    for reason in programme.return_reasons:
        effects = [*_return(teller, reason), *_of_unreached(teller, reason)]
        yield _reason(teller, "return_reasons", reason, under, effects)


def _reason(
    teller: RuleTeller,
    group: str,
    reason: Reason | ReturnReason,
    under: str,
    effects: list[str],
) -> RuleSentence:
    told = " ".join([teller.every_name(reason.label) + ":", *effects])
    if not effects:
        told = teller.every_name(reason.label) + "."
    return RuleSentence(f"{group}[{reason.id}]", told, under)


def _decline(teller: RuleTeller, reason: Reason) -> list[str]:
    effects = [teller.say("reasons.neutral" if reason.neutral else "reasons.counts")]
    if reason.then:
        effects.append(teller.say(f"reasons.then.{reason.then}"))
    return effects


def _return(teller: RuleTeller, reason: ReturnReason) -> list[str]:
    effects = [teller.say("reasons.neutral" if reason.neutral else "reasons.counts")]
    if reason.needs:
        needs = reason.needs
        days = teller.count("reasons.needs_days", needs.days)
        after = teller.say("reasons.needs_after", time=needs.after) if needs.after else ""
        told = teller.count("reasons.needs", needs.attempts, days=days, after=after)
        effects.append(told)
    effects.append(teller.say(f"reasons.then.{reason.then}"))
    return effects


def _of_unreached(teller: RuleTeller, reason: LostReason | ReturnReason) -> list[str]:
    effects = []
    if reason.junk:
        effects.append(teller.say("reasons.junk"))
    if reason.says_nothing_of_others:
        effects.append(teller.say("reasons.unreached"))
    return effects


def tell_retention(teller: RuleTeller) -> Iterator[RuleSentence]:
    """Tell how many months after its end an enquiry keeps who asked."""
    for name in ("spam", "unplaced", "lost", "won"):
        months = getattr(teller.programme.retention, name)
        yield RuleSentence(f"retention.{name}", teller.count(f"retention.{name}", months))
    yield teller.sentence("retention.after", "retention.after")


def tell_reports(teller: RuleTeller) -> Iterator[RuleSentence]:
    """Tell when reports are made and sent."""
    reports = teller.programme.reports
    day = str(reports.day)
    yield teller.sentence("reports.day", "reports.monthly", day=day, time=reports.hour)
    words = "reports.weekly" if reports.weekly else "reports.no_weekly"
    yield teller.sentence("reports.weekly", words)


def tell_mail_texts(teller: RuleTeller) -> Iterator[RuleSentence]:
    """Tell what stands in mails in the vendor's own words."""
    programme = teller.programme
    written = {"mail_subjects": programme.mail_subjects, "mail_texts": programme.mail_texts}
    words = {"mail_subjects": "mails.subject", "mail_texts": "mails.own"}
    for part, by_mail in written.items():
        for mail, texts in by_mail.items():
            name = teller.quote(teller.locale.translate(f"hq_leads.mail.{mail}"))
            for code, text in texts.items():
                fill = {"mail": name, "language": teller.language(code), "text": teller.quote(text)}
                yield teller.sentence(f"{part}[{mail}].{code}", words[part], **fill)
    if not any(written.values()):
        yield teller.sentence("mail_texts", "mails.none")
