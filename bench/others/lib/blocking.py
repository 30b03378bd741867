"""The workloads over a blocking driver of the DB-API."""

from peer import *

MISSING = {
    "point_ps": "no prepared statements",
    "scan_ps": "no prepared statements",
    "concurrent": "one thing at a time",
    "pool": "no pool",
}


class Peer:
    """`connect(over_unix, over_tls)`; `cursors` has the classes for tuples, dicts and streams."""

    def __init__(self, name, version, connect, cursors):
        self.name, self.version, self.connect, self.cursors = name, version, connect, cursors

    def run(self):
        work = getattr(self, WORKLOAD, None)
        if work is None or WORKLOAD in MISSING:
            return skip(self.name, MISSING.get(WORKLOAD, "not for this peer"))
        answer(self.name, self.version, *work())

    def cursor(self, kind="tuples", **how):
        self.connection = self.connect(**how)
        return self.connection.cursor(self.cursors[kind])

    def point(self):
        ids, cursor, check = ids_of(scaled(20000)), self.cursor(), 0
        clock.start()
        for i in ids:
            cursor.execute(POINT, (i,))
            check += cursor.fetchone()[1]
        clock.stop()
        return len(ids), check

    def scan(self, sql, cursor):
        clock.start()
        cursor.execute(scan_of(sql))
        rows = cursor.fetchall()
        clock.stop()
        return len(rows), check_of(rows)

    def scan_narrow(self):
        return self.scan(NARROW, self.cursor())

    def scan_dict(self):
        return self.scan(NARROW, self.cursor("dicts"))

    def scan_wide(self):
        return self.scan(WIDE, self.cursor())

    def tls_scan(self):
        cursor = self.cursor(over_tls=True)
        found = self.scan(NARROW, cursor)
        cursor.execute(CIPHER)
        return *found, cursor.fetchone()[1]

    def stream(self):
        cursor, n, check = self.cursor("stream"), 0, 0
        clock.start()
        cursor.execute(scan_of(NARROW))
        for row in cursor:
            n += 1
            check += row[0]
        clock.stop()
        return n, check

    def insert_many(self):
        rows, cursor = rows_of(scaled(100000)), self.cursor()
        clock.start()
        cursor.executemany(INSERT, rows)
        self.connection.commit()
        clock.stop()
        return len(rows),

    def insert_one(self):
        rows, cursor = rows_of(scaled(5000)), self.cursor()
        clock.start()
        for row in rows:
            cursor.execute(INSERT, row)
        self.connection.commit()
        clock.stop()
        return len(rows),

    def connect_tcp(self, over_unix=False):
        n, check = scaled(1000), 0
        self.connect(over_unix=over_unix).close()
        clock.start()
        for _ in range(n):
            cursor = self.cursor(over_unix=over_unix)
            cursor.execute("SELECT 1")
            check += cursor.fetchone()[0]
            self.connection.close()
        clock.stop()
        return n, check

    def connect_unix(self):
        return self.connect_tcp(over_unix=True)

    def blob(self):
        cursor, check = self.cursor(), 0
        clock.start()
        for i in range(1, BLOBS + 1):
            cursor.execute(BLOB, (i,))
            check += len(cursor.fetchone()[1])
        clock.stop()
        return BLOBS, check
