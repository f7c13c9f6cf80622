"""Brings the schemas of several services up to date in one process: python -m cli.migrate intake quota …"""

import os
import sys
from collections.abc import Sequence

from common import migrations


def main(services: Sequence[str]) -> None:
    """Each service by its own role, from `<SERVICE>_DATABASE_URL`."""
    for service in services:
        migrations.upgrade(service, os.environ[f"{service.upper()}_DATABASE_URL"])


if __name__ == "__main__":
    main(sys.argv[1:])
