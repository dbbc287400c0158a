"""Mails to channel management: reference, place, work and partner; never who asked."""

from collections.abc import Sequence

from routing_core.domain.lead import MERGED, UNATTENDED, DeadlineKind, Lead
from routing_core.domain.offer import OfferKind, OfferStatus
from routing_core.present.explain.timeline import instant, offer_outcome, offer_reason, sentence
from routing_core.present.lead_summary import Line, partner_lines, product_name, what
from routing_core.present.mails.bodies.letter import Case, Letter
from routing_core.present.safe import line, shown_address
from routing_core.service.kernel.hq_link import LINK_DAYS
from routing_core.service.kernel.views import TRIED_NAMED, Entry


def _case(m: Letter, entry: Entry, explain: bool) -> Case:
    partners = {
        each.id: each for each in (entry.partner, *(partner for partner, _ in entry.tried)) if each
    }
    data = {
        "reason": entry.lead.reason,
        **m.view.data,
        "partner": entry.partner.id if entry.partner else None,
    }
    if entry.kind == "lead.returned":
        given_back = (o.reason for o in entry.lead.offers if o.status is OfferStatus.RETURNED)
        data["reason"] = next(given_back, "")
    if entry.kind == "lead.handed_over":
        data["to"] = next(
            (o.partner for o in reversed(entry.lead.offers) if o.kind is OfferKind.HANDED), ""
        )
    told = f"{sentence(entry.kind, data, m.reader, m.view.programme, partners)} · {m.reader.when(entry.at)}"
    if explain and entry.lead.reason == UNATTENDED:
        told = f"{m.reader.t.code('facts.queue', UNATTENDED)} · {m.reader.when(entry.at)}"
    if explain and _goes_on(entry.lead):
        told = f"{told}. {_how_it_goes_on(m, entry)}"
    title = f"{what(entry.lead, m.view.programme, m.reader, True)}"
    lines = _what_was_tried(m, entry) if explain else ()
    if not explain and entry.kind == "offer.accepted" and (asked := _asked(m, entry.lead)):
        lines = (f"{asked.label}: {asked.value}",)
    return Case(line(f"{title} · {entry.lead.reference}"), told, lines, entry.url)


def _what_was_tried(m: Letter, entry: Entry) -> tuple[str, ...]:
    """Says how each partner answered, and why others were not asked; nothing of what nobody was to
    be asked about.
    """
    lines = []
    for partner, made in entry.tried[:TRIED_NAMED]:
        outcome = offer_outcome(made, m.reader, m.view.programme)
        lines.append(line(f"{partner.name if partner else made.partner}: {outcome}"))
    if len(entry.tried) > TRIED_NAMED:
        lines.append(m.t("tried_more", n=len(entry.tried) - TRIED_NAMED))
    if not lines and entry.lead.reason != UNATTENDED:
        lines.append(m.t("tried_none"))
    if entry.excluded:
        codes = (
            f"{n} × {m.reader.t.code('facts.excluded', code)}" for code, n in entry.excluded.items()
        )
        lines.append(f"{m.t('excluded')}: {', '.join(codes)}")
    return tuple(lines)


def _asked(m: Letter, lead: Lead) -> Line | None:
    """How many partners were offered it, if several."""
    number = len({offer.partner for offer in lead.offers})
    return m.line("asked", str(number)) if number > 1 else None


def _about(m: Letter, button: str = "lead") -> None:
    lead = m.view.lead
    if lead:
        m.lead_lines(m.line("reference", lead.reference))
    m.button(m.t("button"), button if button in m.view.links else "queue")


def confirmation(m: Letter) -> None:
    lead, name = m.view.lead, m.partner_name
    entry = next(iter(m.view.entries), None)
    reference = lead.reference if lead else entry.lead.reference if entry else ""
    shown = (
        m.what if lead else what(entry.lead, m.view.programme, m.reader, True) if entry else m.brand
    )
    accepted = name and (entry is None or entry.kind == "offer.accepted")
    if accepted:
        m.head(
            m.t("subject", partner=name, what=shown),
            m.t("title", partner=name),
            m.t("preheader", reference=reference),
        )
    else:
        m.head(
            m.t("subject_plain", what=shown),
            m.t("title_plain"),
            m.t("preheader", reference=reference),
        )
        for each in m.view.entries:
            m.case(_case(m, each, explain=False))
    more = [m.line("reference", reference)]
    if name:
        more.append(m.line("partner", name))
    if lead:
        more += [asked] if (asked := _asked(m, lead)) else []
        m.lead_lines(*more)
    m.button(m.t("button"), "lead" if "lead" in m.view.links else "queue")


def _list(m: Letter, entries: Sequence[Entry], explain: bool) -> None:
    """All of them, or as many as a mail holds and how many more there are."""
    if left := m.cases(_case(m, entry, explain) for entry in entries):
        m.text(m.reader.t("mails.not_listed", n=left))


