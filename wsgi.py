"""The WSGI entry: any WSGI server can serve `wsgi:app`."""

from sqlalchemy.exc import OperationalError

from screening import create_app
from screening.config import ConfigError
from screening.offline import is_command_lookup, offline_app

try:
    app = create_app()
except (ConfigError, OperationalError) as fault:
    if not is_command_lookup():
        raise
    app = offline_app(fault)
