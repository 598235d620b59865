"""Field types: one file each that exports its ``KIND``, with the template of its form control beside it."""
