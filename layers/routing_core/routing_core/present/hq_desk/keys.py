"""HQ's page of API keys."""

from dataclasses import dataclass
from datetime import datetime

from routing_core.domain.api_key import ApiKeyNote, KeyScope
from routing_core.domain.hq_people import HqPerson
from routing_core.domain.programme.programme import Programme
from routing_core.present.explain.who_at_hq import who_at_hq
from routing_core.present.hq_desk.frame import DeskFrame, desk_locale, render_desk
from routing_core.present.lead_summary import region_name
from routing_core.present.locale_context import LocaleContext
from routing_core.present.pages.frame import known_notice, title_with_problems
from routing_core.present.pages.summary import at_action
from routing_core.present.problems import by_field
from routing_core.service.hq_desk.key_desk import KeysView

KEY_NOTICES = ("revoked",)
"""Names what a button of the page may have done."""


@dataclass(frozen=True, slots=True)
class KeyLine:
    """A key as the list shows it."""

    id: str
    name: str
    scopes: str
    made: str
    """Says when it was made, and by whom."""
    used: str
    """Says when it was used last, to the hour."""
    revoked: str
    """Says since when it opens nothing; empty while it does."""


def keys_page(view: KeysView, visitor: HqPerson, now: datetime, notice: str = "") -> str:
    """Draw the list of API keys with the form that makes one."""
    programme = view.programme
    locale = desk_locale(programme, visitor, now)
    heading = locale.translate("hq_people.keys.title")
    labels = {
        name: locale.translate(f"hq_people.keys.{name}") for name in ("name", "scopes", "regions")
    }
    return render_desk(
        DeskFrame(
            "keys.html",
            title_with_problems(heading, view.problems, locale),
            "people",
            visitor,
            programme,
            locale,
        ),
        view=view,
        rows=[_line(each, programme, locale) for each in view.keys],
        scopes=[(scope.value, _words_of(scope.value)) for scope in KeyScope],
        regions=[
            (each, region_name(programme, each, locale) or each) for each in programme.regions
        ],
        labels=labels,
        errors=by_field(view.problems, locale.catalog),
        problems=at_action(view.problems, "key", labels, locale.catalog),
        notice=known_notice(notice, KEY_NOTICES),
    )


def _words_of(scope: str) -> str:
    """Give what follows ``hq_people.keys.scope.`` in the sentence of a scope."""
    return scope.replace(":", "_")


def _scopes_told(key: ApiKeyNote, locale: LocaleContext) -> str:
    """Say what a key may do, in words."""
    if key.scopes == {scope.value for scope in KeyScope}:
        return locale.translate("hq_people.keys.everything")
    return "; ".join(_scope_told(scope, locale) for scope in sorted(key.scopes))


def _scope_told(scope: str, locale: LocaleContext) -> str:
    """Say what a scope allows; one that another version wrote has no words here, and stays as it is."""
    if scope not in set(KeyScope):
        return scope
    return locale.translate(f"hq_people.keys.scope.{_words_of(scope)}")


def _line(key: ApiKeyNote, programme: Programme, locale: LocaleContext) -> KeyLine:
    by = who_at_hq(key.by, locale, programme)
    made = locale.when(key.created)
    if by:
        made = locale.translate("hq_people.keys.made_by", when=made, name=by)
    used = locale.translate("hq_people.keys.unused")
    if key.last_used:
        used = locale.when(key.last_used)
    scopes = _scopes_told(key, locale)
    if key.regions is not None:
        names = [region_name(programme, each, locale) or each for each in sorted(key.regions)]
        scopes = locale.translate(
            "hq_people.keys.of_regions", scopes=scopes, regions=", ".join(names)
        )
    return KeyLine(
        id=key.id,
        name=key.name,
        scopes=scopes,
        made=made,
        used=used,
        revoked=locale.when_known(key.revoked),
    )
