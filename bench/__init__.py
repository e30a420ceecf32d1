"""Measurements that the documents quote. `make bench` runs them all and prints their tables."""
