"""Location links and the page on which a customer shows the place; web, the worker and cli import it."""
