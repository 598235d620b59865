"""Definitions drawn for the page beside their YAML: a small module a kind. Nothing here reads records or changes anything."""
