"""Node-RED as a client of the webhook: its own nodes run the loop, not our player."""
