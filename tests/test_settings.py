"""Whatever is wrong with the settings stops the start with a line that names it and how to mend it."""

from pathlib import Path

import pytest

from schemas.countries import COUNTRIES, Area
from schemas.fields import Mode
from webhook.settings import SettingsError, load

GOOD = {
    "OZMAP_URL": "https://isp.ozmap.com.br:9994/api/v2/",
    "OZMAP_TOKEN": "a-token",
    "HUGGY_KEY": " key-number-1, key-number-2,",
}


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch):
    """Sets exactly these settings; None takes one of GOOD away."""

    def set_(**changes: str | None) -> None:
        for name, value in (GOOD | changes).items():
            if value is None:
                monkeypatch.delenv(name, raising=False)
            else:
                monkeypatch.setenv(name, value)

    return set_


def problems() -> list[str]:
    with pytest.raises(SettingsError) as stop:
        load()
    assert str(stop.value) == "\n".join(stop.value.problems)
    return list(stop.value.problems)


def test_one_tenant_from_the_environment(environment):
    environment(MODO="Raio", RAIO_M="250,5", SOMENTE_IMPLANTADAS="sim", FIVEHUB_VALUES="text", PORT="8000")
    settings = load()
    (tenant,) = settings.tenants
    assert tenant.slug == "isp"
    assert tenant.ozmap_url == "https://isp.ozmap.com.br:9994"
    assert tenant.ozmap_token == "a-token"
    assert tenant.ozmap_auth == "raw"
    assert tenant.keys == {"huggy": ("key-number-1", "key-number-2")}
    assert tenant.mode is Mode.RADIUS
    assert tenant.radius_m == 250.5
    assert tenant.country is COUNTRIES["br"]
    assert tenant.implanted_only is True
    assert (tenant.pole_max_m, tenant.drop_max_m, tenant.reach_max_m) == (100, None, 600)
    assert (settings.style_of("huggy"), settings.style_of("fivehub")) == ("text", "text")
    assert (settings.port, settings.reply_deadline) == (8000, 4.5)


def test_the_services_that_know_addresses(environment):
    environment(
        GEOCODER="google",
        GEOCODER_KEY="a-geocoder-key",
        GEOCODER_URL="https://maps.isp.example/",
        CEP_URL="http://127.0.0.1:8000/viacep/",
        AREA="-27.85, -48.61, -27.37, -48.35",
    )
    settings = load()
    assert (settings.geocoder, settings.geocoder_url) == ("google", "https://maps.isp.example")
    assert settings.cep_url == "http://127.0.0.1:8000/viacep"
    assert settings.tenants[0].area == Area(-27.85, -48.61, -27.37, -48.35)
    assert "a-geocoder-key" not in repr(settings)
    environment(GEOCODER="none", GEOCODER_KEY=None, GEOCODER_URL=None, CEP_URL=None)
    assert load().geocoder is None
    environment(GEOCODER=None)
    assert (load().geocoder, load().cep_url) == ("nominatim", "https://viacep.com.br/ws")


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"GEOCODER": "google"}, "GEOCODER_KEY is missing: google takes no call without a key"),
        ({"GEOCODER": "bing"}, "GEOCODER must be one of: nominatim | photon | google | none"),
        ({"GEOCODER_URL": "ftp://x"}, "GEOCODER_URL must be an address, like https://nominatim.example.com"),
        ({"CEP_URL": "viacep"}, "CEP_URL must be an address, like https://viacep.com.br/ws"),
        ({"GEOCODER_KEYS": "x"}, "GEOCODER_KEYS is not a setting: did you mean GEOCODER_KEY?"),
        *(
            (
                {"AREA": text},
                "AREA must be south, west, north, east in degrees, as in -27.85, -48.61, -27.37, -48.35",
            )
            for text in ("-27.85, -48.61, -27.37", "a, b, c, d", "-27.37, -48.61, -27.85, -48.35", "x")
        ),
    ],
)
def test_services_that_cannot_be(environment, changes, problem):
    environment(**changes)
    assert problems() == [problem]


