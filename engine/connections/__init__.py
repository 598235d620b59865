"""Connections to systems outside: what is asked of them and what they answer, what they send in. Which addresses may be called at all is
said in engine/outgoing.py; when something is called is said by the floors above."""
