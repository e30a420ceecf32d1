"""Every spelling of a telephone number is the same person's, and nobody else's."""

import pytest

from webhook.sales.phones import e164, number_of, numbers_of

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
