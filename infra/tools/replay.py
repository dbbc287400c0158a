"""Makes the decisions about a lead again from what was known at the time, and shows whether they
come out the same.

    make replay LEAD=01J…

For each decision: the sentences that explain it, then "identical" or what differs. Works on the
embedded AWS of
`make run` and, with STACK=name, on a stack in the account that your credentials reach. Nothing is
changed.
"""

from __future__ import annotations

import sys

from infra.tools.stack import Target, reachable, relay_of, target, tool


def main() -> None:
    arguments = tool("Repeats the decisions about a lead and compares them.")
    arguments.add_argument("--lead", help="its id")
    options = arguments.parse_args()
    if not options.lead:
        sys.exit(__doc__.strip())
    there = target(options.stack, options.data, "make replay LEAD=…")
    with reachable(options.stack):
        replay(there, options.lead)


def replay(there: Target, lead_id: str) -> None:
    """Prints each decision; ends the process with an error if one does not come out the same."""
    from routing_core.domain.errors import NotFound
    from routing_core.present.explain.decision_words import sentences
    from routing_core.present.locale_context import LocaleContext
    from routing_core.service.hq.replay_decisions import replay_decisions

    services = relay_of(there)
    leads, rules = services.leads, services.rules
    try:
        replayed = {each.version: each for each in replay_decisions(leads, rules, lead_id)}
        lead = leads.get(lead_id)
    except NotFound as error:
        sys.exit(
            f"{error}. Its id is in the address of its page on HQ's queue, and in what the form's API answered."
        )
    programme, partners = rules.programme()[1], rules.network().partners
    reader = LocaleContext.for_programme(programme, programme.hq.language)
    for row in leads.events(lead_id):
        if lead and row.decision:
            again = replayed[row.version]
            print(f"{reader.when(row.at)} · version {row.version}")
            for sentence in sentences(row.decision, lead, reader, programme, partners):
                print(f"  {sentence}")
            print("  identical\n" if again.identical else f"  DIFFERS in {again.differences}\n")
    different = sum(not each.identical for each in replayed.values())
    if different:
        sys.exit(f"{different} of {len(replayed)} decisions come out differently.")
    print(
        f"{len(replayed)} decisions repeated, all identical."
        if replayed
        else "No decisions were made about this lead."
    )


if __name__ == "__main__":
    main()
