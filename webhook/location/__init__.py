"""From what a customer sends as a location to a place whose precision is known."""
