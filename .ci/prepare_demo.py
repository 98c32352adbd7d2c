"""Bring the demo's database up to date, fill it if it is empty, and print where to go and how to sign in.

Usage: SCREENING_MODE=demo python .ci/prepare_demo.py PORT. One process for all of it: starting up takes seconds.
"""

from __future__ import annotations

import sys

from flask.cli import ScriptInfo

from screening import create_app, demo

COMMANDS = (["migrate-database"], ["seed-demo", "--if-empty"])


def main(port: str) -> None:
    sys.stderr.write("Preparing the demo clinic. The first time takes about a minute.\n")
    app = create_app()
    for command in COMMANDS:
        app.cli.main(command, prog_name="flask", obj=ScriptInfo(create_app=lambda: app), standalone_mode=False)
    lines = [
        "A demo clinic: everyone in it is made up. Enter nothing real.",
        f"  Patients   http://127.0.0.1:{port}/",
        f"  Staff      http://127.0.0.1:{port}/staff/",
        f"Staff sign in with the password {demo.PASSWORD} as",
        *(f"  {account.email:<24}{account.role.title}" for account in demo.ACCOUNTS),
        "All but the front desk are asked for a code as well: the page itself says it, in the demo alone.",
        "Ctrl-C stops it.",
    ]
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main(sys.argv[1])
