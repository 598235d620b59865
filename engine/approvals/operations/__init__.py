"""The operations on approvals: one file an operation."""
