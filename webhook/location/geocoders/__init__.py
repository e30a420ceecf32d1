"""Geocoding services: what differs between them, and nothing else.

The shapes are those of their public documentation; none of them was tried live.
"""

from webhook.location.geocoders.azure import AZURE
from webhook.location.geocoders.base import Service
from webhook.location.geocoders.google import GOOGLE
from webhook.location.geocoders.here import HERE
from webhook.location.geocoders.opencage import OPENCAGE
from webhook.location.geocoders.osm import NOMINATIM, PHOTON

SERVICES: dict[str, Service] = {
    service.name: service for service in (NOMINATIM, PHOTON, GOOGLE, HERE, OPENCAGE, AZURE)
}
"""By the value of the setting GEOCODER."""
