"""A hundred thousand random and hostile requests, over sockets, and what every answer to them must be."""
