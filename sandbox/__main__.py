"""`python -m sandbox`: the OZmap stand-in alone, until SIGINT or SIGTERM."""

import argparse
import os
import signal
from threading import Event

from sandbox import Sandbox, sample_network
from sandbox.server import TOKEN


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m sandbox", description=__doc__)
    parser.add_argument("--port", type=int, default=9994)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--poles", type=int, default=1000, help="at least so many")
    parser.add_argument("--seed", type=int, default=0, help="decides shares of calls and their times")
    options = parser.parse_args()
    stop = Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    given = os.environ.get("OZMAP_TOKEN")
    network = sample_network(options.poles)
    with Sandbox(given or TOKEN, network, host=options.host, port=options.port) as sandbox:
        sandbox.reseed(options.seed)
        key = "the key in OZMAP_TOKEN" if given else f"key {sandbox.token}"
        print(f"OZmap sandbox: {sandbox.url}/api/v2, {key}", flush=True)
        stop.wait()


if __name__ == "__main__":
    main()
