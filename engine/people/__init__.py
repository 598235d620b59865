"""People as the engine knows them: accounts read into actors, roles, passwords, tokens, sessions, sign-in. A person's record is an
ordinary record, changed by the records floor."""
