"""The checks of a whole set, one module a subject. Each takes the ``Checks`` context and adds faults; none changes anything."""
