"""Work after the commit: the relay that hands the outbox's partitions to RQ, the worker that drains them, the clock that elects one
leader for relay and upkeep. What is done about an event is said by consumers of the floors below."""
