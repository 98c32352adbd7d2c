from flask import Blueprint

bp = Blueprint("front_desk", __name__)
