"""The cookie of a device on which somebody at HQ has signed in, and who may post with it.

Its name begins with ``__Host-``: browsers then keep it for this very host, on every path, and send
it by HTTPS only. On the loopback address that ``make run`` serves, and only there, there is no
HTTPS; the cookie has another name there and goes without ``Secure``.
"""

from urllib.parse import urlsplit

from aws_lambda_powertools.shared.cookies import Cookie, SameSite
from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEventV2

from routing_core.aws.http import header
from routing_core.domain.hq_access import DEVICE_DAYS

LOOPBACK = ("127.0.0.1", "localhost")
"""Hosts that no request leaves the machine for."""
NAME, LOCAL_NAME = "__Host-hq", "hq"
"""The cookie's name, and its name on a loopback address."""


def is_local(base_url: str) -> bool:
    """Tell whether the pages are served without HTTPS on a loopback address."""
    address = urlsplit(base_url)
    return address.scheme == "http" and address.hostname in LOOPBACK


def device_cookie(base_url: str, value: str) -> Cookie:
    """Make the cookie that keeps a device signed in; an empty ``value`` takes it away."""
    local = is_local(base_url)
    return Cookie(
        name=LOCAL_NAME if local else NAME,
        value=value,
        path="/",
        secure=not local,
        http_only=True,
        same_site=SameSite.LAX_MODE,
        max_age=DEVICE_DAYS * 86_400 if value else 0,
    )


def read_device_cookie(event: APIGatewayProxyEventV2, base_url: str) -> str:
    """Give what the device's cookie holds; empty if it has none."""
    wanted = LOCAL_NAME if is_local(base_url) else NAME
    for each in event.get("cookies") or ():
        name, _, value = each.strip().partition("=")
        if name == wanted:
            return str(value)
    return ""


def is_from_own_page(event: APIGatewayProxyEventV2, base_url: str) -> bool:
    """Tell whether a post was sent by a page of ours, by what browsers say and no page can forge.

    ``Sec-Fetch-Site`` must be ``same-origin`` where there is one, and ``Origin`` ours; where there
    is no ``Origin``, the ``Referer``. A post that says nothing at all is none of ours.
    """
    site, origin = header(event, "sec-fetch-site"), header(event, "origin")
    if site not in ("", "same-origin"):
        return False
    # A page that sends no referrer names no origin either: then the browser's other word counts.
    if origin == "null":
        return site == "same-origin"
    stated = origin or header(event, "referer")
    if not stated:
        return site == "same-origin"
    return _origin_of(stated) in _own_origins(base_url)


def _origin_of(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"


def _own_origins(base_url: str) -> frozenset[str]:
    """Give the origins of our pages: one, but for the two names of a loopback address."""
    own = urlsplit(base_url)
    if not is_local(base_url):
        return frozenset({_origin_of(base_url)})
    port = f":{own.port}" if own.port else ""
    return frozenset(f"http://{host}{port}" for host in LOOPBACK)
