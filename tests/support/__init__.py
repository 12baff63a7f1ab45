"""What the tests stand on: a real PostgreSQL, and Leadyard itself as a process of its own."""
