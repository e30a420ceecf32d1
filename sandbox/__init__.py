"""A local stand-in of OZmap's HTTP API v2, with a sample network and faults on demand."""

from sandbox.behaviour import Behaviour
from sandbox.controls import Received
from sandbox.faults import Fault
from sandbox.network import PLACES, sample_network
from sandbox.server import Sandbox

__all__ = ["PLACES", "Behaviour", "Fault", "Received", "Sandbox", "sample_network"]
