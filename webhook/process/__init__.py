"""How the processes start, stop and reload: gunicorn's hooks and the worker. Imported by cli."""
