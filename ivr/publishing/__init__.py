"""What is live is a published version: numbered, proven, compared in plain words, and brought to every host's disk."""
