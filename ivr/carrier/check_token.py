"""Is the auth token good? Where an API key asks, only callers would find out: the key signs nothing."""

from __future__ import annotations

from ivr.call_log.findings import Finding, Severity

from .asking import CarrierAway, tried
from .examined import Examined

UNAUTHORIZED = 401
TOKEN_KIND = "token"  # noqa: S105  the code of a finding


def check_token(examined: Examined) -> list[Finding]:
    """One of the tokens must open the account; while they are rotated the others need not. Raises CarrierAway."""
    if not examined.token_clients:
        return []
    for client in examined.token_clients:
        account = client.api.v2010.accounts(examined.settings.account_sid)
        try:
            tried(account.fetch, examined.pause)
        except CarrierAway as away:
            if away.status != UNAUTHORIZED:
                raise
        else:
            return []
    what = f"Twilio refuses TWILIO_AUTH_TOKEN ({UNAUTHORIZED}), which alone signs; an API key does not."
    why = "What Twilio signs cannot be checked: every caller is refused (403), and hears the fallback or an error."
    mend = "Set TWILIO_AUTH_TOKEN to the primary token of TWILIO_ACCOUNT_SID on every host, and start the service anew."
    return [Finding(TOKEN_KIND, "account", Severity.ALARM, what, why, mend)]
