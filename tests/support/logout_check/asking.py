"""What an operator's command does in these tests: it asks the app, which is in another process.

`python asking.py HOST PORT PATH…` sends a POST to each path and prints the answers. Where a path
is WAIT it waits for a line. It ends with 1 as soon as an answer is no 200.
"""

import socket
import sys

host, port, *paths = sys.argv[1:]
for path in paths:
    if path == "WAIT":
        input()
        continue
    with socket.create_connection((host, int(port))) as connection:
        connection.sendall(f"POST {path} HTTP/1.0\r\n\r\n".encode())
        answer = connection.makefile("rb").read().decode()
    head, _, body = answer.partition("\r\n\r\n")
    print(body, flush=True)
    if " 200 " not in head:
        sys.exit(1)
