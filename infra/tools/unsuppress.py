"""Takes a repaired mailbox off SES's suppression list, so that mail reaches it again.

    make unsuppress ADDRESS=info@example.com STACK=name

SES keeps addresses that bounced or complained, for the whole account, and drops mail to them. A
partner who is asked to confirm an address is taken off the list by the product; this is for all
other addresses, such as a second contact's or a customer's.
"""

from infra.tools.stack import reachable, target, tool
from routing_core.aws.queues.mail import take_off_suppression_list


def main() -> None:
    """Take the address off the list, and say whether it was on it."""
    arguments = tool("Takes an address off SES's suppression list.")
    arguments.add_argument("address", help="the email address")
    options = arguments.parse_args()
    there = target(options.stack, options.data, f"make unsuppress ADDRESS={options.address}")
    with reachable(options.stack):
        was_on_it = take_off_suppression_list(there.client("sesv2"), options.address)
    told = "is off the list: mail to it leaves again" if was_on_it else "was not on the list"
    print(f"{options.address} {told}.")


if __name__ == "__main__":
    main()
