"""What each person sets for themselves: the language, the time zone, light or dark."""
