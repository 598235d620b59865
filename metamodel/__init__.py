"""What may be said: the definition language, read, checked and put into canonical form. Knows no web, database or queue."""
