"""Rules on screens: buttons on a record's page, runs with what they did and why they failed, trying a rule on the past."""
