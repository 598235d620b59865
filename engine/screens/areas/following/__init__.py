"""Following records, and the list of what one follows."""
