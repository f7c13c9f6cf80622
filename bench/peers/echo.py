"""What HTTP alone costs: a bare FastAPI route that parses a body and writes an answer of a given size.

python echo.py PORT ANSWER.json
"""

import sys
from pathlib import Path
from typing import Annotated, Any

import orjson
import uvicorn
from fastapi import Body, FastAPI, Response


def app(answer: Any) -> FastAPI:
    made = FastAPI(openapi_url=None)

    @made.post("/echo")
    async def echo(body: Annotated[dict[str, Any], Body()]) -> Response:
        del body  # parsed is all that is asked for
        return Response(orjson.dumps(answer), media_type="application/json")

    return made


if __name__ == "__main__":
    port, file = int(sys.argv[1]), Path(sys.argv[2])
    uvicorn.run(
        app(orjson.loads(file.read_bytes())), port=port, access_log=False, log_level="warning", loop="uvloop"
    )
