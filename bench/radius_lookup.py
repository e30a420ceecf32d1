"""A radius lookup beside the relay: same gunicorn settings, same upstream, in turns in one run."""

import http.client
import json
import os
import random
import shutil
import signal
import socket
import statistics
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, perf_counter, sleep

ROOT = Path(__file__).parents[1]
KEY = "key-of-the-bench"
ROUNDS = 5
SECONDS = 2.0
"""Of each round, per server and number of connections."""


def free_port() -> int:
    """A port of the loopback that nobody uses."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


@contextmanager
def running(*command: str, port: int, **variables: str) -> Iterator[int]:
    """The command as a process that listens at `port`, stopped at the end."""
    process = subprocess.Popen(
        command, cwd=ROOT, env=os.environ | variables, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        deadline = monotonic() + 20
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                if monotonic() > deadline or process.poll() is not None:
                    raise RuntimeError(f"{command} does not listen at {port}") from None
                sleep(0.1)
        yield port
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(20)


def load(port: int, path: str, connections: int) -> list[float]:
    """Seconds of each call, from this many connections for SECONDS."""
    until = perf_counter() + SECONDS

    def one(seed: int) -> list[float]:
        chance = random.Random(seed)
        connection = http.client.HTTPConnection("127.0.0.1", port)
        headers = {"Content-Type": "application/json", "X-Webhook-Key": KEY}
        taken = []
        while (started := perf_counter()) < until:
            place = {"latitude": chance.uniform(-28, -27), "longitude": chance.uniform(-49, -48)}
            connection.request("POST", path, json.dumps(place), headers)
            response = connection.getresponse()
            if response.status != 200 or b"CTO 22-05" not in response.read():
                raise RuntimeError("a wrong answer")
            taken.append(perf_counter() - started)
        connection.close()
        return taken

    with ThreadPoolExecutor(connections) as pool:
        return [seconds for taken in pool.map(one, range(connections)) for seconds in taken]


def main() -> None:
    """Prints medians and calls per second, and the ratio of ours to the relay's."""
    upstream, ours, relay = free_port(), free_port(), free_port()
    settings = {
        "OZMAP_URL": f"http://127.0.0.1:{upstream}",
        "OZMAP_TOKEN": "bench",
        "FIVEHUB_KEY": KEY,
        "WEB_CONCURRENCY": "2",
    }
    gunicorn = shutil.which("gunicorn", path=str(Path(sys.executable).parent)) or "gunicorn"
    with (
        running(sys.executable, "-m", "bench.upstream", str(upstream), port=upstream),
        running(gunicorn, "webhook:create_app()", port=ours, **settings, PORT=str(ours)),
        running(gunicorn, "bench.relay:app", port=relay, **settings, PORT=str(relay)),
    ):
        targets = {"webhook": (ours, "/fivehub/viabilidade"), "relay": (relay, "/relay")}
        print("| radius lookup | connections | median ms | p99 ms | calls/s |")
        print("| --- | --- | --- | --- | --- |")
        for connections in (1, 16):
            taken: dict[str, list[float]] = {name: [] for name in targets}
            for target in targets.values():
                load(*target, connections)  # warms up
            for _ in range(ROUNDS):
                for name, target in targets.items():
                    taken[name] += load(*target, connections)
            medians = {name: statistics.median(seconds) * 1000 for name, seconds in taken.items()}
            rates = {name: len(seconds) / (ROUNDS * SECONDS) for name, seconds in taken.items()}
            for name, seconds in taken.items():
                p99 = statistics.quantiles(seconds, n=100)[-1] * 1000
                print(f"| {name} | {connections} | {medians[name]:.2f} | {p99:.2f} | {rates[name]:.0f} |")
            time_ratio, rate_ratio = (
                medians["webhook"] / medians["relay"],
                rates["webhook"] / rates["relay"],
            )
            print(f"| webhook / relay | {connections} | {time_ratio:.2f} | | {rate_ratio:.2f} |")


if __name__ == "__main__":
    main()
