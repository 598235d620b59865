"""Processes: states, transitions, what is asked on the way, and how long records stay."""
