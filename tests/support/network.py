"""Throw-away machines that share a network, which nothing outside of it can reach."""

import subprocess
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager

from tests.support.machine import Machine, machine

SWITCH = "ip link add switch type bridge && ip link set switch up && echo ready && exec cat"


@contextmanager
def network(addresses: dict[str, str]):
    """The machines by their names, each with its address, such as 192.0.2.10."""
    with ExitStack() as stack:
        switch = stack.enter_context(a_switch())
        with ThreadPoolExecutor(len(addresses)) as starting:
            made = starting.map(lambda _: stack.enter_context(machine()), addresses)
            machines = dict(zip(addresses, made, strict=True))
        for name, address in addresses.items():
            plug_in(machines[name], switch, name, address)
        yield machines


@contextmanager
def a_switch():
    """The process in whose network the cables end."""
    words = ["unshare", "--net", "sh", "-c", SWITCH]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as running:
        try:
            assert running.stdout.readline() == b"ready\n"
            yield running.pid
        finally:
            running.kill()


def plug_in(here: Machine, switch: int, name: str, address: str) -> None:
    """A cable from the machine to the switch. Both its ends go with the machine."""
    port = ["nsenter", "--target", str(switch), "--net", "ip", "link"]
    cable = ["type", "veth", "peer", "name", "eth0", "netns", str(here.pid)]
    subprocess.run([*port, "add", name, *cable], check=True)
    subprocess.run([*port, "set", name, "master", "switch", "up"], check=True)
    here.do("hostname", name)
    here.do("ip", "address", "add", f"{address}/24", "dev", "eth0")
    here.do("ip", "link", "set", "eth0", "up")


def copy(source: Machine, target: Machine, *folders: str) -> None:
    """Copy these folders of the root, such as "opt"."""
    words = source.words("tar", "-C", "/", "-c", *folders)
    with subprocess.Popen(words, stdout=subprocess.PIPE) as packing:
        subprocess.run(target.words("tar", "-C", "/", "-x"), stdin=packing.stdout, check=True)
