"""The loss of a machine, right after an end or during one."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from .cluster import Cluster, Site
from .let_in import HELD_FOR, let_in_everywhere
from .servers import frozen


def lost_primary(cluster: Cluster, synchronous: bool) -> bool:
    """Whether an ended session is let in when the primary is lost right after the end.

    The standby becomes the primary. If it is asynchronous, the end has not been sent to it: what
    happens by chance is done here on purpose.
    """
    name = "standby_flushed" if synchronous else "primary"
    with cluster.served(name) as site:
        cookie = let_in_everywhere(site)
        with frozen([] if synchronous else cluster.primary.senders()):
            site.end()
            cluster.primary.crash()
    cluster.standby.promote()
    cluster.primary, cluster.standby = cluster.standby, cluster.primary
    with cluster.served("primary") as site:
        return site.is_let_in(cookie)


def lost_standby(cluster: Cluster) -> Iterator[str]:
    """What an end does that waits for a standby that is lost, told as it happens."""
    with cluster.served("standby_applied") as site, ending_without_standby(cluster, site) as ending:
        yield "waits" if ending.is_alive() else "returned"
        cluster.primary.set(synchronous_standby_names="")
        ending.join(30)
        yield "waits" if ending.is_alive() else "returned"


@contextmanager
def ending_without_standby(cluster: Cluster, site: Site) -> Iterator[threading.Thread]:
    cluster.standby.crash()
    ending = threading.Thread(target=site.end)
    ending.start()
    ending.join(HELD_FOR)
    try:
        yield ending
    finally:
        cluster.primary.set(synchronous_standby_names="")
        ending.join(30)
