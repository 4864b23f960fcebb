"""For gunicorn: `gunicorn wsgi:app`."""

from ivr.app import create_app, show_log

show_log()
app = create_app()
