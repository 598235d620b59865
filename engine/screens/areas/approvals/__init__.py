"""Approvals on the screen: the boxes, the page of one approval, what a record's page says of its own."""
