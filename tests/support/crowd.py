"""What people do again and again while something else happens."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager


@contextmanager
def at_work(*deeds: Callable) -> Iterator[None]:
    """Until the block ends, do each deed again and again, in a thread of its own.

    The end of the block raises what a deed has raised.
    """
    over = threading.Event()

    def go_on(deed: Callable) -> None:
        while not over.is_set():
            deed()

    with ThreadPoolExecutor(len(deeds)) as threads:
        running = [threads.submit(go_on, deed) for deed in deeds]
        try:
            yield
        finally:
            over.set()
            for one in running:
                one.result()
