"""People beside a record on its page: claiming it from the pool, giving it back, handing it over, its team, who is editing it."""
