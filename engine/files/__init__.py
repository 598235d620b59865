"""Uploaded files: the store of their contents, their way in and out. What they are about and who may see them is the object `file`'s, whose
access engine/records settles like any other's."""
