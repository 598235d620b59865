"""Comments: who is mentioned in one, and telling them. Comments themselves are records of the object `comment`."""
