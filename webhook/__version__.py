"""The version, which pyproject.toml, the OpenAPI document and the User-Agent header have from here."""

__version__ = "0.1.0"
