"""What the doctor examines in tests: a service, an account and a hosted fallback, all in good order."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from ivr.app import fallback_writer
from ivr.call_flow.model import Routing
from ivr.call_log.findings import Finding
from ivr.carrier.client import account_client
from ivr.carrier.doctor import CHECKS, examine
from ivr.carrier.examined import Examined
from ivr.settings import Settings
from tests.carrier.account_double import open_account
from tests.carrier.static_host import StaticHost
from tests.carrier.twilio_double import Double

HUGE = 10**12
KINDS = {"not-told", "carrier-away", "credentials"}.union(*(part.kinds for part in CHECKS.values()))


@dataclass(slots=True)
class Ward:
    """A service that is served, an account and a hosted fallback, all in good order until a test spoils something."""

    settings: Settings
    routing: Routing
    twilio: Double
    host: StaticHost
    changes: dict[str, Any] = field(default_factory=dict)

    def examine(self, **changes: Any) -> tuple[Finding, ...]:
        usual = Examined(
            self.settings,
            self.routing,
            fallback_writer(self.settings),
            account_client(self.settings, self.twilio.client()),
            lambda: datetime.now(UTC),
            pause=lambda _seconds: None,
            free=lambda _folder: HUGE,
            timer=lambda: 0.0,
            api=self.twilio.url,
        )
        found = examine(replace(usual, **{**self.changes, **changes})).findings
        assert {each.code for each in found} <= KINDS
        return found

    def found(self, **changes: Any) -> dict[str, Finding]:
        return {each.code: each for each in self.examine(**changes)}

    def put_right(self) -> None:
        """Set the account and the hosted fallback as the settings now want them."""
        numbers = {name: line.number for name, line in self.routing.lines.items()}
        open_account(self.twilio, self.settings, numbers)
        writer = fallback_writer(self.settings)
        self.host.files["/main.xml"] = 200, writer.write(self.routing, self.routing.main_line).text


def at(settings: Settings, port: int) -> Settings:
    """The settings of a service that is reached at this port."""
    return replace(settings, port=port, public_url=f"http://127.0.0.1:{port}")
