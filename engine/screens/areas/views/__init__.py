"""Views that are neither lists nor boards: a calendar, a grid of cards. Their addresses are those of lists (list_routes.py)."""
