"""Maps: the ground that records and figures are drawn on, whichever page they stand on. Which records there are is not decided here."""
