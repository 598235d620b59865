"""Approvals: who decides on what, in which steps, by when; what is refused until they have."""
