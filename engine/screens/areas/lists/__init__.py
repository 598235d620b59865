"""What is done on lists beside looking: pasting, undoing, acts on all that matches, one's own arrangement, views that are kept."""
