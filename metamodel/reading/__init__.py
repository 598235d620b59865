"""From located trees to definitions, one module a kind. Reading is forgiving: what is malformed is left out or takes its default,
because the shape check (``metamodel.shape``) has said so already; one fault should not breed others."""
