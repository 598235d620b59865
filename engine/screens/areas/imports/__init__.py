"""Bringing tables in: choosing a file, which column is which field, looking ahead, mending, what came of it, undoing."""
