"""An app of one slow answer, without a framework: the part that the Python apps share."""

import asyncio
import json
import os

IS_ENABLED = os.environ.get("REDIS_ENABLED") != "false"


async def load() -> str:
    """What the answer costs without a cache."""
    await asyncio.sleep(0.005)
    return json.dumps({"loaded": True})


async def serve(answer) -> None:
    """Answers each request with what `answer` gives; where it raises, the user gets a 500."""

    async def handle(reader, writer):
        try:
            await reader.readuntil(b"\r\n\r\n")
            try:
                status, body = "200 OK", await answer()
            except Exception as error:
                status, body = "500 Internal Server Error", repr(error)
            data = body.encode()
            writer.write(f"HTTP/1.1 {status}\r\nContent-Length: {len(data)}\r\nConnection: close\r\n\r\n".encode() + data)
            await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    port = int(os.environ.get("PORT", "8080"))
    server = await asyncio.start_server(handle, "127.0.0.1", port)
    print(f"Listening on http://127.0.0.1:{port}")
    await server.serve_forever()
