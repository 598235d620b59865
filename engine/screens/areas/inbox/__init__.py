"""The inbox, what is told to whoever has a page open, and for administrators what was sent by other channels and asked of other systems."""
