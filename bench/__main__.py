"""python -m bench: every measurement, one table after the other."""

from bench import location_text, pole_lookup, radius_lookup, recipe_keys

location_text.main()
print()
recipe_keys.main()
print()
pole_lookup.main()
print()
radius_lookup.main()
