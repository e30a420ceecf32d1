"""`python -m sandbox.demo`, which is `make run`: the webhook beside the sandbox, and what to try there.

With OZMAP_URL or TENANTS_FILE set it is the webhook alone, with that OZmap.
"""

import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

from sandbox import weeks

RESERVE = (
    "huggy/reserva -H 'X-Webhook-Key: {huggy}' -d conversa_id=demo-1 -d nome=Maria"
    " -d telefone='48 99988-7766' -d localizacao='-27.598710, -48.519455'"
)
LINES = {
    "fibre, by pole, for Huggy": (
        "huggy/viabilidade -H 'X-Webhook-Key: {huggy}' -d localizacao='-27.598710, -48.519455'"
    ),
    "fibre, by radius, for 5Hub": (
        "fivehub/viabilidade -H 'X-Webhook-Key: {fivehub}' -d latitude=-27.598710 -d longitude=-48.519455"
    ),
    "a typed address, to be confirmed": (
        "huggy/localizacao -H 'X-Webhook-Key: {huggy}' -d localizacao='R. Dona Marina nº 552, Trindade'"
    ),
    "a street without fibre": (
        "huggy/viabilidade -H 'X-Webhook-Key: {huggy}' -d localizacao='-27.603545, -48.534955'"
    ),
    "reserve a port": RESERVE,
    "ask about it": "huggy/reserva/consulta -H 'X-Webhook-Key: {huggy}' -d conversa_id=demo-1",
    "reserve again": RESERVE,
    "cancel": "huggy/reserva/cancelamento -H 'X-Webhook-Key: {huggy}' -d conversa_id=demo-1",
    "a prospect where there is no fibre": (
        "huggy/prospect -H 'X-Webhook-Key: {huggy}' -d conversa_id=demo-1 -d nome=Maria"
        " -d telefone='48 99988-7766' -d localizacao='-27.603545, -48.534955' -d tags='Chatbot, Outra'"
    ),
    "a conversation that the webhook leads": (
        "fivehub/conversa -H 'X-Webhook-Key: {fivehub}' -d conversa_id=demo-2"
    ),
    "the customer's answer": (
        "fivehub/conversa -H 'X-Webhook-Key: {fivehub}' -d conversa_id=demo-2"
        " -d resposta='Rua Dona Marina, 552'"
    ),
}
"""What a line shows, and the line; the places are `viable` and `no_fibre_street` of PLACES."""

DATABASE = Path("var/demo.db")
"""Made anew by each run, as the sandbox is."""
REPORT = Path("var/demanda.html")

SETTINGS = {
    "OZMAP_URL": "http://127.0.0.1:9994",
    "OZMAP_TOKEN": "sandbox-key",
    "GEOCODER_URL": "http://127.0.0.1:9994/nominatim",
    "CEP_URL": "http://127.0.0.1:9994/viacep",
    "MAP_TILES": "http://127.0.0.1:9994/tiles/map/{z}/{x}/{y}.png",
    "SATELLITE_TILES": "http://127.0.0.1:9994/tiles/satellite/{z}/{x}/{y}.png",
    "MAP_CREDIT": "sandbox",
    "SATELLITE_CREDIT": "sandbox",
    "HUGGY_API_URL": "http://127.0.0.1:9994/huggy/v3",
    "HUGGY_API_TOKEN": "sandbox-huggy-token",
    "HUGGY_FLOW": "1",
    "HUGGY_KEY": "demo-huggy",
    "FIVEHUB_KEY": "demo-5hub",
    "TYPEBOT_KEY": "demo-typebot",
    "AREA": "-27.612, -48.538, -27.594, -48.508",
    "SIMULATOR": "1",
    "PORT": "15000",
    "DATABASE_URL": f"sqlite:///{DATABASE}",
}
TOLD = "http://127.0.0.1:9994/huggy/told"


def lines(port: str = "15000", huggy: str = "demo-huggy", fivehub: str = "demo-5hub") -> dict[str, str]:
    """The curl lines with this port and these keys."""
    return {
        shows: f"curl -s http://127.0.0.1:{port}/{rest.format(huggy=huggy, fivehub=fivehub)}"
        for shows, rest in LINES.items()
    }


def report(variables: dict[str, str]) -> None:
    """Where customers asked for fibre, in weeks that never were."""

    def webhook(*arguments: str) -> None:
        command = [sys.executable, "-m", "webhook", *arguments]
        subprocess.run(command, env=os.environ | variables, stdout=subprocess.DEVNULL, check=True)

    webhook("migrate")
    weeks.fill(DATABASE, datetime.now(UTC).date())
    webhook("demand", "--format", "html", "--out", str(REPORT))


def main() -> None:
    """Becomes honcho, which runs the lines of a Procfile."""
    variables = {name: value for name, value in os.environ.items() if value}
    own = "OZMAP_URL" in variables or "TENANTS_FILE" in variables
    if not own:
        variables = SETTINGS | variables
        keys = {name: variables[f"{name.upper()}_KEY"].split(",")[0] for name in ("huggy", "fivehub")}
        for path in DATABASE.parent.glob(f"{DATABASE.name}*"):
            path.unlink()
        address = f"http://127.0.0.1:{variables['PORT']}"
        variables.setdefault("PUBLIC_URL", address)
        print("\nThe webhook and a sandbox of OZmap are starting. To play a flow, open\n")
        print(f"  {address}/simulador\n\nOr from another terminal:\n")
        if variables["DATABASE_URL"] == SETTINGS["DATABASE_URL"]:
            report(variables)
            print(f"  # where to build next, of four weeks that never were\n  {REPORT.resolve().as_uri()}\n")
        for shows, line in lines(variables["PORT"], **keys).items():
            print(f"  # {shows}\n  {line}\n", flush=True)
        print(f"  # what chats were told, as docs/pt/huggy.md shows\n  curl -s {TOLD}\n", flush=True)
    # honcho hands out PORT itself; it need not read .env a second time.
    procfile, port = ("Procfile" if own else "Procfile.dev"), variables.get("PORT", SETTINGS["PORT"])
    command = ["honcho", "-e", os.devnull, "start", "-f", procfile, "-p", port]
    command += ["web", "worker"] if own else []  # not the release: it ends, and honcho would end all with it
    os.execvpe(command[0], command, variables if not own else os.environ)


if __name__ == "__main__":
    main()
