"""A TCP proxy between browser and server that cuts connections after a random number of bytes."""

import asyncio
import contextlib
import random
import threading

READ_BYTES = 4096


class CuttingProxy:
    """Passes bytes on to `target`; while `cuts`, many a connection ends somewhere in between.

    down: bytes that came from the server, heads of answers included. closed: as without a network.
    """

    def __init__(self, target: int, seed: int) -> None:
        self.target = target
        self.cuts = False
        self.closed = False
        self.down = 0
        self.made = 0
        self.cut = 0
        self._random = random.Random(seed)
        self._loop = asyncio.new_event_loop()
        self._started = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.port = 0

    def __enter__(self) -> "CuttingProxy":
        self._thread.start()
        assert self._started.wait(10)
        return self

    def __exit__(self, *_) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(
            asyncio.start_server(self._serve, "127.0.0.1", 0))
        self.port = server.sockets[0].getsockname()[1]
        self._started.set()
        self._loop.run_forever()

    async def _serve(self, reader, writer) -> None:
        self.made += 1
        left = [self._random.randrange(1, 20_000)] if self.cuts else None
        if self.closed:
            writer.transport.abort()
            return
        try:
            up_reader, up_writer = await asyncio.open_connection("127.0.0.1", self.target)
        except OSError:
            writer.transport.abort()  # the server is down: refused, as without the proxy
            return
        ways = [asyncio.ensure_future(self._pass(*way, left))
                for way in ((reader, up_writer, False), (up_reader, writer, True))]
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        for way in ways:
            way.cancel()
        for end in (writer, up_writer):
            end.transport.abort() if left is not None and left[0] <= 0 else end.close()

    async def _pass(self, reader, writer, is_down, left) -> None:
        with contextlib.suppress(OSError):
            while (data := await reader.read(READ_BYTES)) and not self.closed:
                self.down += len(data) * is_down
                if left is not None:
                    data, over = data[:max(0, left[0])], len(data) - left[0]
                    left[0] -= len(data)
                    if over >= 0:
                        left[0] = 0
                        self.cut += 1
                        writer.write(data)
                        return
                writer.write(data)
                await writer.drain()
