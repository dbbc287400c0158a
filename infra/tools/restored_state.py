"""Brings restored tables to where they may be worked on: what must not come back does not.

A restored table has forgotten what was done since: who was erased, whose links and which keys were
ended, who was signed out. That is done again here, before the stack is pointed at the table and
once more after it, for what was done meanwhile. And the loads of partners are counted again, for
each table is restored for itself.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime

from botocore.exceptions import ClientError

from infra.tools.redone_erasures import erase_again, remove_files_again
from infra.tools.restore_ground import Ground, leads_of, scanned
from routing_core.aws.codecs.load_items import OPEN_OF_PRODUCT, LoadAttribute, load_from_item
from routing_core.aws.tables.api_keys import ApiKeys
from routing_core.aws.tables.dynamo import condition_failed, serialize_item
from routing_core.domain.errors import NotFound
from routing_core.domain.lead import Lead, open_counts
from routing_core.domain.partner import Load, Partner
from routing_core.domain.programme.programme import Programme
from routing_core.domain.rule_version import PlannedRules, RuleEdition
from routing_core.service.kernel.ports import RuleBook
from routing_core.service.kernel.retry import retry_on_conflict
from routing_core.service.kernel.rule_saving import save_rules

Say = Callable[[str], None]


def settle(ground: Ground, now: datetime, say: Say) -> None:
    """Do again what may not be undone by a restore, and count the loads again."""
    say(f"{erase_again(ground, now)} enquiries erased again")
    say(f"{remove_files_again(ground, now)} files removed again")
    say(f"{revoke_keys_again(ground)} API keys revoked again")
    say(f"{end_links_again(ground, now)} partners' links ended again, as theirs had been")
    if sign_hq_out(ground, now):
        say("everybody at HQ is signed out, and their links have ended")
    wrong = recount_loads(ground)
    say(f"{len(wrong)} partners' loads corrected" + "".join(f"\n  {each}" for each in wrong))


def revoke_keys_again(ground: Ground) -> int:
    """Revoke again which API keys were revoked since the point; return how many they are."""
    book = ApiKeys(ground.dynamodb, ground.new.stores.partners_table)
    alive = {note.id for note in book.all() if note.revoked is None}
    known = ApiKeys(ground.dynamodb, ground.old.stores.partners_table).all()
    gone = [note for note in known if note.revoked and note.id in alive]
    for note in gone:
        book.revoke(note.id, note.revoked or ground.at)
    return len(gone)


def end_links_again(ground: Ground, now: datetime) -> int:
    """End all links of each partner of whom any were ended since the point; return how many.

    A colleague's count as well: of the firm's other people nobody loses more than a link.
    """
    partners = ground.new.services.partners
    restored: Mapping[str, Partner] = {each.id: each for each in partners.all()}
    known = ground.old.services.partners.all()
    behind = [each for each in known if each.id in restored and _is_behind(restored[each.id], each)]
    if not behind:
        return 0
    newest = max((lead.version for lead in _old_leads(ground)), default=0)
    changed = [_with_links_beyond(restored[each.id], each, newest) for each in behind]
    for partner in changed:
        partners.save([(partner, partner.version)], now)
    return len(changed)


def _is_behind(restored: Partner, before: Partner) -> bool:
    """Tell whether links that had been ended open again by the restored profile."""
    if before.links > restored.links or before.revoked > restored.revoked:
        return True
    return any(times > restored.ended.get(person, 0) for person, times in before.ended.items())


def _with_links_beyond(restored: Partner, before: Partner, newest: int) -> Partner:
    """Give the restored profile with generations that no link of any time had.

    A colleague's is the sum of three numbers, of which one is a version of the lead at most; so
    ``newest``, the highest that any lead has, takes it beyond all sums there ever were.
    """
    ended = {
        person: max(before.ended.get(person, 0), restored.ended.get(person, 0))
        for person in {*before.ended, *restored.ended}
    }
    past = before.revoked + max(before.ended.values(), default=0) + newest
    return replace(restored, links=before.links + 1, generations={}, revoked=past + 1, ended=ended)


def _old_leads(ground: Ground) -> Iterator[Lead]:
    return leads_of(ground.dynamodb, ground.old.stores.leads_table)


def sign_hq_out(ground: Ground, now: datetime) -> bool:
    """Raise the programme's number of HQ's links above any that it had; tell whether it was low.

    A version that waits for its time stays planned, and is raised too.
    """
    try:
        most = ground.old.services.programme.hq.links
        if ground.new.services.programme.hq.links > most:
            return False
    except NotFound:
        return False
    retry_on_conflict(lambda _: _raise_links(ground.new.services.rules, most + 1, now))
    return True


def _raise_links(rules: RuleBook, links: int, now: datetime) -> None:
    rules.look_again()
    number, programme = rules.programme()
    plan = rules.planned()
    if plan and rules.programme_version(plan.number).hq.links != programme.hq.links:
        # It says something else of the number: what is saved now could not be made in it too.
        _plan_again(rules, plan, links, now)
    save_rules(rules, _with_links(programme, links), now, number)


def _plan_again(rules: RuleBook, plan: PlannedRules, links: int, now: datetime) -> None:
    """Plan the same rules for the same instant, with that number of HQ's links."""
    (noted,) = rules.versions(before=plan.number + 1, limit=1)
    text = rules.programme_text(plan.number)
    edition = RuleEdition(noted.by, noted.comment, text, plan.starts_at)
    number, _ = rules.programme()
    programme = _with_links(rules.programme_version(plan.number), links)
    save_rules(rules, programme, now, number, edition)


