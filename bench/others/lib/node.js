'use strict';
// The workloads for drivers of node, over what a peer says of its driver. See ../../README.md.
const fs = require('fs');

const env = (name, otherwise) => process.env[name] || otherwise;
const WORKLOAD = env('WORKLOAD', 'point');
const SCALE = Number(env('BENCH_SCALE', '1'));
const POINT = 'SELECT id,k,c,pad FROM sbtest WHERE id=?';
const NARROW = 'SELECT id,a,b,s FROM big';
const INSERT = 'INSERT INTO ins (a,b,s) VALUES (?,?,?)';
const CONNECTIONS = 16, TASKS = 64, BLOBS = 20;

const scaled = (n) => Math.max(1, Math.floor(n * SCALE));
const scanOf = (sql) => (SCALE >= 1 ? sql : `${sql} LIMIT ${Math.floor(1000000 * SCALE)}`);
const idsOf = (n) => {
  const ids = [];
  for (let i = 0, x = 42; i < n; i++) ids.push(1 + (x = x * 16807 % 2147483647) % 100000);
  return ids;
};
const rowsOf = (n) =>
  Array.from({ length: n }, (_, i) => [(i + 1) * 7919, i + 1.25, `row-${i + 1}-xxxxxxxxxxxxxxxxxxxx`]);
const peak = () => Number(/VmHWM:\s+(\d+)/.exec(fs.readFileSync('/proc/self/status', 'latin1'))[1]);

const clock = {
  start() {
    this.rss0 = peak();
    this.began = process.cpuUsage();
    this.wall = process.hrtime.bigint();
  },
  stop() {
    this.wall = Number(process.hrtime.bigint() - this.wall) / 1e9;
    const used = process.cpuUsage(this.began);
    this.user = used.user / 1e6;
    this.cpu = this.user + used.system / 1e6;
    this.rss = peak();
  },
};

function options(overUnix) {
  const where = overUnix
    ? { socketPath: env('BENCH_SOCKET') }
    : { host: env('BENCH_HOST', '127.0.0.1'), port: Number(env('BENCH_PORT', '3306')) };
  return { ...where, user: env('BENCH_USER', 'bench'), password: env('BENCH_PASSWORD', 'bench'),
    database: env('BENCH_DATABASE', 'bench') };
}

async function points(d, ask) {
  const ids = idsOf(scaled(20000)), connection = await d.connect({});
  let check = 0;
  clock.start();
  for (const id of ids) check += (await ask(connection, POINT, [id]))[0].k;
  clock.stop();
  return [ids.length, check];
}

async function scan(d, sql, ask, checkOf, how = {}) {
  const connection = await d.connect(how);
  clock.start();
  const rows = await ask(connection, scanOf(sql));
  clock.stop();
  let check = 0;
  for (const row of rows) check += checkOf(row);
  const sees = how.tls && await d.query(connection, "SHOW SESSION STATUS LIKE 'Ssl_cipher'", []);
  return [rows.length, check, sees ? Object.values(sees[0])[1] : undefined];
}

async function connects(d, unix) {
  const n = scaled(1000);
  let check = 0;
  await d.end(await d.connect({ unix }));
  clock.start();
  for (let i = 0; i < n; i++) {
    const connection = await d.connect({ unix });
    check += Number((await d.query(connection, 'SELECT 1 AS one', []))[0].one);
    await d.end(connection);
  }
  clock.stop();
  return [n, check];
}

async function warmPool(d) {
  const pool = d.pool(CONNECTIONS);
  const taken = await Promise.all(Array.from({ length: CONNECTIONS }, () => d.acquire(pool)));
  for (const connection of taken) await d.release(connection);
  return pool;
}

const first = (row) => row[0];
const nulls = (row) => row.reduce((n, value) => n + (value === null), 0);

const WORK = {
  point: (d) => points(d, d.query),
  point_ps: (d) => points(d, d.execute),
  scan_narrow: (d) => scan(d, NARROW, d.arrays, first),
  scan_dict: (d) => scan(d, NARROW, (c, sql) => d.query(c, sql, []), (row) => row.id),
  scan_ps: (d) => scan(d, NARROW, d.executeArrays, first),
  scan_wide: (d) => scan(d, 'SELECT * FROM wide', d.arrays, nulls),
  tls_scan: (d) => scan(d, NARROW, d.arrays, first, { tls: true }),
  connect_tcp: (d) => connects(d, false),
  connect_unix: (d) => connects(d, true),
  async stream(d) {
    const connection = await d.connect({});
    let n = 0, check = 0;
    clock.start();
    await d.stream(connection, scanOf(NARROW), (row) => { n++; check += row[0]; });
    clock.stop();
    return [n, check];
  },
  async insert_many(d) {
    const rows = rowsOf(scaled(100000)), connection = await d.connect({});
    clock.start();
    await connection.beginTransaction();
    await d.bulk(connection, rows);
    await connection.commit();
    clock.stop();
    return [rows.length];
  },
  async insert_one(d) {
    const rows = rowsOf(scaled(5000)), connection = await d.connect({});
    clock.start();
    await connection.beginTransaction();
    for (const row of rows) await d.query(connection, INSERT, row);
    await connection.commit();
    clock.stop();
    return [rows.length];
  },
  async concurrent(d) {
    const share = Math.floor(scaled(40000) / TASKS), ids = idsOf(share * TASKS), pool = await warmPool(d);
    const task = async (at) => {
      let sum = 0;
      for (let i = at; i < at + share; i++) sum += (await d.query(pool, POINT, [ids[i]]))[0].k;
      return sum;
    };
    clock.start();
    const sums = await Promise.all(Array.from({ length: TASKS }, (_, i) => task(i * share)));
    clock.stop();
    return [ids.length, sums.reduce((a, b) => a + b)];
  },
  async pool(d) {
    const n = scaled(200000), pool = await warmPool(d);
    clock.start();
    for (let i = 0; i < n; i++) await d.release(await d.acquire(pool));
    clock.stop();
    return [n];
  },
  async blob(d) {
    const connection = await d.connect({});
    let check = 0;
    clock.start();
    for (let i = 1; i <= BLOBS; i++) {
      check += (await d.query(connection, 'SELECT id,b FROM blobs WHERE id=?', [i]))[0].b.length;
    }
    clock.stop();
    return [BLOBS, check];
  },
};

const say = (line) => console.log(JSON.stringify(line));

// `load` requires the driver and gives { version, connect, query, … }.
module.exports = { INSERT, options, run(peer, load) {
  const head = { peer, workload: WORKLOAD };
  let driver;
  try {
    driver = load();
  } catch (error) {
    return say({ ...head, skip: String(error.message).split('\n')[0].replace(/"/g, "'") });
  }
  if (!WORK[WORKLOAD]) return say({ ...head, skip: 'not for this peer' });
  return WORK[WORKLOAD](driver).then(([ops, check, note]) => {
    say({ ...head, ops, wall_s: clock.wall, cpu_s: clock.cpu, user_s: clock.user, rss_kb: clock.rss,
      rss0_kb: clock.rss0, check: check === undefined ? null : check, version: driver.version, note });
    process.exit(0);
  }).catch((error) => { console.error(error.message); process.exit(1); });
} };
