"""For gunicorn: `gunicorn wsgi:app`."""

from ivr.app import create_app
from ivr.telemetry.logs import show_logs

show_logs()
app = create_app()
