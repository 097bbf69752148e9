// @ts-check
/**
 * npm run bench:telemetry-storage
 * What a year of telemetry takes: 5 000 flags, each asked for by 10 apps that get one of two variants and are deployed every week. Rows
 * are measured, indexes included, after those of an hour and of a month were written ten times; how many there are follows from how long each
 * is kept at most. Exit code 1 where the bar is missed.
 */
import { connectToEmbedded } from '../../scripts/embedded-database.mjs';
import { temporaryDirectory } from '../../scripts/launch.mjs';
import { spawnServer } from '../crash/server.mjs';
import { createBars } from '../delivery/bars.mjs';

const FLAGS = 5_000;
const APPS = 10;
const VARIANTS = 2;
const KEPT = { hours: 2 * 24, days: 28, months: 14 };
/** Those of four weeks and of the running one. */
const VERSIONS = 5;
const BAR_MB = 1_000;
const PARTS = 20;

const directory = await temporaryDirectory();
const server = spawnServer(directory.path);
try {
  await server.ready;
  const sql = connectToEmbedded(directory.path);
  const series = FLAGS * APPS * VARIANTS;
  const ten = sql`(select md5(f::text)::uuid as flag, 'app-' || a as app, v from generate_series(1, ${FLAGS}) f, generate_series(1, ${APPS}) a,
    (values ('on'), ('off')) variants (v)) named`;
  const environment = '3f0b6c1e-8a55-4a7e-9d0f-5a3d1b0c2e11';
  await sql`
    insert into telemetry_series (flag_id, environment_id, key_kind, app, app_version, variant, reason, default_served, seen_on)
    select flag, ${environment}, 'server', app, '1.24.0', v, 'TARGETING_MATCH', false, now() from ${ten}`;
  await sql`
    insert into telemetry_last_evaluated select md5(f::text)::uuid, ${environment}, 'server', now(), now() from generate_series(1, ${FLAGS}) f`;
  await sql`
    insert into telemetry_defaults select md5(f::text)::uuid, ${environment}, 'server', 'app-' || a, 'a1b2c3d4', now()
    from generate_series(1, ${FLAGS}) f, generate_series(1, ${APPS}) a`;
  // Such that the server's own roll-up leaves them alone.
  await sql`insert into telemetry_hours select extract(epoch from now())::integer / 3600 - h, id, 1000 from generate_series(1, 3) h, telemetry_series`;
  await sql`insert into telemetry_days select current_date - d, id, 1000 from generate_series(1, 3) d, telemetry_series`;
  await sql`insert into telemetry_months select (date_trunc('month', now()) - make_interval(months => d))::date, id, 1000 from generate_series(1, 3) d, telemetry_series`;
  // Hours as reports come in, some of all rows at a time; a month once a day, with time for a vacuum in between.
  for (let part = 0; part < 10 * PARTS; part += 1)
    await sql`update telemetry_hours set n = n + 1 where series_id % ${PARTS} = ${part % PARTS}`;
  for (let day = 0; day < 10; day += 1) {
    await sql`update telemetry_months set n = n + 1 where month = (select max(month) from telemetry_months)`;
    await sql`vacuum telemetry_months`;
  }
  await sql`vacuum`;

  /** @param {string} table */
  const bytesPerRow = async (table) => {
    const [row] =
      await sql`select pg_total_relation_size(${table}::regclass)::float8 / (select count(*) from ${sql(table)}) as bytes`;
    return Number(row?.bytes);
  };
  /** @type {[table: string, rows: number][]} */
  const tables = [
    ['telemetry_series', series * (VERSIONS + 1)],
    ['telemetry_hours', series * KEPT.hours],
    ['telemetry_days', series * KEPT.days],
    ['telemetry_months', series * KEPT.months],
    ['telemetry_last_evaluated', FLAGS],
    ['telemetry_defaults', FLAGS * APPS],
  ];
  let total = 0;
  for (const [table, rows] of tables) {
    const bytes = await bytesPerRow(table);
    total += bytes * rows;
    console.log(
      `${table.padEnd(26)} ${String(rows).padStart(10)} rows of ${bytes.toFixed(0).padStart(4)} bytes: ${((bytes * rows) / 1e6).toFixed(0)} MB`,
    );
  }
  await sql.end();
  const bars = createBars();
  bars.check('a year of 5 000 flags and 10 apps', total / 1e6, BAR_MB, 'MB');
  process.exitCode = bars.conclude();
} finally {
  await server.stop();
  await directory.remove();
}
