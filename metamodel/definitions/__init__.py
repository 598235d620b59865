"""The definitions as data: one module a kind, frozen records without behaviour. Reading and checking them lives beside."""
