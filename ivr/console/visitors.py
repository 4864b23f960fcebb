"""Who tries to sign in, and from where: what failed sign-ins are counted by, and the words when there were too many.

Behind a proxy every browser comes from the proxy's address. X-Forwarded-For is believed as far as our own proxies wrote
it, counted from the right, and for this count alone; what stands further left, anybody can send.
"""

from __future__ import annotations

import logging
from ipaddress import IPv6Address, ip_address, ip_network

from flask import request

from ivr.accounts.sessions import Refusal, Visitor

from .door import Door

FORWARDED = "X-Forwarded-For"
OF_ONE_CONNECTION = 64  # bits: whoever has one IPv6 address usually has all of its network
SHUT = {
    Refusal.NAME_SHUT: "Too many tries with this name. Wait a quarter of an hour; nothing is lost.",
    Refusal.ADDRESS_SHUT: "Too many tries from this address. Wait an hour, or sign in from elsewhere; nothing is lost.",
}


def visitor_of(door: Door, name: str) -> Visitor:
    """Who is trying, as keyed hashes."""
    seal, settings = door.services.seal, door.services.settings
    if FORWARDED in request.headers and not (settings.trusted_proxies or settings.practice):
        logging.getLogger("ivr").warning(
            "console: a sign-in came through a proxy, and IVR_TRUSTED_PROXIES is not set: all who come that way share"
            " one address, and twenty wrong passwords shut them all out"
        )
    address = address_of(request.remote_addr or "", request.headers.get(FORWARDED, ""), settings.trusted_proxies)
    return Visitor(seal.index(f"name {name}"), seal.index(f"address {address}"))


def address_of(peer: str, forwarded: str, proxies: int) -> str:
    """The address that the outermost of our `proxies` saw; the peer's own when they did not say one."""
    hops = [hop.strip() for hop in forwarded.split(",")]
    said = hops[-proxies] if 0 < proxies <= len(hops) else ""
    return _counted(said) or _counted(peer) or peer


def _counted(text: str) -> str:
    """An address as it is counted, without a port; "" when it is none."""
    plain = text[1:].partition("]")[0] if text.startswith("[") else text
    plain = plain.partition(":")[0] if plain.count(":") == 1 else plain
    try:
        found = ip_address(plain.partition("%")[0])
    except ValueError:
        return ""
    if isinstance(found, IPv6Address):
        return str(found.ipv4_mapped or ip_network((int(found), OF_ONE_CONNECTION), strict=False))
    return str(found)