def test_the_operators_pages(environment):
    environment()
    assert (load().operator_key, load().simulator) == (None, False)
    environment(OPERATOR_KEY="key-of-the-operator", SIMULATOR="1")
    assert (load().operator_key, load().simulator) == ("key-of-the-operator", True)
    assert "key-of-the-operator" not in repr(load())
    environment(OPERATOR_KEY="short", SIMULATOR="maybe")
    assert problems() == ["OPERATOR_KEY must have 8 characters or more", "SIMULATOR must be 1 or 0"]


def test_rate_limits(environment):
    environment()
    assert (load().rate_limit, load().redis_url) == (None, None)
    environment(
        RATE_LIMIT="10/second; 5000 per day", REDIS_URL="rediss://:a-password@redis.isp.example:6380/1"
    )
    settings = load()
    assert settings.rate_limit == "10/second; 5000 per day"
    assert settings.redis_url == "rediss://:a-password@redis.isp.example:6380/1"
    assert "a-password" not in repr(settings)


@pytest.mark.parametrize(
    ("name", "values", "mend"),
    [
        (
            "RATE_LIMIT",
            ["120", "many", "0/minute", "120/min", "5/minute; 0/day"],
            "must be calls in a time, like 120/minute or 10/second; 5000/day",
        ),
        (
            "REDIS_URL",
            ["127.0.0.1:6379", "http://redis", "redis://host:port", "redis://", "unix:///redis.sock"],
            "must be an address, like redis://127.0.0.1:6379/0, with rediss:// for TLS",
        ),
    ],
)
def test_rate_limits_that_cannot_be(environment, name, values, mend):
    for value in values:
        environment(**{name: value})
        assert problems() == [f"{name} {mend}"]


def test_the_location_page(environment):
    environment(
        PUBLIC_URL="https://webhook.isp.example/",
        FINDME_URL="https://findme.isp.example/?c={conversa_id}",
        MAP_TILES="https://tiles.isp.example/{z}/{x}/{y}.png",
        NOME="Fibra Trindade",
        CHAT_URL="https://wa.me/5548999990000",
        TRUSTED_PROXIES="1",
    )
    settings = load()
    assert settings.public_url == "https://webhook.isp.example"
    assert settings.findme_url == "https://findme.isp.example/?c={conversa_id}"
    assert settings.tiles.map == "https://tiles.isp.example/{z}/{x}/{y}.png"
    assert "arcgisonline" in settings.tiles.satellite
    assert settings.trusted_proxies == 1
    assert settings.tenants[0].display_name == "Fibra Trindade"
    assert settings.tenants[0].chat_url == "https://wa.me/5548999990000"


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"FINDME_URL": "https://x.example/"}, "FINDME_URL must be an address with {conversa_id} in it"),
        ({"FINDME_URL": "https://[{conversa_id}/"}, "FINDME_URL must be an address with {conversa_id} in it"),
        ({"MAP_TILES": "https://x.example/"}, "MAP_TILES must be an address with {z}, {x} and {y} in it"),
        ({"PUBLIC_URL": "webhook"}, "PUBLIC_URL must be an address, like https://webhook.isp.example"),
        *(
            ({"PUBLIC_URL": url}, "PUBLIC_URL must be an address, like https://webhook.isp.example")
            for url in (
                "https://x.example/?a=1",
                "https://user@x.example",
                "https://x.example:99999",
                "https://",
            )
        ),
        ({"TRUSTED_PROXIES": "-1"}, "TRUSTED_PROXIES must be a number of proxies between 0 and 10"),
        (
            {"CHAT_URL": "javascript:alert(1)"},
            "CHAT_URL must be an address that opens the chat, like https://wa.me/5548999990000",
        ),
    ],
)
def test_a_location_page_that_cannot_be(environment, changes, problem):
    environment(**changes)
    assert problems() == [problem]


