"""What each design for several machines lets in, and how many checks a server answers."""

import re
import subprocess

from lessons.kit.stage.cluster import DESIGNS_BY_NAME, HER_ID, Cluster, design
from lessons.kit.stage.let_in import count, let_in_when_held
from lessons.kit.stage.servers import Postgres

SECONDS, CLIENTS = 10, 8
CHECK = f"SELECT session_token FROM users WHERE id = {HER_ID};\n"


def measure(ends: int, requests: int):
    """What `python -m lessons cluster` counts, one design after another; times in seconds."""
    with Cluster() as cluster:
        for name in DESIGNS_BY_NAME:
            with cluster.served(name) as site:
                held = let_in_when_held(site, design(name).DANGER)
                found = count(site, name, ends, requests)
            yield {
                "design": name,
                "ends": found.ends,
                "requests": found.requests,
                "let_in": found.let_in,
                "let_in_when_held": held,
                "stale_for": found.stale_for,
                "end_median": found.end_takes,
            }


def checks_per_second() -> float:
    """How many times a second PostgreSQL says a user's token, with all cores to itself."""
    with Cluster() as cluster:
        return ask_as_fast_as_possible(cluster.primary)


def ask_as_fast_as_possible(server: Postgres) -> float:
    script = server.folder.parent / "check.sql"
    script.write_text(CHECK)
    words = ["-n", "-M", "prepared", "-c", str(CLIENTS), "-j", "1", "-T", str(SECONDS)]
    done = subprocess.run(
        [str(server.programs / "pgbench"), *words, "-f", str(script), server.url],
        check=True,
        capture_output=True,
        text=True,
    )
    return float(re.search(r"tps = ([\d.]+)", done.stdout)[1])
