"""The actions that a scenario's steps may take: one file a verb."""
