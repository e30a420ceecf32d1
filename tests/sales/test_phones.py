"""Every spelling of a telephone number is the same person's, and nobody else's."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webhook.sales.phones import HIDDEN, IMPOSSIBLE, TWO, UNUSABLE, NoPhone, e164, number_of, numbers_of

MOBILE = "+5548999887766"


@pytest.mark.parametrize(
    "text",
    [
        "5548999887766",
        "554899887766",
        "+55 48 99988-7766",
        "+554899887766",
        "005548999887766",
        "00 55 48 9988-7766",
        "(48) 99988-7766",
        "(48) 9988-7766",
        "048 99988 7766",
        "0 15 48 99988 7766",
        "00 21 55 48 99988-7766",
        " 48 9 9988 7766 ",
    ],
)
def test_spellings_of_one_mobile(text):
    assert number_of(text, "BR") == MOBILE


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("48 3333-4444", "+554833334444"),
        ("48 9 3333-4444", "+5548933334444"),  # never had eight digits: it is not the landline
        ("55 99988-7766", "+5555999887766"),  # Santa Maria has the area code 55
        ("55 9988-7766", "+5555999887766"),
        ("+351 912 345 678", "+351912345678"),
        ("00351 912 345 678", "+351912345678"),
        ("0048999887766", None),
        ("99988-7766", None),
        ("", None),
    ],
)
def test_other_numbers(text, number):
    assert number_of(text, "BR") == number


def test_a_sale_keeps_the_number_as_whatsapp_knows_it():
    assert e164("554899887766", "BR") == "+554899887766"


def test_a_number_dialled_from_abroad_is_no_polish_one():
    assert e164("0055 48 99988-7766", "BR") == MOBILE


@pytest.mark.parametrize(
    "stored",
    [MOBILE, "+554899887766", "5548999887766", "554899887766", "48999887766", "4899887766", "48 99988-7766"],
)
def test_a_number_in_the_store_whatever_version_wrote_it(stored):
    assert MOBILE in numbers_of(stored)


@pytest.mark.parametrize("stored", ["+48999887766", "+4899887766"])
def test_a_number_that_an_older_version_took_for_a_polish_one(stored):
    assert MOBILE in numbers_of(stored)


def test_a_valid_number_has_one_meaning():
    assert numbers_of("+48512345678") == {"+48512345678"}
    assert numbers_of("x") == set()


@pytest.mark.parametrize(
    "text",
    [
        "5548999887766@s.whatsapp.net",
        "5548999887766@c.us",
        "5548999887766:12@s.whatsapp.net",
        "5548999887766.0:3@S.WHATSAPP.NET",
        "Maria <5548999887766@c.us>",
        "48 99988-7766 (5548999887766@c.us)",
        "48 99988-7766, maria@exemplo.com",
        "@maria 48 99988-7766",
        "123456789012345@lid 48 99988-7766",
        "whatsapp:+5548999887766",
        "tel:+55-48-99988-7766",
        "https://wa.me/5548999887766",
        "https://api.whatsapp.com/send?phone=5548999887766&text=oi",
        "48 99988-7766 (whats)",
        "meu número é 48 99988-7766",
        "zap48999887766",
        "Maria 48 99988-7766, apto 302",
        "48 99988-7766 após as 18h",
        "(48) 99988-7766 ramal 12",
        "0xx48 99988-7766",
        "48/99988-7766",
        "DDD 48 número 99988-7766",
        "\u202a+55 48 99988\u20117766\u202c",
        "４８ ９９９８８-７７６６",
        "+48 99988-7766",
        "48 99988-7766 ou +55 48 99988-7766",
    ],
)
def test_a_number_among_what_channels_and_people_put_around_it(text):
    assert e164(text, "BR") == MOBILE


def test_whatsapp_leaves_the_ninth_digit_out():
    assert e164("554899887766@s.whatsapp.net", "BR") == "+554899887766"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("123456789012345@lid", HIDDEN),
        ("5548999887766:3@lid", HIDDEN),
        ("5548999887766-1600000000@g.us", UNUSABLE),
        ("status@broadcast", UNUSABLE),
        ("48999887766@gmail.com", UNUSABLE),
        ("99988-7766", UNUSABLE),
        ("3333-4444", UNUSABLE),
        ("48 9988-FLOR", UNUSABLE),
        ("48 99988-776O", IMPOSSIBLE),
        ("O48 99988776", IMPOSSIBLE),
        ("00000000000", IMPOSSIBLE),
        ("48 00000-0000", IMPOSSIBLE),
        ("11111111111", IMPOSSIBLE),
        ("20 99988-7766", IMPOSSIBLE),  # no such area
        ("12345678900", IMPOSSIBLE),
        ("48 1234-5678", IMPOSSIBLE),
        ("48 99988-7766 48 98888-1111", IMPOSSIBLE),
        ("99988-7766 3333-4444", IMPOSSIBLE),
        ("99988-7766, 48", IMPOSSIBLE),
        ("48 99988-7766 ou 48 98888-1111", TWO),
        ("48 99988-7766 / 3333-4444", TWO),
        ("fixo 48 3333-4444 cel 48 99988-7766", TWO),
        ("48 99988-7766\n48 98888-1111", TWO),
    ],
)
def test_no_number_says_why(text, reason):
    with pytest.raises(NoPhone) as refused:
        e164(text, "BR")
    assert str(refused.value) == reason


# 00 before groups of digits is one number, as it is dialled abroad.
DIGITS = st.text("0123456789", min_size=8, max_size=11).filter(lambda digits: not digits.startswith("00"))


@given(DIGITS, DIGITS, st.sampled_from([" ", ", ", " / ", " ou ", " e ", "\n", " - ", "; "]))
def test_two_numbers_are_never_joined(one, other, between):
    try:
        number = e164(f"{one}{between}{other}", "BR")
    except NoPhone:
        return
    assert number in {f"+55{one}", f"+55{other}", f"+55{one.lstrip('0')}", f"+55{other.lstrip('0')}"}


@given(st.text(max_size=100) | st.text("0123456789 +()-/@:.,lidcus", max_size=60))
def test_any_text_is_a_number_of_its_own_digits_or_none(text):
    try:
        number = e164(text, "BR")
    except NoPhone:
        return
    digits = "".join(str(int(sign)) for sign in text if sign.isdecimal())
    assert number.removeprefix("+55") in digits or number.removeprefix("+") in digits
