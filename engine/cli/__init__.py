"""The command line: one file per group of commands, each with ``COMMANDS``, found by looking into this package. The frame (texts,
exit codes, opening the installation) is in frame.py."""
