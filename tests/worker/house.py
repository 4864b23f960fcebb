"""A clinic, its call log, Twilio's double, and workers that share them."""

from __future__ import annotations

from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import Engine

from ivr.call_log.calling_back import CallBack, Wish, ask, calls_back
from ivr.call_log.intake import Intake
from ivr.carrier.calling import Dialler
from ivr.carrier.client import rest_client
from ivr.journal.drainer import Drainer
from ivr.services import Services
from ivr.worker.calling_jobs import Caller
from tests.carrier.calls_double import Calls
from tests.carrier.twilio_double import ACCOUNT, TOKEN
from tests.conftest import CALLER, LINE, Clinic

WISH = Wish("Gilbert front desk", "main", "gilbert")


class House:
    """Each worker is made anew, as after a start."""

    def __init__(self, clinic: Clinic, log: Engine, twilio: Calls) -> None:
        self.clinic, self.log, self.twilio = clinic, log, twilio
        self.services: Services = clinic.app.extensions["ivr"]
        self.drainer = Drainer(Path(clinic.settings.data) / "journal", self.intake().deliver, self.intake().note)

    def intake(self) -> Intake:
        return Intake(self.log, "one", lambda: ZoneInfo("America/Phoenix"), self.clinic.clock)

    def worker(self, name: str = "one") -> Caller:
        return Caller(self.services, self.log, self.dialler(), name)

    def dialler(self) -> Dialler:
        return Dialler(rest_client(ACCOUNT, TOKEN, self.twilio.client()))

    def drain(self) -> None:
        while self.drainer.drain():
            pass

    def missed(self, caller: str = CALLER) -> str:
        """Somebody gives up; the call's id."""
        telephone = self.clinic.telephone(caller)
        telephone.dial()
        telephone.press("2")
        telephone.hang_up()
        self.drain()
        return telephone.sid

    def asked(self, caller: str = CALLER) -> str:
        sid = self.missed(caller)
        ask(self.log, sid, WISH, actor="maria", now=self.clinic.clock())
        return sid

    def only(self, sid: str) -> CallBack:
        (call,) = calls_back(self.log, sid)
        return call

    def twilio_asks(self, address: str, **form: str) -> str:
        fields = {"CallSid": self.twilio.sid(), "AccountSid": ACCOUNT, "From": LINE, "To": "+14805550121", **form}
        return self.clinic.ask(address, fields)[1]
