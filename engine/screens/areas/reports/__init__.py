"""Reports: the saved analyses of packs, as a list and a page each."""
