"""python -m bench: every measurement, one table after the other."""

from bench import pole_lookup, radius_lookup

pole_lookup.main()
print()
radius_lookup.main()
