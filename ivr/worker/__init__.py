"""The worker's door: moves things between this host's disk, the database and the world, never while a caller waits."""