def test_what_tells_huggy(environment):
    environment()
    assert load().huggy_api_url == "https://api.huggy.app/v3"
    assert (load().tenants[0].huggy_api_token, load().tenants[0].huggy_flow) == (None, None)
    environment(
        HUGGY_API_TOKEN=" a-huggy-token ", HUGGY_FLOW="123", HUGGY_API_URL="http://127.0.0.1:1/huggy/v3/"
    )
    settings = load()
    (tenant,) = settings.tenants
    assert (tenant.huggy_api_token, tenant.huggy_flow) == ("a-huggy-token", 123)
    assert tenant.keys == {"huggy": ("key-number-1", "key-number-2")}
    assert settings.huggy_api_url == "http://127.0.0.1:1/huggy/v3"
    assert "a-huggy-token" not in repr(settings)


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"HUGGY_FLOW": "7"}, "HUGGY_FLOW needs the API token of Huggy beside it"),
        *(
            (
                {"HUGGY_API_TOKEN": "token", "HUGGY_FLOW": flow},
                "HUGGY_FLOW must be the number that Huggy gives to the flow",
            )
            for flow in ("vendas", "0", "1.5")
        ),
        (
            {"HUGGY_API_TOKEN": "two words"},
            "HUGGY_API_TOKEN must be plain ASCII without spaces, as Huggy shows it",
        ),
        ({"HUGGY_API_URL": "huggy"}, "HUGGY_API_URL must be an address, like https://api.huggy.app/v3"),
        ({"HUGGY_TOKEN": "x"}, "HUGGY_TOKEN is not a setting: did you mean HUGGY_API_TOKEN?"),
    ],
)
def test_what_cannot_tell_huggy(environment, changes, problem):
    environment(**changes)
    assert problems() == [problem]


def test_keys_and_tokens_stay_out_of_what_is_printed(environment):
    environment()
    assert "a-token" not in repr(load())
    assert "key-number-1" not in repr(load())


def test_secrets_from_files(environment, tmp_path: Path):
    for name, content in {"token": "from-a-file\n", "key": "key-of-a-file", "db": "sqlite:///x.db"}.items():
        (tmp_path / name).write_text(content)
    environment(
        OZMAP_TOKEN=None,
        OZMAP_TOKEN_FILE=str(tmp_path / "token"),
        HUGGY_KEY=None,
        HUGGY_KEY_FILE=str(tmp_path / "key"),
        OPERATOR_KEY_FILE=str(tmp_path / "key"),
        DATABASE_URL_FILE=str(tmp_path / "db"),
    )
    settings = load()
    assert settings.tenants[0].ozmap_token == "from-a-file"
    assert settings.tenants[0].keys == {"huggy": ("key-of-a-file",)}
    assert (settings.operator_key, settings.database_url) == ("key-of-a-file", "sqlite:///x.db")


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"OZMAP_URL": None}, "OZMAP_URL is missing: set it"),
        ({"OZMAP_TOKEN": None}, "OZMAP_TOKEN is missing: set it"),
        ({"OZMAP_TOKEN": "  "}, "OZMAP_TOKEN is empty: give it a value or remove it"),
        ({"OZMAP_TOKEN": "two words"}, "OZMAP_TOKEN must be plain ASCII without spaces, as OZmap shows it"),
        ({"OZMAP_TOKEN": "chave-€"}, "OZMAP_TOKEN must be plain ASCII without spaces, as OZmap shows it"),
        ({"OZMAP_TOKEN_FILE": "/nowhere"}, "OZMAP_TOKEN_FILE is set beside OZMAP_TOKEN: keep one of them"),
        (
            {"OZMAP_TOKEN": None, "OZMAP_TOKEN_FILE": "/nowhere"},
            "OZMAP_TOKEN_FILE must name a readable text file",
        ),
        ({"OPERATOR_KEY_FILE": "/nowhere"}, "OPERATOR_KEY_FILE must name a readable text file"),
        (
            {"OZMAP_URL": "isp.ozmap.com.br"},
            "OZMAP_URL must look like https://isp.ozmap.com.br:9994, with or without /api/v2",
        ),
        (
            {"OZMAP_URL": "https://isp:99999"},
            "OZMAP_URL must look like https://isp.ozmap.com.br:9994, with or without /api/v2",
        ),
        (
            {"OZMAP_URL": "https://user:pass@isp"},
            "OZMAP_URL must look like https://isp.ozmap.com.br:9994, with or without /api/v2",
        ),
        ({"OZMAP_AUTH": "basic"}, "OZMAP_AUTH must be one of: raw | bearer"),
        ({"OZMAP_CA": "/nowhere.pem"}, "OZMAP_CA must name a readable file of CA certificates (PEM)"),
        (
            {"HUGGY_KEY": "a,"},
            "HUGGY_KEY must be keys separated by commas, each of at least 8 characters",
        ),
        (
            {"HUGGY_KEY": None},
            "HUGGY_KEY or FIVEHUB_KEY or TYPEBOT_KEY is missing: without a key no flow can call",
        ),
        ({"MODO": "pole"}, "MODO must be one of: poste | raio"),
        ({"PAIS": "brasil"}, "PAIS must be one of: br | ar | py | uy | mundo"),
        ({"RAIO_M": "0"}, "RAIO_M must be a number of metres above 0, at most 10000"),
        ({"POSTE_MAX_M": "nan"}, "POSTE_MAX_M must be a number of metres above 0, at most 10000"),
        ({"SOMENTE_IMPLANTADAS": "talvez"}, "SOMENTE_IMPLANTADAS must be sim or nao"),
        ({"FIVEHUB_VALUES": "json"}, "FIVEHUB_VALUES must be one of: typed | text"),
        ({"REPLY_DEADLINE": "soon"}, "REPLY_DEADLINE must be seconds between 0.5 and 60"),
        ({"REPLY_DEADLINE": "0.1"}, "REPLY_DEADLINE must be seconds between 0.5 and 60"),
        ({"PORT": "http"}, "PORT must be a port between 1 and 65535"),
        ({"WEB_CONCURRENCY": "two"}, "WEB_CONCURRENCY must be a number of processes between 1 and 64"),
        ({"HUGY_KEY": "12345678"}, "HUGY_KEY is not a setting: did you mean HUGGY_KEY?"),
        ({"HUGGYKEY": "12345678"}, "HUGGYKEY is not a setting: did you mean HUGGY_KEY?"),
        ({"OZMAP_TOKN": "x"}, "OZMAP_TOKN is not a setting: did you mean OZMAP_TOKEN?"),
        ({"OZMAP_COLOUR_OF_EYES": "x"}, "OZMAP_COLOUR_OF_EYES is not a setting: remove it"),
        ({"TENANT_FILE": "x"}, "TENANT_FILE is not a setting: did you mean TENANTS_FILE?"),
        ({"HUGGY_VALUE": "text"}, "HUGGY_VALUE is not a setting: did you mean HUGGY_VALUES?"),
    ],
)
def test_one_line_for_one_mistake(environment, changes, expected):
    environment(**changes)
    assert problems() == [expected]


