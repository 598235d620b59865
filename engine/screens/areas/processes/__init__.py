"""The pages of processes: taking a transition, and a process drawn. The stage bar of a record is engine/screens/stages.py's."""
