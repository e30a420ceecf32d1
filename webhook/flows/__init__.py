"""The flow templates that ship with the service: load, check, play, explain."""
