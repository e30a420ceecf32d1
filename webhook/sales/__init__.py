"""The sale itself: reserving a port, and prospects. Exactly once, nothing lost (docs/pt/reservations.md)."""
