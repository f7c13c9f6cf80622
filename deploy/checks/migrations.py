"""Models and migrations agree: each history is run on an empty database and compared (alembic check)."""

import sys

from alembic import command
from alembic.util.exc import CommandError

from cli.cluster import running_cluster
from cli.database import drop_database, setup_database
from cli.errors import Refusal
from cli.house import WITH_DATABASE
from common import migrations

_DATABASE = "shenbao_migrations_check"


def main() -> int:
    """Prints the services whose models have moved away; 1 where there are any."""
    failed = False
    with running_cluster() as cluster:
        drop_database(cluster.dsn_admin, _DATABASE)
        passwords = dict.fromkeys(WITH_DATABASE, "check-only")
        for service, dsn in setup_database(cluster.dsn_admin, passwords, database=_DATABASE).items():
            migrations.upgrade(service, dsn)
            try:
                command.check(migrations.config(service, dsn))
            except CommandError as error:
                failed = True
                print(f"{service}: {error}")
        drop_database(cluster.dsn_admin, _DATABASE)
    return int(failed)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Refusal as refusal:
        sys.exit(str(refusal))
