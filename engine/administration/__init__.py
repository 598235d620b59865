"""Acts over people and their records together: teams, handing everything over, giving out and taking back the records of pools, the
check-up of what is granted. Records and people themselves are on the floor below."""
