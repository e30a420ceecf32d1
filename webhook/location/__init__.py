"""Turns what a customer sends into a place of known precision. Imports no other domain package."""
