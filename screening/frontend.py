from flask import Flask


def init_frontend(app: Flask) -> None: ...
