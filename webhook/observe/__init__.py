"""Log lines, metrics and where a defect is. Imported by every room; imports none of them."""
