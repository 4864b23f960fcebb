"""What operators see of the running service: log lines, figures, readiness. Nothing here holds a patient's data."""
