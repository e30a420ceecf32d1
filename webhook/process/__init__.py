"""The processes: the worker, and what gunicorn calls. Nothing imports them but the command line."""
