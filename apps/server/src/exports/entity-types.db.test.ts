import { getTableName } from 'drizzle-orm';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type TestDatabase, testDatabase } from '../testing/database.ts';
import { ENTITY_TYPES, exportedColumns, rowSchema } from './entity-types.ts';

/** Tables that an export does not hold, and why nobody misses them. */
const NOT_EXPORTED: Readonly<Record<string, string>> = {
  instance: 'another identity',
  environment_revisions: 'revisions of the other instance',
  environment_heads: 'epoch and revision are made anew',
  rule_objects: 'made from the halves; where it is not, the body is in their line',
  change_sets: 'lines of type history, on demand',
  changes: 'lines of type history, on demand',
  audit_links: 'lines of type history, on demand',
  audit_checkpoints: 'authenticated with the secret of the instance that wrote them',
  reviews: 'about changes of the other instance',
  idempotency_keys: 'of requests to the other instance',
  sessions: 'people sign in anew',
  sign_in_links: 'valid for an hour',
  replica_receipts: 'what servers that run count, worthless after seconds',
  replica_fleets: 'what servers that run count, worthless after seconds',
  convergence: 'how fast changes reached instances of the other instance',
  telemetry_instances: 'instances that report to the other instance',
  telemetry_sources: 'what was reported to the other instance',
  telemetry_key_series: 'what was reported to the other instance',
  telemetry_series: 'what was reported to the other instance',
  telemetry_hours: 'what was reported to the other instance',
  telemetry_days: 'what was reported to the other instance',
  telemetry_months: 'what was reported to the other instance',
  telemetry_last_evaluated: 'what was reported to the other instance',
  telemetry_defaults: 'what was reported to the other instance',
  telemetry_skips: 'what was reported to the other instance',
  telemetry_unknown_flags: 'what was reported to the other instance',
  telemetry_replicas: 'servers of the other instance',
  telemetry_coverage: 'what servers that run count, worthless after seconds',
  repositories: 'the next run of CI uploads its references anew',
  reference_sets: 'the next run of CI uploads its references anew',
  code_references: 'the next run of CI uploads its references anew',
  branch_heads: 'the next run of CI uploads its references anew',
  deployments: 'the next deployment says what runs',
  remote_uses: 'of keys as the other instance saw them used',
  flag_hygiene: 'assessed anew within minutes',
  hygiene_projects: 'assessed anew within minutes',
  hygiene_notices: 'what the other instance told',
  hygiene_scores: 'how things stood in the other instance',
  saved_views: 'how people look at things, and about people of the other instance',
  webhook_deliveries: 'about changes of the other instance',
};

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.close());

it('exports every table, or says why not', async () => {
  const tables = await database.sql<{ name: string }[]>`
    select table_name as name from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE'`;
  const exported = ENTITY_TYPES.map(({ table }) => getTableName(table));
  expect([...exported, ...Object.keys(NOT_EXPORTED)].sort()).toEqual(tables.map(({ name }) => name).sort());
});

it('can say of every column what a line may hold', () => {
  for (const type of ENTITY_TYPES) {
    const names = exportedColumns(type).map(([name]) => name);
    for (const name of type.secrets) expect(names).toContain(name);
    expect(rowSchema(type, { secrets: true }).safeParse({}).success).toBe(false);
    expect(
      rowSchema(type, { secrets: true })
        .safeParse({ unheardOf: 1 })
        .error?.issues.some(({ code }) => code === 'unrecognized_keys'),
    ).toBe(true);
  }
});
