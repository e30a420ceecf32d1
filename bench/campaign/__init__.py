"""The fault campaign: customers by the thousand, an OZmap that fails, processes that are killed.

At the end nobody may have two ports, and nobody who was told "recebemos" may be forgotten.
"""
