"""What is read from typed addresses, and what is left out rather than guessed."""

import pytest

from webhook.location.readers.address import first_number, is_address, parse, postcode, town
from webhook.location.words import same_street, same_town

PARTS = [
    ("Curitiba PR, Rua Dona Marina 552", "Rua Dona Marina, 552, Curitiba, PR"),
    ("São José, Rua Dona Marina 552", "Rua Dona Marina, 552, São José"),
    ("moro em Joinville, na rua dona marina 552", "Rua dona marina, 552, Joinville"),
    ("Lages SC\nRua Dom Joaquim 100", "Rua Dom Joaquim, 100, Lages, SC"),
    (
        "Rua: Dona Marina Nº: 552 Bairro: Trindade Cidade: Lages UF: SC",
        "Rua Dona Marina, 552, Trindade, Lages, SC",
    ),
    ("Rua Dona Marina nº552", "Rua Dona Marina, 552"),
    ("Rua Dona Marina 552/302", "Rua Dona Marina, 552"),
    ("Rua Dona Marina 552 - 302", "Rua Dona Marina, 552"),
    ("Rua Zeta 17, 48 Trindade", "Rua Zeta, 17, 48 Trindade"),
    ("Rua Lauro Linhares 123, 48 99988-7766", "Rua Lauro Linhares, 123"),
    ("Rua Dom Pedro 2 100", "Rua Dom Pedro 2, 100"),
    ("BR 101 500 Palhoça", "BR 101, 500, Palhoça"),
    ("BR-101 km 205, São José", "BR-101, São José"),
    ("Av. Brasil, 1.500 - Bloco B ap 302 - Jd América", "Avenida Brasil, 1500, Jardim América"),
    (
        "Rua Sete de Setembro, 100 A, Centro, Blumenau - SC",
        "Rua Sete de Setembro, 100A, Centro, Blumenau, SC",
    ),
    ("Rua Casa Branca 200", "Rua Casa Branca, 200"),
    ("Rua Portão", "Rua Portão"),
    ("Rua Torre de Pedra 20", "Rua Torre de Pedra, 20"),
    ("Rua Casa do Ator, 1117", "Rua Casa do Ator, 1117"),
    ("Rua X 10, Portão, Curitiba", "Rua X, 10, Portão, Curitiba"),
    (
        "Rua Dona Marina 552, Trindade, Florianópolis, obrigado",
        "Rua Dona Marina, 552, Trindade, Florianópolis",
    ),
    ("Rua Dona Marina 552. Qual o valor da instalação?", "Rua Dona Marina, 552"),
    ("Rua X 123, cpf 123.456.789-01", "Rua X, 123"),
    ("Rua X 5, maria@gmail.com", "Rua X, 5"),
    ("trabalho na rua A 10 mas moro na rua B 20", ""),
    ("Rua Augusta, São Paulo, 1508", "Rua Augusta, São Paulo, SP"),
]


@pytest.mark.parametrize(("text", "query"), PARTS)
def test_parts(text, query):
    assert parse(text).query() == query


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("88040-100, 450", "450"),
        ("88040-100 nº 450 apto 3", "450"),
        ("tenho 2 filhos, cep 88040-100, casa 45", "45"),
        ("88040-100, 3º andar, numero 45", "45"),
        ("quero 500 mega no cep 88040-100", ""),
        ("moram 4 pessoas, cep 88040-100", ""),
        ("88040-100, 2º andar", ""),
        ("88040-100 apartamento nº 302", ""),
        ("Dona Marina 552, 88040-100", ""),
        ("88040-100 (48) 3333-4444 123", ""),
    ],
)
def test_the_number_beside_a_postcode(text, number):
    """Any other number near it may be a speed, a floor or a telephone."""
    assert (parse(text).postcode, parse(text).number) == ("88040100", number)


def test_postcodes():
    assert postcode("88040104") == postcode("cep 88040104") == postcode("88.040-104") == "88040104"
    assert postcode("88040-100 ou 88040-101, 50") == ""
    assert postcode("meu zap é 99887766") == ""


@pytest.mark.parametrize(
    "chat",
    [
        "minha senha é 12345",
        "pago 100 reais ao mes",
        "tenho 500 mega da Vivo",
        "oi",
        "não sei",
        "meu zap é 99887766",
    ],
)
def test_chat_goes_to_no_map(chat):
    assert not is_address(parse(chat), chat)


def test_fields():
    texts = ("nº 552", "552 apto 3", "casa 552", "552/302", "1.500", "552A", "s/n", "x")
    assert [first_number(text) for text in texts] == ["552", "552", "552", "552", "1500", "552A", "", ""]
    assert town("Florianopolis/SC") == town("Florianopolis - SC") == ("Florianopolis", "SC")
    assert town("Florianópolis") == ("Florianópolis", "")


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("Rua Sete de Setembro", "Rua 7 de Setembro"),
        ("rua xv de novembro", "Rua Quinze de Novembro"),
        ("Rua Luís Gama", "Rua Luiz Gama"),
        ("Rua Ruy Barbosa", "Rua Rui Barbosa"),
        ("rua antonio vieira", "Rua Antônio Edu Vieira"),
    ],
)
def test_one_street_in_two_spellings(asked, found):
    assert same_street(asked, found)


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("Rua Paraná", "Rua Pará"),
        ("Rua João Paulo I", "Rua João Paulo II"),
        ("Rua Papa João Paulo II", "Rua Papa João XXIII"),
        ("Rua José Carlos Pereira", "Rua José Carlos Silveira"),
        ("Rua Boa Vista 2", "Rua Boa Vista 3"),
        ("Rua Francisco", "Rua Francisca"),
        ("Rua Maria", "Rua Mariana"),
        ("Rua Santos Dumont", "Rua Santos"),
        ("Rua João Pessoa", "Rua João"),
        ("Rua da Praia", "Rua da Passagem"),
        ("Rua 10-A", "Rua 10"),
    ],
)
def test_two_streets(asked, found):
    assert not same_street(asked, found)


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("Balneário Camboriú", "Camboriú"),
        ("Itapeva", "Itapevi"),
        ("Itapema", "Itapeva"),
        ("Guaíra", "Guaíba"),
        ("Santa Maria", "Santa Mariana"),
        ("Serra", "Serrana"),
        ("Nova Petrópolis", "Petrópolis"),
        ("São José dos Campos", "São José"),
    ],
)
def test_two_towns(asked, found):
    assert not same_town(asked, found)


def test_a_district_and_its_town_run_together():
    assert same_town("trindade florianopolis", "Florianópolis", ["Trindade", "Florianópolis"])
    assert same_town("centro florianopolis", "Florianópolis")
    assert same_town("São Luís", "São Luiz")
