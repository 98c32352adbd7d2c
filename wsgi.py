"""The WSGI entry: any WSGI server can serve `wsgi:app`."""

from screening import create_app

app = create_app()
