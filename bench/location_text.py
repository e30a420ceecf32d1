"""Reading a location text: the corpus of the tests, and texts of 4 kB made to be slow.

All of the way that needs no network: readers, and what of an address a geocoder would be asked.
"""

import statistics
import tomllib
from pathlib import Path
from time import perf_counter

from bench.report import Report, run, spread
from schemas.request import LocationRequest
from schemas.tenants import Tenant
from webhook.location.cep import Postcodes
from webhook.location.readers.text import LONGEST
from webhook.location.resolve import Locator
from webhook.location.search import AddressSearch
from webhook.location.short_links import ShortLinks
from webhook.net.deadline import Deadline

CORPUS = Path(__file__).parents[1] / "tests" / "location" / "corpus.toml"
REPEATED = [
    "-27.5 ", "-27.5,", "1,1 ", "1 ", "1", "-", "27° ", "1°1'1", "lat ", "lat 1.1 ", "lata", "N ", "'", "[",
    '{"a":', "https://", "maps.", "dir/", "/", "!3d-27.5", "q=1&", "geo:", "584HCF32+RQ ", "-27.5,-48.5/",
    "-27.5" + " " * 60, "Latitude" + " " * 60, "x\n\n", "\ufdfa",
    "rua ", "oi, ", "12 ", "ap 1 ", "s/n ", "88040-104 ", "n 1", " - ", "R$ 1,00", "perto ", ", sc",
    "SHIS ", "qd 1 ", "lote 1/1", "1 e ", "em x", "a 1 m de ", "de 1 a 1 ",
]  # fmt: skip
TURNS = 7
ISP = Tenant("isp", "http://x", "x", {})


class NoLinks(ShortLinks):
    """Ask nobody."""

    def follow(self, link: str, deadline: Deadline) -> list[str]:
        return []


# A CEP in a text ends at once: nobody answers there.
LOCATOR = Locator(NoLinks(), AddressSearch(None, Postcodes("http://127.0.0.1:1")), lambda *_: None)


def milliseconds(text: object) -> float:
    """Of one reading."""
    started = perf_counter()
    LOCATOR.resolve(LocationRequest(location=text), ISP, "huggy", Deadline(5))
    return (perf_counter() - started) * 1000


def measure(report: Report) -> None:
    """The middle and the worst of both, each over the turns."""
    cases = [case.get("text", case.get("json")) for case in tomllib.loads(CORPUS.read_text())["case"]]
    links = [f"https://a.example/dir/{piece * LONGEST}"[:LONGEST] for piece in REPEATED]
    made = [(piece * LONGEST)[:LONGEST] for piece in REPEATED]
    report.table("location texts", "how many", "median ms", "slowest ms")
    for name, texts in (("the corpus", cases), (f"{LONGEST} characters, made to be slow", made + links)):
        turns = [[milliseconds(text) for text in texts] for _ in range(report.size(TURNS, quick=2))]
        report.row(name, len(texts), spread(map(statistics.median, turns)), spread(map(max, turns)))


if __name__ == "__main__":
    run("location_text", measure)
