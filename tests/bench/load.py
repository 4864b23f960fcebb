"""The closed loop: Locust sends prepared requests, each once, as fast as the server answers.

A process of its own (`python -m tests.bench.load CALLERS`), because Locust changes Python's own modules when it is
imported. It reads orders from its input, one JSON object a line (`requests`: a file, `port`, `count`), and
prints what came of each: `sent`, `failed`, `seconds`, `busy` (the share of that time this process computed) and the
first `fault`.
"""

# Locust is in requirements-bench.txt, not in requirements-dev.txt: without it these names are unknown to mypy.
# mypy: disable-error-code="import-not-found, import-untyped"
# mypy: allow-subclassing-any, allow-untyped-decorators, no-warn-return-any

from __future__ import annotations

import functools
import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from geventhttpclient import HTTPClient
from locust import User, task
from locust.env import Environment
from locust.exception import StopUser

from tests.bench.prepared import Prepared, read_prepared


class Telephone(User):
    """One connection that sends the next request as soon as it has the last answer.

    Locust's own HTTP users cost as much time as the server they are to load, so this one uses their client directly.
    """

    port = 0
    waiting: Iterator[Prepared] = iter(())

    @task
    def talk(self) -> None:
        """All turns are one task: between two tasks Locust looks around for a third of a millisecond."""
        client = HTTPClient("127.0.0.1", self.port, concurrency=1, network_timeout=60)
        for prepared in self.waiting:
            self._turn(client, prepared)
        client.close()
        raise StopUser

    def _turn(self, client: Any, prepared: Prepared) -> None:
        started, length, fault = time.perf_counter(), 0, None
        try:
            answer = client.post(prepared.target, prepared.body, prepared.headers)
            body = bytes(answer.read())
            length, fault = len(body), prepared.fault(answer.status_code, body)
        except OSError as error:
            fault = f"{prepared.what}: {type(error).__name__}"
        self.environment.events.request.fire(
            request_type="POST",
            name=prepared.what,
            response_time=(time.perf_counter() - started) * 1000,
            response_length=length,
            exception=RuntimeError(fault) if fault else None,
            context={},
        )


@functools.lru_cache(maxsize=16)
def _prepared(path: str) -> list[Prepared]:
    return read_prepared(Path(path))


def send(requests: list[Prepared], port: int, callers: int) -> dict[str, object]:
    """Send each request once, over `callers` connections at a time."""
    Telephone.port, Telephone.waiting = port, iter(requests)
    environment = Environment(user_classes=[Telephone])
    runner = environment.create_local_runner()
    started, computed = time.perf_counter(), time.process_time()
    runner.start(callers, spawn_rate=callers)
    if runner.spawning_greenlet is not None:
        runner.spawning_greenlet.join()
    runner.user_greenlets.join()
    seconds, busy = time.perf_counter() - started, time.process_time() - computed
    runner.quit()
    total = environment.stats.total
    faults = [str(error.error) for error in environment.stats.errors.values()]
    return {
        "sent": total.num_requests,
        "failed": total.num_failures,
        "seconds": seconds,
        "busy": busy / seconds,
        "fault": faults[0] if faults else "",
    }


def main() -> None:
    """Serve orders until the input ends."""
    callers = int(sys.argv[1])
    for line in sys.stdin:
        order = json.loads(line)
        requests = _prepared(order["requests"])[: order["count"]]
        print(json.dumps(send(requests, order["port"], callers)), flush=True)


if __name__ == "__main__":
    main()
