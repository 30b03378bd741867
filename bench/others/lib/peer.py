"""What peers in Python share: settings, ids, clock and answer line. See ../../README.md."""

import json
import os
import resource
import sys
import time

sys.dont_write_bytecode = True

WORKLOAD = os.environ.get("WORKLOAD", "point")
SCALE = float(os.environ.get("BENCH_SCALE", "1"))

POINT = "SELECT id,k,c,pad FROM sbtest WHERE id=%s"
NARROW = "SELECT id,a,b,s FROM big"
WIDE = "SELECT * FROM wide"
BLOB = "SELECT id,b FROM blobs WHERE id=%s"
INSERT = "INSERT INTO ins (a,b,s) VALUES (%s,%s,%s)"
CIPHER = "SHOW SESSION STATUS LIKE 'Ssl_cipher'"
BLOBS = 20


def scaled(n):
    return max(1, int(n * SCALE))


def scan_of(sql):
    return sql if SCALE >= 1 else "%s LIMIT %d" % (sql, 1000000 * SCALE)


def ids_of(n):
    ids, x = [], 42
    for _ in range(n):
        x = x * 16807 % 2147483647
        ids.append(1 + x % 100000)
    return ids


def rows_of(n):
    return [(i * 7919, i + 0.25, "row-%d-xxxxxxxxxxxxxxxxxxxx" % i) for i in range(1, n + 1)]


def options(over_unix, names):
    """Of a connection; `names` are the driver's for user, password, database and socket."""
    env = os.environ.get
    found = {
        names["user"]: env("BENCH_USER", "bench"),
        names["password"]: env("BENCH_PASSWORD", "bench"),
        names["database"]: env("BENCH_DATABASE", "bench"),
        "charset": "utf8mb4",
    }
    if over_unix:
        found[names["socket"]] = env("BENCH_SOCKET", "")
    else:
        found["host"] = env("BENCH_HOST", "127.0.0.1")
        found["port"] = int(env("BENCH_PORT", "3306"))
    return found


def peak():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))


class Clock:
    def start(self):
        self.rss0 = peak()
        usage = resource.getrusage(resource.RUSAGE_SELF)
        self.user, self.cpu = usage.ru_utime, usage.ru_utime + usage.ru_stime
        self.wall = time.monotonic()

    def stop(self):
        self.wall = time.monotonic() - self.wall
        usage = resource.getrusage(resource.RUSAGE_SELF)
        self.cpu = usage.ru_utime + usage.ru_stime - self.cpu
        self.user = usage.ru_utime - self.user
        self.rss = peak()


clock = Clock()


def check_of(rows):
    """Of a scan's rows, outside of the clock."""
    if WORKLOAD == "scan_wide":
        return sum(row.count(None) for row in rows)
    return sum(row["id"] if isinstance(row, dict) else row[0] for row in rows)


def answer(peer, version, ops, check=None, note=None):
    line = {"peer": peer, "workload": WORKLOAD, "ops": ops}
    line.update(wall_s=round(clock.wall, 6), cpu_s=round(clock.cpu, 6), user_s=round(clock.user, 6))
    line.update(rss_kb=clock.rss, rss0_kb=clock.rss0, check=check, version=version)
    if note:
        line["note"] = note
    print(json.dumps(line))


def skip(peer, why):
    print(json.dumps({"peer": peer, "workload": WORKLOAD, "skip": why}))
