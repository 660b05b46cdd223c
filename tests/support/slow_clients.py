"""Many clients that send half a request and then wait, or go on with a byte a second.

Run: python slow_clients.py ADDRESS PORT HOST NUMBER SECONDS [--tls] [--bytes]
Prints, as JSON, the seconds that each of another client's requests took meanwhile, and how many
of the slow ones the server has closed by the end. It needs the standard library alone.
"""

import json
import socket
import ssl
import sys
import time
from contextlib import closing

HALF = "POST /profile HTTP/1.1\r\nHost: {}\r\nContent-Length: 30\r\n\r\nname=a"


def main(address, port, host, number, seconds, *options):
    where = (address, int(port), host, "--tls" in options)
    slow = [connect(*where) for _ in range(int(number))]
    for client in slow:
        client.sendall(HALF.format(host).encode())
    ends, took = time.monotonic() + float(seconds), []
    while time.monotonic() < ends:
        took.append(time_of_a_request(*where))
        if "--bytes" in options:
            slow = [client for client in slow if goes_on(client)]
        time.sleep(1)
    closed = int(number) - len(slow) + sum(map(has_ended, slow))
    print(json.dumps({"took": took, "closed": closed}))


def connect(address, port, host, tls):
    plain = socket.create_connection((address, port), timeout=60)
    if not tls:
        return plain
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context.wrap_socket(plain, server_hostname=host)


def time_of_a_request(address, port, host, tls):
    begun = time.monotonic()
    with closing(connect(address, port, host, tls)) as client:
        client.sendall(f"GET /login HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
        assert client.recv(65536).startswith(b"HTTP/1.1 200 ")
    return round(time.monotonic() - begun, 3)


def goes_on(client):
    try:
        client.sendall(b"a")
    except OSError:
        return False
    return not has_ended(client)


def has_ended(client):
    """Whether the server has answered, or closed the connection."""
    client.settimeout(0)
    try:
        client.recv(1)
    except (BlockingIOError, ssl.SSLWantReadError):  # TLS may have sent something of its own
        return False
    except OSError:
        return True
    finally:
        client.settimeout(60)
    return True


if __name__ == "__main__":
    main(*sys.argv[1:])
