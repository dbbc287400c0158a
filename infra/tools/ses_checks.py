"""What SES lets an account send, against what a deployment wants to: who from, whom to, how much."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError

from infra.tools.deploy_plan import Finding, Findings, Grade, Plan

MAILS_AN_ENQUIRY = 6
"""So many mails at most leave for an enquiry that the first partner takes and HQ hears of."""


def sender(ses: Any, plan: Plan) -> Findings:
    """Look whether the sender's address, or a domain it belongs to, is verified, and signs."""
    found = {
        name: identity for name in _identities(plan.sender) if (identity := _identity(ses, name))
    }
    verified = {name: each for name, each in found.items() if each.get("VerifiedForSendingStatus")}
    if not verified:
        yield Finding(Grade.STOPS, _unverified(plan, found))
        return
    name = next(iter(verified))
    yield Finding(Grade.FINE, f"{name} is verified in SES")
    # A mail is signed by the narrowest identity that can; an address alone has no key of its own.
    if not any(_signs(each) for each in found.values()):
        yield Finding(Grade.WARNS, _unsigned(found, plan.sender))
    else:
        yield Finding(Grade.FINE, "mails are signed (DKIM)")


def _identities(address: str) -> list[str]:
    """Name what may be verified: the address, its domain, and each domain above that."""
    domain = address.partition("@")[2]
    labels = domain.split(".")
    return [address, *(".".join(labels[start:]) for start in range(len(labels) - 1))]


def _identity(ses: Any, name: str) -> dict[str, Any] | None:
    try:
        return dict(ses.get_email_identity(EmailIdentity=name))
    except ClientError as error:
        if error.response["Error"]["Code"] != "NotFoundException":
            raise
        return None


def _signs(identity: Mapping[str, Any]) -> bool:
    dkim = identity.get("DkimAttributes", {})
    return bool(dkim.get("SigningEnabled")) and dkim.get("Status") == "SUCCESS"


def _unverified(plan: Plan, found: Mapping[str, Mapping[str, Any]]) -> str:
    domain = plan.sender.partition("@")[2]
    if not found:
        return (
            f"{plan.sender} is not known to SES in {plan.region}. Make an identity of its domain: "
            f"aws sesv2 create-email-identity --email-identity {domain}"
        )
    name, identity = next(iter(found.items()))
    if "@" in name:
        return f"{name} is not verified yet: open the link that AWS has mailed to it."
    return f"{name} is not verified yet. {_records(name, identity)}"


def _unsigned(found: Mapping[str, Mapping[str, Any]], address: str) -> str:
    for name, identity in found.items():
        if "@" not in name:
            return f"Mails are not signed (DKIM), so many land in spam. {_records(name, identity)}"
    domain = address.partition("@")[2]
    return (
        "Mails are not signed (DKIM), so many land in spam: verify the domain as well, "
        f"aws sesv2 create-email-identity --email-identity {domain}"
    )


def _records(domain: str, identity: Mapping[str, Any]) -> str:
    """Say which records of DNS prove a domain and sign its mails."""
    tokens = identity.get("DkimAttributes", {}).get("Tokens", [])
    if not tokens:
        return f"Switch Easy DKIM on for {domain} in SES."
    lines = [f"{each}._domainkey.{domain} CNAME {each}.dkim.amazonses.com" for each in tokens]
    return "\n      ".join(["These records have to be in DNS; AWS looks for three days:", *lines])


def sending(ses: Any, plan: Plan, deployed: Mapping[str, str]) -> Findings:
    """Look whether SES sends to anybody, and as fast and as much as is planned."""
    account = ses.get_account()
    if account.get("EnforcementStatus") == "SHUTDOWN" or not account.get("SendingEnabled", True):
        says = "SES has paused this account's sending: its console says why, under Reputation."
        yield Finding(Grade.STOPS, says)
    elif account.get("EnforcementStatus") == "PROBATION":
        says = "SES reviews this account: mails leave, but its console says what to mend soon."
        yield Finding(Grade.WARNS, says)
    if account.get("ProductionAccessEnabled"):
        yield Finding(Grade.FINE, "SES sends to anybody")
    else:
        says = (
            "SES is in its sandbox: mails reach verified addresses alone. Ask for production access "
            "in its console (transactional mail); AWS takes about a day."
        )
        yield Finding(Grade.WARNS, says)
    yield from _quotas(account["SendQuota"], plan, deployed)


def _quotas(quota: Mapping[str, float], plan: Plan, deployed: Mapping[str, str]) -> Findings:
    rate, wanted = quota["MaxSendRate"], float(plan.parameter("MailsPerSecond", deployed))
    if wanted > rate:
        says = (
            f"SES sends {rate:g} mails a second, MailsPerSecond is {wanted:g}: add "
            f"PARAMETERS='MailsPerSecond={max(1, int(rate))}', or ask for more."
        )
        yield Finding(Grade.WARNS, says)
    else:
        yield Finding(Grade.FINE, f"SES sends {rate:g} mails a second, {wanted:g} are planned")
    day = quota["Max24HourSend"]
    if day < 0:
        yield Finding(Grade.FINE, "SES sends any number of mails a day")
        return
    left = max(0, day - quota.get("SentLast24Hours", 0))
    enough = int(day // MAILS_AN_ENQUIRY)
    says = f"SES sends {day:,.0f} mails a day, enough for some {enough:,} enquiries"
    if plan.enquiries > enough:
        wanted_mails = plan.enquiries * MAILS_AN_ENQUIRY
        says += f", not for {plan.enquiries:,}: ask for {wanted_mails:,} in Service Quotas."
        yield Finding(Grade.WARNS, says)
    elif left < day / 5:
        says = (
            f"Of {day:,.0f} mails a day only {left:,.0f} are left today: something else sends too."
        )
        yield Finding(Grade.WARNS, says)
    else:
        yield Finding(Grade.FINE, says)
