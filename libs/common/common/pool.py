"""A look at each connection before it is used, without asking the server more often than needed.

A server that ends says so: the driver has read it by the time the connection is wanted, and nothing need be
sent. Only a connection that was quiet for a while may have been dropped in silence, by a firewall on the way,
and is asked. Asking before every block would cost each of them three round trips.
"""

import time
from typing import Any, Final

from sqlalchemy import event
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.ext.asyncio import AsyncEngine

QUIET_S: Final = 5.0
_LAST_USED: Final = "last_used"


def look_before_use(engine: AsyncEngine) -> None:
    """From now on a connection of this engine that has ended is replaced, with all that are older."""

    def look(connection: Any, record: Any, _fairy: object) -> None:
        if connection.driver_connection.is_closed():
            raise InvalidatePoolError
        last_used = record.info.get(_LAST_USED)  # none: it is new
        if last_used is not None and time.monotonic() - last_used > QUIET_S:
            _ask(engine, connection)

    def note(_connection: object, record: Any) -> None:
        record.info[_LAST_USED] = time.monotonic()

    event.listen(engine.sync_engine, "checkout", look)
    event.listen(engine.sync_engine, "checkin", note)


def _ask(engine: AsyncEngine, connection: Any) -> None:
    dialect = engine.sync_engine.dialect
    try:
        dialect.do_ping(connection)
    except dialect.loaded_dbapi.Error as error:
        raise InvalidatePoolError from error
