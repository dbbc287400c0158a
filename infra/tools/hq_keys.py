"""Lists the API keys of HQ, and revokes one.

    make hq-key LIST=1                which keys there are, what they may do, and their last use
    make hq-key REVOKE=4f1c02aa91b3   ends one at once; its id is in the list

Both work on the embedded AWS of `make run` and, with STACK=name, on a stack in the account that
your credentials reach. Keys are made by `infra.tools.hq_key`.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from infra.tools.stack import Target, reachable, services_of, target, tool
from routing_core.aws.tables.api_keys import ApiKeys
from routing_core.domain.activity import ActivityKind
from routing_core.domain.api_key import ApiKeyNote
from routing_core.domain.errors import NotFound
from routing_core.service.kernel.activity_log import ActivityLog
from routing_core.service.kernel.read_model import LogEntry


def listed(notes: Sequence[ApiKeyNote]) -> Iterator[str]:
    """Write a line about each key, the newest first."""
    for note in notes:
        made = f"made {note.created:%Y-%m-%d}"
        where = f"only in {', '.join(sorted(note.regions))}" if note.regions else ""
        parts = (note.id, note.name, made, _last_use(note), " ".join(sorted(note.scopes)), where)
        yield "  ".join(filter(None, parts))


def _last_use(note: ApiKeyNote) -> str:
    """Say since when a key opens nothing, or else in which hour it was used last."""
    if note.revoked:
        return f"revoked {note.revoked:%Y-%m-%d %H:%M} UTC"
    if note.last_used:
        return f"used {note.last_used:%Y-%m-%d %H}h UTC"
    return "not used yet"


def revoke(book: ApiKeys, log: ActivityLog, key_id: str, now: datetime) -> ApiKeyNote:
    """End a key at once, and note it in HQ's log. Raises NotFound.

    Doing it again changes nothing. Nobody signed in for it: the log names HQ alone.
    """
    before = {note.id: note for note in book.all()}
    revoked = book.revoke(key_id, now)
    if before[key_id].revoked is None:
        scopes = " ".join(sorted(revoked.scopes))
        log.note(LogEntry(now, "", ActivityKind.KEY_REVOKED, about=revoked.name, detail=scopes))
    return revoked


def run(there: Target, key_id: str, now: datetime) -> Iterator[str]:
    """Revoke the key that is named, if any, and yield what there is to say; raises NotFound."""
    book = ApiKeys(there.client("dynamodb"), there.resource("PartnersTable"))
    if key_id:
        revoked = revoke(book, services_of(there).activity, key_id, now)
        yield f"{revoked.name} opens nothing any more."
        return
    notes = book.all()
    if not notes:
        yield "There is no key yet: make hq-key"
    yield from listed(notes)


def main() -> None:
    """List the keys of the stack that the command line names, or revoke one."""
    arguments = tool("Lists the API keys of HQ, and revokes one.")
    arguments.add_argument("--revoke", default="", help="the id of the key to end, from the list")
    options = arguments.parse_args()
    there = target(options.stack, options.data, "make hq-key LIST=1")
    try:
        with reachable(options.stack):
            for line in run(there, options.revoke, datetime.now(UTC)):
                print(line)
    except NotFound as error:
        sys.exit(f"{error}: see make hq-key LIST=1")


if __name__ == "__main__":
    main()
