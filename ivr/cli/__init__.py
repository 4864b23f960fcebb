"""The command line: `python -m ivr ...`. A door like the others; it adds no rule of its own."""
