"""What happens: the definitions compiled and run, on PostgreSQL, behind one door for writing and one for reading."""
