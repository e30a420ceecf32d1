"""What differs between the geocoding services. Imported by the geocoder and by the settings.

The modules follow the services' public documentation; none was tried against the live service.
"""

from webhook.location.geocoders.base import Service
from webhook.location.geocoders.google import GOOGLE
from webhook.location.geocoders.osm import NOMINATIM, PHOTON

SERVICES: dict[str, Service] = {service.name: service for service in (NOMINATIM, PHOTON, GOOGLE)}
"""Keyed by the value of the setting GEOCODER."""
