"""What the viewer may do, as far as pages need to know to offer it. The doors decide again; nothing is safe because a button is missing."""
