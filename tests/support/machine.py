"""A throw-away machine: this one's files, its own systemd, users, processes and network.

What is written there is gone at the end. Nothing outside is touched.
"""

import os
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from lessons.kit.course.steps import ROOT
from lessons.kit.stage.servers import children, wait_for

BOOT = r"""
set -e
mount --make-rprivate /
mount -t tmpfs tmpfs "$1"
cd "$1"
mkdir upper work root
mount -t overlay overlay -o "lowerdir=/,upperdir=$1/upper,workdir=$1/work" root
mount -t proc proc root/proc
mount --bind root/proc/sys root/proc/sys
mount -o remount,bind,ro root/proc/sys
mount -t sysfs -o ro sysfs root/sys
mount -t cgroup2 cgroup2 root/sys/fs/cgroup
for folder in dev run tmp; do mount -t tmpfs tmpfs root/$folder; done
for device in null zero full random urandom tty; do
  touch root/dev/$device
  mount --bind /dev/$device root/dev/$device
done
mkdir root/dev/shm root/dev/pts root/repository
ln -s /proc/self/fd root/dev/fd
mount -t devpts -o newinstance,ptmxmode=0666 devpts root/dev/pts
ln -s pts/ptmx root/dev/ptmx
chmod 1777 root/tmp root/dev/shm
mount --bind "$2" root/repository
mount -o remount,bind,ro root/repository
ip link set lo up
rm -rf root/etc/systemd/system/*.wants
cd root
mkdir outer
pivot_root . outer
umount --lazy outer
exec env -i container=lxc /lib/systemd/systemd --unit=basic.target
"""
ALL = ["--mount", "--net", "--uts", "--ipc", "--cgroup", "--pid"]
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
PLAIN = {"PATH": PATH, "LANG": "C.UTF-8"}


class Machine:
    """Runs commands on the machine whose first process is `pid`."""

    def __init__(self, pid: int):
        self.pid = pid

    def words(self, *words: str, network: str = "own") -> list[str]:
        namespaces = [one for one in ALL if one != "--net" or network == "own"]
        enter = ["nsenter", "--target", str(self.pid), *namespaces, "env", "-C", "/repository"]
        return [*enter, *words]

    def run(self, *words, stdin="", network="own", timeout=300, **environ):
        """Run it to its end, in the repository. With `network="outer"` it reaches registries."""
        return subprocess.run(
            self.words(*words, network=network),
            env=PLAIN | environ,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=timeout,
        )

    def do(self, *words, **options) -> str:
        """Run it; what it printed. It must succeed."""
        done = self.run(*words, **options)
        assert done.returncode == 0, (words, done.returncode, done.stdout, done.stderr)
        return done.stdout

    def state(self) -> str:
        return self.run("systemctl", "is-system-running").stdout.strip()


@contextmanager
def machine():
    """A machine that has just started, with nothing of ours but the repository."""
    with TemporaryDirectory(prefix="machine_") as folder, control_group(folder) as group:
        words = ["unshare", *ALL, "--fork", "--kill-child", "bash", "-c", BOOT, "boot"]
        enter = ["bash", "-c", 'echo $$ > "$0/cgroup.procs" && exec "$@"', str(group)]
        with subprocess.Popen([*enter, *words, folder, str(ROOT)], stderr=subprocess.PIPE) as outer:
            try:
                yield Machine(started(outer))
            finally:
                outer.kill()


@contextmanager
def control_group(folder: str):
    """A control group for the machine: its systemd thinks that there is nothing above."""
    group = control_groups() / Path(folder).name
    group.mkdir()
    try:
        yield group
    finally:
        wait_for(lambda: "populated 0" in (group / "cgroup.events").read_text(), "it has ended")
        for path, _, _ in os.walk(group, topdown=False):
            os.rmdir(path)


def control_groups() -> Path | None:
    """Where this machine has its control groups of the second kind."""
    mounts = [line.split() for line in Path("/proc/self/mounts").read_text().splitlines()]
    return next((Path(where) for _, where, kind, *_ in mounts if kind == "cgroup2"), None)


def started(outer: subprocess.Popen) -> int:
    """Wait until systemd runs; its process."""
    found = []

    def runs() -> bool:
        assert outer.poll() is None, outer.stderr.read().decode()
        found[:] = children(outer.pid)
        return any(Machine(pid).state() in ("running", "degraded") for pid in found)

    wait_for(runs, "systemd runs")
    return found[0]


def why_no_machine() -> str | None:
    """The reason that there can be no such machine here, if there is one."""
    if sys.platform != "linux" or os.getuid() != 0:
        return "a throw-away machine needs root on Linux"
    if not Path("/lib/systemd/systemd").exists():
        return "systemd is not installed"
    if control_groups() is None:
        return "there are no control groups of the second kind"
    return None
