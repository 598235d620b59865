"""Files and comments on a record's page."""
