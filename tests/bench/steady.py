"""The open loop: requests leave at a fixed rate whatever the server does, each timed from the moment it was due.

Own code, because Locust, like most load tools, counts from the moment a request was sent: a server that stalls delays
the sending too, and the stall is hardly seen. Run as a process of its own:
`python -m tests.bench.steady REQUESTS PORT RATE COUNT`. Prints one JSON object, times in milliseconds.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from pathlib import Path

from tests.bench.prepared import Prepared, read_prepared

LEAD_SECONDS = 0.2
TIMEOUT_SECONDS = 30.0

Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Line:
    """Connections to one port, kept open and used again; as many as are needed at the same time."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._idle: list[Connection] = []

    async def post(self, prepared: Prepared) -> str | None:
        """Send one request and read its answer; what is wrong with it, or None."""
        reader, writer = self._kept() or await asyncio.open_connection("127.0.0.1", self._port)
        writer.write(_as_bytes(prepared))
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
        body = await reader.readexactly(length)
        self._idle.append((reader, writer))
        return prepared.fault(int(head[9:12]), body)

    def close(self) -> None:
        for _, writer in self._idle:
            writer.close()

    def _kept(self) -> Connection | None:
        """The connection used last; those that the server closed meanwhile, since nobody used them, are dropped."""
        while self._idle:
            reader, writer = self._idle.pop()
            if not reader.at_eof():
                return reader, writer
            writer.close()
        return None


async def send(requests: list[Prepared], port: int, rate: float) -> dict[str, object]:
    """Send the requests, `rate` a second. `p50`, `p99`, `worst`, `late`, `failed` and the first `fault`.

    `late` is the p99 of how long after it was due a request left: what this process itself adds to the others.
    """
    line = Line(port)
    took: list[float] = []
    late: list[float] = []
    faults: list[str] = []

    async def one(prepared: Prepared, due: float) -> None:
        late.append((time.perf_counter() - due) * 1000)
        try:
            async with asyncio.timeout(TIMEOUT_SECONDS):
                fault = await line.post(prepared)
        except (OSError, EOFError, TimeoutError) as error:
            fault = f"{prepared.what}: {type(error).__name__}"
        took.append((time.perf_counter() - due) * 1000)
        if fault:
            faults.append(fault)

    start = time.perf_counter() + LEAD_SECONDS
    async with asyncio.TaskGroup() as group:
        for number, prepared in enumerate(requests):
            due = start + number / rate
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            group.create_task(one(prepared, due))
    line.close()
    took.sort()
    late.sort()
    return {
        "p50": _quantile(took, 0.50),
        "p99": _quantile(took, 0.99),
        "worst": took[-1],
        "late": _quantile(late, 0.99),
        "failed": len(faults),
        "fault": faults[0] if faults else "",
    }


def _as_bytes(prepared: Prepared) -> bytes:
    body = prepared.body.encode()
    headers = {"Host": "ivr.example.com", **prepared.headers, "Content-Length": str(len(body))}
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"POST {prepared.target} HTTP/1.1\r\n{head}\r\n".encode() + body


def _quantile(ordered: list[float], share: float) -> float:
    """The smallest value that at least `share` of all values do not exceed."""
    return ordered[max(0, -(-len(ordered) * round(share * 100) // 100) - 1)]


def main(requests: str, port: str, rate: str, count: str) -> None:
    prepared = read_prepared(Path(requests))[: int(count)]
    print(json.dumps(asyncio.run(send(prepared, int(port), float(rate)))))


if __name__ == "__main__":
    main(*sys.argv[1:])
