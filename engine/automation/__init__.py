"""Automations: what sets a rule off, what it does, and the running of actions for whoever holds them (transitions, approvals)."""
