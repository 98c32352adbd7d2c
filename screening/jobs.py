from flask import Flask

from screening.config import Settings


def init_jobs(app: Flask, settings: Settings) -> None: ...
