"""The call log: one trustworthy record of every call, in SQLite or PostgreSQL, written by the worker alone."""
