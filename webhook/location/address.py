"""An address in its parts."""

from dataclasses import astuple, dataclass, fields, replace

from webhook.location.words import folded

LONGEST_PART = 100
"""Characters."""


@dataclass(frozen=True)
class Address:
    """The parts of an address; empty text means unknown."""

    street: str = ""
    """With its type: Rua das Araucárias."""
    number: str = ""
    """Of the house, in upper case without spaces: 123, 123A."""
    district: str = ""
    city: str = ""
    state: str = ""
    """Two letters."""
    postcode: str = ""
    """Eight digits."""

    def query(self) -> str:
        """The text to search a map for. Without the CEP: maps know streets better."""
        number = self.number if self.street else ""
        return ", ".join(part for part in (self.street, number, self.district, self.city, self.state) if part)

    def in_one_line(self) -> str:
        """As Brazilians write it: Rua das Araucárias, 123 - Trindade, Florianópolis - SC."""
        street = f"{self.street}, {self.number}" if self.street and self.number else self.street
        city = " - ".join(part for part in (self.city, self.state) if part)
        around = ", ".join(part for part in (self.district, city) if part)
        return " - ".join(part for part in (street, around) if part)

    def checked(self) -> "Address":
        """The address as it may be shown: each part is one line of limited length. Raises TypeError."""
        return Address(*(" ".join(str.split(part))[:LONGEST_PART] for part in astuple(self)))

    def filled(self, other: "Address") -> "Address":
        """This address, with its empty parts taken from another."""
        missing = {f.name: getattr(other, f.name) for f in fields(self) if not getattr(self, f.name)}
        return replace(self, **missing)


def house_number(text: str) -> str:
    """A house number in comparable form: `1.500 a` is `1500A`; empty for "s/n", 0 and the like."""
    number = folded(text).replace(" ", "").upper().removeprefix("N")
    return number if number[:1].isdigit() and number.strip("0") else ""
