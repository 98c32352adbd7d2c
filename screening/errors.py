from flask import Flask


def init_errors(app: Flask) -> None: ...
