"""Administration: people, departments, roles, audit, sessions, the check-up, how the installation is. Acts over accounts themselves are
in engine/administration."""
