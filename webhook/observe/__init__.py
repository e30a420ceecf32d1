"""Log lines, metrics and descriptions of defects. Every package may import it; it imports none of them."""
