from flask import Blueprint

bp = Blueprint("physician", __name__)
