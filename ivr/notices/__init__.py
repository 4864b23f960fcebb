"""Who must be told: notices are rows first, then letters to the people that the rules name, then sent by the worker.

Texts to callers go the same way: a row first, then sent.
"""
