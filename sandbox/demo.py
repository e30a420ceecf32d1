"""`python -m sandbox.demo`: what to try on a webhook beside the sandbox, as `make run` starts them."""

import os

LINES = {
    "fibre, by pole, for Huggy": (
        "huggy/viabilidade -H 'X-Webhook-Key: {huggy}' -d localizacao='-27.598710, -48.519455'"
    ),
    "fibre, by radius, for 5Hub": (
        "fivehub/viabilidade -H 'X-Webhook-Key: {fivehub}' -d latitude=-27.598710 -d longitude=-48.519455"
    ),
    "a street without fibre": (
        "huggy/viabilidade -H 'X-Webhook-Key: {huggy}' -d localizacao='-27.603545, -48.534955'"
    ),
}
"""What a line shows, and the line; the places are `viable` and `no_fibre_street` of PLACES."""


def lines(port: str = "15000", huggy: str = "demo-huggy", fivehub: str = "demo-5hub") -> dict[str, str]:
    """The curl lines with this port and these keys."""
    return {
        shows: f"curl -s http://127.0.0.1:{port}/{rest.format(huggy=huggy, fivehub=fivehub)}"
        for shows, rest in LINES.items()
    }


if __name__ == "__main__":
    first = {name: os.environ[f"{name.upper()}_KEY"].split(",")[0] for name in ("huggy", "fivehub")}
    print("\nThe webhook and a sandbox of OZmap are starting. From another terminal:\n")
    for shows, line in lines(os.environ.get("PORT", "15000"), **first).items():
        print(f"  # {shows}\n  {line}\n")
