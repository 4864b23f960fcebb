"""What happened to every call, kept on this machine's disk before the caller is answered. Append-only, no database."""
