"""HTTP: routes, keys, bodies, replies. Only this room knows Flask; create_app and the commands import it."""
