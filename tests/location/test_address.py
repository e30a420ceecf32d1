"""What is read from typed addresses, and what is left out rather than guessed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webhook.location.readers.address import is_address, number_alone, parse, postcode
from webhook.location.readers.towns import of_field
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
# A number belongs to the word before it.
CLAIMED = [
    ("Rua 20, Quadra 7, Lote 15, casa 2, Goiânia - GO", "Rua 20, Goiânia, GO"),
    ("Rua 20, casa 2, Qd. 7 Lt. 15", "Rua 20"),
    ("Rua Dona Marina Qd 5 Lt 12, Trindade", "Rua Dona Marina, Trindade"),
    ("Rua Dona Marina QD05 LT12", "Rua Dona Marina"),
    ("Rua Dona Marina, Q. 5, L. 12, Trindade", "Rua Dona Marina, Trindade"),
    ("Rua Dona Marina qd a lt b casa 4", "Rua Dona Marina"),
    ("Rua Dona Marina, lotes 12 e 13", "Rua Dona Marina"),
    ("Rua Dona Marina, Quadra 5-A lote 12/13", "Rua Dona Marina"),
    ("Rua Dona Marina, Lt 12 A, 450", "Rua Dona Marina, 450"),
    ("Rua Dona Marina, apto. 302-A, bloco B1", "Rua Dona Marina"),
    ("Rua Dona Marina, bl 3 ap 21, 450", "Rua Dona Marina, 450"),
    ("Rua Dona Marina, quadra 10 lote 5 nº 120", "Rua Dona Marina, 120"),
    ("Rua Dona Marina, Vila Nova, Lote 10, n° 55", "Rua Dona Marina, 55, Vila Nova"),
    ("Rua Dona Marina, casa nº 10", "Rua Dona Marina, 10"),
    ("Rua Dona Marina casa 10 bloco B", "Rua Dona Marina"),
    ("Condomínio Sol, casa 12, Rua Dona Marina", "Rua Dona Marina"),
    ("Rua Dona Marina, Condomínio Sol, casa 12", "Rua Dona Marina"),
    ("Rua das Palmeiras Q 12 L 5 C 3", "Rua das Palmeiras, C 3"),
    ("Rua Dona Marina a 300 metros do posto", "Rua Dona Marina"),
    ("Rua Dona Marina, 100 m da praia", "Rua Dona Marina"),
    ("Rua Dona Marina esquina com a rua 10", "Rua Dona Marina"),
    ("Rua Dona Marina próximo ao 300, Trindade", "Rua Dona Marina, Trindade"),
    ("Rua Dona Marina, 10-25, Bauru - SP", "Rua Dona Marina, Bauru, SP"),
    ("Rua Dona Marina, 0", "Rua Dona Marina"),
    ("Rua Dom Pedro II 100", "Rua Dom Pedro II, 100"),
    ("Av. Brasil, 1500 Ed. Central apto 1204", "Avenida Brasil, 1500"),
    ("Rua Torre 5", "Rua Torre 5"),
    ("Rua da Torre 20", "Rua da Torre, 20"),
    ("Rua 24 Horas, 50", "Rua 24 Horas, 50"),
    ("Rua Marechal Deodoro, 630 - Conj. 1201 - Curitiba/PR", "Rua Marechal Deodoro, 630, Curitiba, PR"),
    ("Estrada do Morro Alto km 12,5", "Estrada do Morro Alto"),
    ("BR-101 Km12 São José", "BR-101, São José"),
    ("BR 101 km 205 + 300 m, Palhoça - SC", "BR 101, Palhoça, SC"),
    ("Rodovia SC-401, km 5, nº 3000, Florianópolis", "Rodovia SC-401, 3000, Florianópolis"),
    ("Rod. SC 401, 8600, km 5", "Rodovia SC 401, 8600"),
    ("Linha 12 lote 8, gleba 2, Ji-Paraná - RO", "Linha 12, Ji-Paraná, RO"),
]
# Goiânia numbers its streets behind a letter, Brasília and Palmas their quadras.
PLANNED = [
    ("Rua T-37, nº 2587, Setor Bueno, Goiânia", "Rua T-37, 2587, Setor Bueno, Goiânia"),
    ("Rua T-37 Qd. 140 Lt. 08 nº 2587 St. Bueno", "Rua T-37, 2587, Setor Bueno"),
    ("Av T 9, 1500, Goiânia GO", "Avenida T 9, 1500, Goiânia, GO"),
    ("Rua T 37 Qd 5 Lt 12", "Rua T 37"),
    ("Rua C-15, Qd. 32, Lt. 8, Jardim América, Goiânia-GO", "Rua C-15, Jardim América, Goiânia, GO"),
    ("Rua 1137, Qd 244, Lt 10, Setor Marista", "Rua 1137, Setor Marista"),
    ("Rua A 10", "Rua A, 10"),
    ("QUADRA 1 - LOTE 2 - CASA 3, Setor Leste, Gama - DF", "Setor Leste, Gama, DF"),
    ("SQN 208 Bloco C apto 302, Brasília - DF", "SQN 208, Brasília, DF"),
    ("Brasília, sqn 208 bloco c", "sqn 208, Brasília"),
    ("QNM 12 conjunto B casa 5, Ceilândia - DF", "QNM 12 conjunto B, Ceilândia, DF"),
    ("SHIS QI 5 conjunto 3 casa 10, Lago Sul", "SHIS QI 5 conjunto 3, Lago Sul"),
    ("QS 5 Rua 400 lote 3, Águas Claras - DF", "Rua 400, QS 5, Águas Claras, DF"),
    ("Rua 10 chácara 25 lote 3, Vicente Pires - DF", "Rua 10, Vicente Pires, DF"),
    ("Quadra 305 Norte Alameda 10 Lote 5, Palmas - TO", "Alameda 10, Quadra 305 Norte, Palmas, TO"),
]
RANGES = [
    ("Rua Augusta - de 1 a 300 - lado ímpar, 150, Consolação", "Rua Augusta, 150, Consolação"),
    ("Avenida Paulista - de 1867/1868 ao fim, 1900", "Avenida Paulista, 1900"),
    ("Avenida Paulista - até 609/610, Bela Vista", "Avenida Paulista, Bela Vista"),
    ("Rua Dona Marina - a partir de 501/502", "Rua Dona Marina"),
    ("Rua Dona Marina - lado par, 12", "Rua Dona Marina, 12"),
]


@pytest.mark.parametrize(("text", "query"), [*PARTS, *CLAIMED, *PLANNED, *RANGES])
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
        "oi, quero internet",
        "quero o plano de 500 mega",
        "gostaria de saber se",
        "tem internet para",
        "João da Silva",
        "meu nome é João, Florianópolis",
        "oi, tudo bem? sou a Maria",
        "setor financeiro",
        "apto 101, bloco 2",
        "Ingleses",
        "sim",
    ],
)
def test_chat_goes_to_no_map(chat):
    assert not is_address(parse(chat), chat)


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("Florianópolis", "Florianópolis"),
        ("Floripa", "Florianópolis"),
        ("florianopolis sc", "florianopolis, SC"),
        ("Palhoça/SC", "Palhoça, SC"),
        ("moro em Palhoça", "Palhoça"),
        ("oi, sou de Florianópolis", "Florianópolis"),
        ("vocês atendem em Palhoça?", "Palhoça"),
        ("Trindade, Florianópolis", "Trindade, Florianópolis"),
        ("Centro, São José", "Centro, São José"),
        ("Lagoa da Conceição, Florianópolis, SC", "Lagoa da Conceição, Florianópolis, SC"),
        ("Ingleses - SC", "Ingleses, SC"),
        ("bairro Trindade", "Trindade"),
        ("Jardim América, Goiânia", "Jardim América, Goiânia"),
        ("Vila Nova", "Vila Nova"),
        ("Qd 5 Lt 12, Setor Bueno", "Setor Bueno"),
        ("Quadra 305 Norte, Palmas - TO", "305 Norte, Palmas, TO"),
        ("Belém, Pará", "Belém, PA"),
        ("São Paulo", "São Paulo, SP"),
        ("dona marina, florianopolis", "dona marina, florianopolis"),
    ],
)
def test_a_district_or_town_is_no_street(text, query):
    found = parse(text)
    assert (found.street, found.query()) == ("", query)
    assert is_address(found, text)


WORDS = (
    "apto", "ap.", "Apartamento nº", "bloco", "Bl", "quadra", "Qd.", "QD", "lote", "Lt", "LOTE Nº", "km",
    "Km ", "sala", "loja", "torre", "andar", "conjunto", "Cj", "chácara", "gleba", "box", "unidade",
)  # fmt: skip


@given(st.sampled_from(WORDS), st.integers(1, 9999), st.sampled_from(["", " ", ": "]))
def test_no_number_of_another_word_is_the_houses(word, number, between):
    claimed = f"{word}{between}{number}"
    assert number_alone(claimed) == ""
    assert number_alone(f"45, {claimed}") == "45"
    for text in (f"Rua Dona Marina, {claimed}, Trindade", f"Rua Dona Marina {claimed}"):
        assert (parse(text).street, parse(text).number) == ("Rua Dona Marina", "")
    assert parse(f"Rua Dona Marina, 45, {claimed}, Trindade").query() == "Rua Dona Marina, 45, Trindade"
    assert parse(f"88040-104, {claimed}").number == ""


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("Qd 5 Lt 12", ""),
        ("LOTE NO 07", ""),
        ("casa 2 lote 15", ""),
        ("nº 30 Qd 5", "30"),
        ("3º andar", ""),
        ("próximo ao 300", ""),
        ("entre 100 e 200", ""),
        ("Rua Dona Marina, 552", "552"),
        ("o número é 552", "552"),
        ("552-A", "552A"),
        ("552 (fundos)", "552"),
        ("48 99999-0000", ""),
        ("48999990000", ""),
        ("88040-104", ""),
        ("12345678900", ""),
        ("-27.59", ""),
        ("quero 500 mega", ""),
        ("a 200 metros da padaria", ""),
        ("0", ""),
        ("não tem", ""),
    ],
)
def test_a_field_for_the_number_with_something_else(text, number):
    assert number_alone(text) == number


def test_a_house_in_a_lot_that_the_address_names():
    assert number_alone("casa 2", "Rua 20, Quadra 7, Lote 15") == ""
    assert number_alone("2", "Rua 20, Quadra 7, Lote 15") == "2"


def test_fields():
    texts = ("nº 552", "552 apto 3", "casa 552", "552/302", "1.500", "552A", "s/n", "x")
    assert [number_alone(text) for text in texts] == ["552", "552", "552", "552", "1500", "552A", "", ""]
    assert of_field("Florianopolis/SC") == of_field("Florianopolis - SC") == ("Florianopolis", "SC")
    assert of_field("Florianópolis") == ("Florianópolis", "")


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
