from flask import Flask
from flask_security import Security, SQLAlchemyUserDatastore

from screening.config import Settings
from screening.models import Role, User, db

user_datastore = SQLAlchemyUserDatastore(db, User, Role)


def init_auth(app: Flask, settings: Settings) -> None:
    app.config["SECURITY_PASSWORD_SALT"] = settings.password_salt
    Security(app, user_datastore)