def digest(m: Letter) -> None:
    n = len(m.view.entries)
    m.head(m.t("subject", n=n), m.t("title", n=n))
    _list(m, m.view.entries, explain=False)
    m.button(m.reader.t("mails.queue"), "queue")


def alert(m: Letter) -> None:
    """HQ hears of a lead once that nobody is left to ask. Which of them somebody is asked again by
    now is said apart: those do not wait for HQ.
    """
    entries = sorted(m.view.entries, key=lambda entry: _goes_on(entry.lead))
    waiting = sum(not _goes_on(entry.lead) for entry in entries)
    merged = all(entry.lead.reason == MERGED for entry in entries)
    unattended = any(entry.lead.reason == UNATTENDED for entry in entries)
    words = ""
    if merged:
        words = "merged."
    elif not waiting:
        words = "goes_on."
    elif unattended:
        words = "unattended."
    n = waiting or len(entries)
    first = what(entries[0].lead, m.view.programme, m.reader, True) if entries else m.what
    m.head(
        m.t(f"{words}subject", n=n, what=first), m.t(f"{words}title", n=n), m.t(f"{words}preheader")
    )
    m.text(m.t(f"{words}intro", n=n))
    if waiting and waiting < len(entries):
        m.text(m.t("some_go_on", n=len(entries) - waiting))
    _list(m, entries, explain=True)
    m.button(m.reader.t("mails.queue"), "queue")


def _goes_on(lead: Lead) -> bool:
    """Tells whether somebody is being asked, or will be by itself as soon as they open or in a
    minute.
    """
    return bool(lead.live_offers) or lead.held_until is not None or lead.crowded_out


def _how_it_goes_on(m: Letter, entry: Entry) -> str:
    """Who is being asked until when, or when somebody will be."""
    if opens := entry.lead.held_until:
        return m.t("held", when=m.reader.when(opens))
    asked = [(partner, made) for partner, made in entry.tried if made.status is OfferStatus.PENDING]
    if not asked:
        return m.reader.t.code("facts.queue", entry.lead.reason)
    partner, made = asked[0]
    until = min(each.expires_at for _, each in asked)
    return m.t(
        "asked",
        n=len(asked),
        partner=partner.name if partner else made.partner,
        when=m.reader.when(until),
    )


def contact_missed(m: Letter) -> None:
    at = instant(m.view.data.get("at")) or m.call_by
    m.head(
        m.t("subject", what=m.what, partner=m.partner_name), m.t("title", partner=m.partner_name)
    )
    m.text(m.t("intro", when=m.reader.when(at)) if at else m.t("intro_plain"))
    retract = m.view.lead.deadline(DeadlineKind.RETRACT) if m.view.lead else None
    if retract:
        m.text(m.t("retract", when=m.reader.when(retract)))
    _about(m)


def outcome_missed(m: Letter) -> None:
    _nothing_since(m)
    _about(m)


def quote_missed(m: Letter) -> None:
    _nothing_since(m)
    m.text(m.t("after", partner=m.partner_name))
    _about(m)


def _nothing_since(m: Letter) -> None:
    at = m.view.lead.accepted_at if m.view.lead else None
    m.head(
        m.t("subject", what=m.what, partner=m.partner_name), m.t("title", partner=m.partner_name)
    )
    m.text(m.t("intro", partner=m.partner_name, when=m.reader.when(at)) if at
           else m.t("intro_plain", partner=m.partner_name))  # fmt: skip


def _about_partner(m: Letter, *more: str) -> None:
    m.head(m.t("subject", partner=m.partner_name), m.t("title", partner=m.partner_name))
    email = shown_address(m.view.partner.contact.email) if m.view.partner else ""
    m.text(m.t("intro", partner=m.partner_name, email=email, n=m.lapses))
    for each in more:
        m.text(each)
    partner = m.view.partner
    if partner:
        m.lines(*partner_lines(partner, m.reader))
    m.button(m.t("button"), "queue")


def phone_partner(m: Letter) -> None:
    partner = m.view.partner
    second = partner.second if partner else None
    more = [m.t("second", second=second.name or shown_address(second.email))] if second else []
    numbers = (
        [person.phone for person in (partner.contact, second) if person and person.phone]
        if partner
        else []
    )
    if not numbers:
        more.append(m.t("no_number.text"))
    _about_partner(m, *more)
    if not numbers:
        m.head(
            m.t("no_number.subject", partner=m.partner_name),
            m.t("no_number.title", partner=m.partner_name),
        )


AREAS_NAMED = 20
"""Of one product; the rest is a number."""


