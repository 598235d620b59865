"""Taking records out: what goes into the file, how far it is, getting it."""
