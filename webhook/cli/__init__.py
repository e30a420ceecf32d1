"""Commands for the operator, one module per group."""