def _with_links(programme: Programme, links: int) -> Programme:
    return programme.model_copy(update={"hq": programme.hq.model_copy(update={"links": links})})


# ── loads ─────────────────────────────────────────────────────────────────────────────────────────


def recount_loads(ground: Ground) -> list[str]:
    """Count what each partner has open, from the leads, and name whose count was corrected.

    A load that somebody changes meanwhile is left alone: that commit counts by itself, and the next
    run counts again.
    """
    # The loads first: one that has not changed since is compared with leads that were read later.
    loads = [
        load_from_item(item)
        for item in scanned(
            ground.dynamodb, ground.new.stores.partners_table, "sk = :kind", {":kind": "LOAD"}
        )
    ]
    counted: dict[str, Counter[str]] = defaultdict(Counter)
    for lead in leads_of(ground.dynamodb, ground.new.stores.leads_table):
        for partner, places in open_counts(lead).items():
            counted[partner][lead.product] += places
    return [load.partner for load in loads if _corrected(ground, load, counted[load.partner])]


def _corrected(ground: Ground, load: Load, counted: Counter[str]) -> bool:
    """Write what was counted over a load that says something else; tell whether it did."""
    if load.open_count == counted.total() and Counter(load.products) == counted:
        return False
    products = {name: counted[name] for name in {*load.products, *counted}}
    names = {f"#p{number}": f"{OPEN_OF_PRODUCT}{name}" for number, name in enumerate(products)}
    values = {f":p{number}": count for number, count in enumerate(products.values())}
    sets = [f"#p{number} = :p{number}" for number in range(len(products))]
    try:
        ground.dynamodb.update_item(
            TableName=ground.new.stores.partners_table,
            Key=serialize_item({"pk": f"PARTNER#{load.partner}", "sk": "LOAD"}),
            UpdateExpression=f"SET {', '.join(['#open = :open', '#seq = :next', *sets])}",
            ConditionExpression="#seq = :seq OR attribute_not_exists(#seq)",
            ExpressionAttributeNames={
                "#open": LoadAttribute.OPEN_COUNT,
                "#seq": LoadAttribute.SEQUENCE,
                **names,
            },
            ExpressionAttributeValues=serialize_item(
                {":open": counted.total(), ":seq": load.seq, ":next": load.seq + 1, **values}
            ),
        )
    except ClientError as error:
        if not condition_failed(error):
            raise
        return False
    return True
