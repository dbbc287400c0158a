"""Makes the decisions about a lead again, and shows whether they come out the same.

    make replay LEAD=01J…

Each is made from what was known at the time. It prints the sentences that explain it, then
"identical" or what differs. Works on the embedded AWS of `make run` and, with STACK=name, on a
stack in the account that your credentials reach. Nothing is changed.
"""

from __future__ import annotations

import sys

from infra.tools.stack import Target, reachable, services_of, target, tool


def main() -> None:
    """Repeat the decisions about the lead that the command line names."""
    arguments = tool("Repeats the decisions about a lead and compares them.")
    arguments.add_argument("--lead", help="its id")
    options = arguments.parse_args()
    if not options.lead:
        sys.exit(__doc__.strip())
    there = target(options.stack, options.data, "make replay LEAD=…")
    with reachable(options.stack):
        replay(there, options.lead)


def replay(there: Target, lead_id: str) -> None:
    """Print each decision, and end the process with an error if one comes out differently."""
    from routing_core.domain.errors import NotFound
    from routing_core.present.explain.decision_words import sentences
    from routing_core.present.locale_context import LocaleContext
    from routing_core.service.hq.replay_decisions import replay_decisions

    services = services_of(there)
    leads = services.leads
    rules = services.rules
    try:
        replayed = {each.version: each for each in replay_decisions(leads, rules, lead_id)}
        lead = leads.get(lead_id)
    except NotFound as error:
        sys.exit(
            f"{error}. Its id is in the address of its page on HQ's queue, and in what the form's API answered."
        )
    programme = rules.programme()[1]
    partners = rules.network().partners
    reader = LocaleContext.for_programme(programme, programme.hq.language)
    for row in leads.events(lead_id):
        if lead and row.decision:
            # By version: a row without a decision has nothing to repeat, so positions differ.
            again = replayed[row.version]
            print(f"{reader.when(row.at)} · version {row.version}")
            for sentence in sentences(row.decision, lead, reader, programme, partners):
                print(f"  {sentence}")
            print("  identical\n" if again.identical else f"  DIFFERS in {again.differences}\n")
    different = [again for again in replayed.values() if not again.identical]
    if different:
        sys.exit(f"{len(different)} of {len(replayed)} decisions come out differently.")
    if replayed:
        print(f"{len(replayed)} decisions repeated, all identical.")
    else:
        print("No decisions were made about this lead.")


if __name__ == "__main__":
    main()
