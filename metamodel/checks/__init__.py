"""Whole-set checks: every reference resolved, every expression typed, before anything runs. One module a subject."""
