"""The designer: definitions changed by clicking, published from drafts. Comes with the designer's own pages."""