def test_every_mistake_at_once(environment):
    environment(OZMAP_URL="x", OZMAP_TOKEN=None, HUGGY_KEY=None, PORT="0")
    assert len(problems()) == 4


def tenants_file(environment, tmp_path: Path, text: str) -> None:
    path = tmp_path / "tenants.toml"
    path.write_text(text, encoding="utf-8-sig")  # as Windows editors save it
    environment(OZMAP_URL=None, OZMAP_TOKEN=None, HUGGY_KEY=None, TENANTS_FILE=str(path))


def test_many_tenants_from_a_file(environment, tmp_path):
    tenants_file(
        environment,
        tmp_path,
        """
        [isp.norte]
        ozmap_url = "https://norte.ozmap.com.br:9994"
        ozmap_token = "north"
        ozmap_auth = "bearer"
        huggy_key = "key-of-the-north"
        [isp.sul]
        ozmap_url = "http://10.0.0.5:9090"
        ozmap_token = "south"
        fivehub_key = ["key-of-the-south", "its-next-key"]
        modo = "poste"
        pais = "UY"
        drop_max_m = 180
        somente_implantadas = true
        textos.viavel = "Tem fibra, sim!"
        """,
    )
    north, south = load().tenants
    assert (north.slug, north.ozmap_auth) == ("norte", "bearer")
    assert south.keys == {"fivehub": ("key-of-the-south", "its-next-key")}
    assert (south.mode, south.drop_max_m, south.implanted_only) == (Mode.POLE, 180, True)
    assert south.country is COUNTRIES["uy"]
    assert south.texts == {"viavel": "Tem fibra, sim!"}


