"""Speed, measured side by side with hand-written code in one run: ``python -m tests.bench``."""