def partner_paused(m: Letter) -> None:
    """Names at once the places in which nobody is left, for these are HQ's to look after."""
    alone, backup = m.view.data.get("left_alone") or {}, m.view.data.get("backup")
    _about_partner(m, *([m.t("backup", partner=m.partner_name)] if backup else []))
    if not alone:
        return
    m.head(m.t("subject_alone", partner=m.partner_name), m.t("title_alone", partner=m.partner_name))
    m.text(m.t("alone", partner=m.partner_name))
    for product, areas in alone.items():
        more = len(areas) - AREAS_NAMED
        named = [
            *areas[:AREAS_NAMED],
            *([m.reader.t("mails.alert.tried_more", n=more)] if more > 0 else []),
        ]
        m.add(
            "item",
            line(f"{product_name(m.view.programme, product, m.reader)}: {', '.join(named)}", 1000),
        )


def partner_bounced(m: Letter) -> None:
    second = m.view.partner.second if m.view.partner else None
    _about_partner(
        m, m.t("second", second=shown_address(second.email)) if second else m.t("nobody")
    )


def other_bounced(m: Letter) -> None:
    """Of the firm's addresses that offers do not go to: the second contact's, or a colleague's."""
    who, email = m.view.data["who"], shown_address(m.view.data["email"])
    m.head(m.t("subject", partner=m.partner_name), m.t("title", email=email))
    m.text(m.t(who, partner=m.partner_name, email=email))
    if m.view.partner:
        m.lines(*partner_lines(m.view.partner, m.reader))
    m.button(m.t("button"), "queue")


def hq_link(m: Letter) -> None:
    m.head(m.t("subject"), m.t("title"))
    m.text(m.t("intro", days=LINK_DAYS))
    m.button(m.t("button"), "queue")


def partner_unconfirmed(m: Letter) -> None:
    n = m.view.data["count"]
    m.head(m.t("subject", n=n), m.t("title"))
    m.text(m.t("intro", n=n))
    names = m.view.data["names"]
    for name in names:
        m.add("item", line(str(name)))
    if n > len(names):
        m.add("item", m.reader.t("mails.alert.tried_more", n=n - len(names)))
    m.button(m.t("button"), "queue")


def calendars(m: Letter) -> None:
    """What became of holidays and time zones."""
    what, year, n = (
        str(m.view.data["what"]),
        m.view.data.get("year", ""),
        int(m.view.data.get("count", 1)),
    )
    m.head(m.t(f"{what}.subject", year=year, n=n), m.t(f"{what}.title", year=year, n=n))
    m.text(m.t(f"{what}.intro", year=year, n=n))
    names = m.view.data.get("names", ())
    for name in names:
        m.add("item", line(str(name)))
    if names and n > len(names):
        m.add("item", m.reader.t("mails.alert.tried_more", n=n - len(names)))
    m.button(m.reader.t("mails.queue"), "queue")


def held_back(m: Letter) -> None:
    """Enquiries that wait for their senders to confirm the address; a flood is one line."""
    n = m.view.data["count"]
    m.head(m.t("subject", n=n), m.t("title", n=n))
    m.text(m.t("intro"))
    for alike in m.view.data["alike"]:
        m.add("item", m.t("alike", n=alike))
    m.button(m.t("button"), "held_back")


def not_called(m: Letter) -> None:
    m.head(m.t("subject", what=m.what, partner=m.partner_name), m.t("title"))
    m.text(m.t("intro", partner=m.partner_name))
    if m.view.lead and m.view.lead.contacted_at:
        m.text(m.t("but", partner=m.partner_name, when=m.reader.when(m.view.lead.contacted_at)))
    _about(m)


def review(m: Letter) -> None:
    score = m.view.lead.score if m.view.lead else 0
    m.head(m.t("subject", what=m.what), m.t("title"))
    m.text(m.t("intro", score=score))
    _about(m)


def decide(m: Letter) -> None:
    """HQ holds the lead because a partner said something that a person must judge."""
    why, lead = str(m.view.data.get("reason")), m.view.lead
    theirs = (
        [o for o in lead.offers if m.view.partner and o.partner == m.view.partner.id]
        if lead
        else []
    )
    reason = offer_reason(theirs[-1], m.view.programme, m.reader) if theirs else ""
    m.head(m.t("subject", what=m.what), m.t(f"{why}.title", partner=m.partner_name))
    m.text(m.t(f"{why}.intro", partner=m.partner_name, reason=reason))
    until = lead.deadline(DeadlineKind.HQ_HOLD) if lead else None
    if until:
        m.text(m.t("until", when=m.reader.when(until)))
    _about(m)


LETTERS = (confirmation, digest, alert, contact_missed, quote_missed, outcome_missed, phone_partner, partner_paused,
           partner_bounced, other_bounced, partner_unconfirmed, calendars, held_back, hq_link, not_called, review,
           decide)  # fmt: skip
