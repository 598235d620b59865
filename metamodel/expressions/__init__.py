"""Expressions as text, tree and types: grammar, parser and the typed checker. What they compile to lives in the engine."""