ISP = '[isp.a]\nozmap_url="http://a"\nozmap_token="t"\nhuggy_key="12345678"\n'


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[isp", "is not TOML"),
        ("", "must hold tables [isp.<slug>] and nothing else"),
        ("[isps.a]\n", "must hold tables [isp.<slug>] and nothing else"),
        ("[isp]\na = 1", "[isp.a] must be a table of settings"),
        (ISP + "huggy_kye = 'x'", "[isp.a] huggy_kye is not a setting: did you mean huggy_key?"),
        (ISP + "textos.viavell = 'x'", "[isp.a] textos.viavell is no outcome code: see docs/pt/outcomes.md"),
        (ISP + "textos.viavel = 7", "[isp.a] textos must be a table of texts"),
        (ISP + "textos = 'x'", "[isp.a] textos must be a table of texts"),
        (
            ISP + "[isp.b]\nozmap_url='http://b'\nozmap_token='t'\nhuggy_key=8",
            "[isp.b] huggy_key must be keys",
        ),
        (
            ISP + "[isp.b]\nozmap_url='http://b'\nozmap_token='t'\nhuggy_key='12345678'",
            "huggy_key of [isp.b] is also a key of [isp.a]: give each ISP keys of its own",
        ),
        (
            ISP + "[isp.b]\nozmap_url='http://b'\nozmap_token='t'\nfivehub_key='12345678'",
            "fivehub_key of [isp.b] is also a key of [isp.a]: give each ISP keys of its own",
        ),
        *(
            (
                ISP + f"[isp.b]\nozmap_url={url!r}\nozmap_token='t'\nfivehub_key='23456789'\n{more}",
                "prefixo of [isp.b] begins like that of [isp.a], which has the same ozmap_url: give each",
            )
            for url, more in (
                ("http://a", ""),
                ("http://A:80/api/v2/", "prefixo='BOT'"),
                ("http://a/", "prefixo='bot'"),
                ("http://a", "prefixo='BOT-huggy'"),
            )
        ),
    ],
)
def test_mistakes_in_the_file(environment, tmp_path, text, expected):
    tenants_file(environment, tmp_path, text)
    (problem,) = problems()
    assert expected in problem


@pytest.mark.parametrize(
    ("url", "prefix"),
    [("http://a", "BOT2"), ("http://a:81", "BOT"), ("https://a", "BOT"), ("http://b", "BOT")],
)
def test_isps_that_make_codes_of_their_own(environment, tmp_path, url, prefix):
    other = f"[isp.b]\nozmap_url='{url}'\nozmap_token='t'\nfivehub_key='23456789'\nprefixo='{prefix}'\n"
    tenants_file(environment, tmp_path, ISP + other)
    assert [tenant.prefix for tenant in load().tenants] == ["BOT", prefix]


def test_an_unreadable_file(environment, tmp_path):
    environment(OZMAP_URL=None, OZMAP_TOKEN=None, HUGGY_KEY=None, TENANTS_FILE=str(tmp_path))
    assert "cannot be read" in problems()[0]


def test_file_and_environment_contradict_each_other(environment, tmp_path):
    tenants_file(environment, tmp_path, ISP)
    environment(TENANTS_FILE=str(tmp_path / "tenants.toml"), HUGGY_KEY=None, OZMAP_TOKEN=None)
    assert problems() == ["OZMAP_URL is set beside TENANTS_FILE: keep one of them"]


def test_conversations_of_an_isps_own(environment, tmp_path):
    for name in ("all", "south"):
        (tmp_path / name).mkdir()
    text = ISP + f'conversa = "prospect"\nflows_dir = "{tmp_path / "south"}"\n'
    tenants_file(environment, tmp_path, text)
    environment(
        OZMAP_URL=None, OZMAP_TOKEN=None, HUGGY_KEY=None,
        TENANTS_FILE=str(tmp_path / "tenants.toml"), FLOWS_DIR=str(tmp_path / "all"), CONVERSA_H="2,5",
    )  # fmt: skip
    assert problems() == ["CONVERSA_H must be hours between 1 and 720"]
    environment(OZMAP_URL=None, OZMAP_TOKEN=None, HUGGY_KEY=None, CONVERSA_H="2.5")
    settings = load()
    assert (settings.flows_dir, settings.conversation_h) == (str(tmp_path / "all"), 2.5)
    assert settings.tenants[0].flows_dir == str(tmp_path / "south")
    assert settings.tenants[0].conversation == "prospect"
    environment(CONVERSA="Contratação", FLOWS_DIR=str(tmp_path / "none"), TENANTS_FILE=None)
    assert problems() == [
        "CONVERSA must be the name of a conversation, like contratacao",
        "FLOWS_DIR must be a folder that can be read",
    ]
