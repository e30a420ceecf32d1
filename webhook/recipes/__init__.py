"""Recipes: any OZmap read as a flat reply, described by a TOML file. Imported by web and cli."""
