import type { AuditProof } from '@yardarm/contract';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeFlag, makeProject } from '../testing/fixtures.ts';
import { TEST_SECRET, type TestApp, testApp } from '../testing/test-app.ts';
import { adoptRecords } from './adopt-records.ts';
import { checkpointKey } from './checkpoint.ts';
import { verifyAudit } from './verify-audit.ts';

/** A history as the first release left it: without links and without the table of revisions. */
describe('adoptRecords', () => {
  let server: TestApp;
  let recorded: number;
  beforeAll(async () => {
    server = await testApp();
    await makeProject(server, 'web', ['staging', 'production']);
    await makeProject(server, 'empty', []);
    await makeFlag(server, 'web', 'checkout');
    await server.must('PATCH', '/projects/web/flags/checkout', { body: { owner: 'payments' }, headers: { 'if-match': '"v1"' } });
    await server.must('POST', '/projects/web/flags/checkout/environments/production/unkill');
    const [row] = await server.sql<{ count: number }[]>`select count(*)::int from change_sets`;
    recorded = row?.count ?? 0;
    await server.sql.begin(async (sql) => {
      await sql`set local session_replication_role = replica`;
      await sql`delete from audit_links`;
      await sql`delete from environment_revisions`;
    });
  });
  afterAll(() => server.close());

  const prove = async () => {
    const proofs: AuditProof[] = [];
    await verifyAudit(server.db, { key: checkpointKey(TEST_SECRET), shipped: [] }, (proof) => {
      if (proof.type !== 'progress') proofs.push(proof);
    });
    return proofs;
  };

  it('links every change set once, however many servers start', async () => {
    const counts = await Promise.all([adoptRecords(server.db), adoptRecords(server.db)]);
    expect(counts.reduce((sum, count) => sum + count)).toBe(recorded);
    expect(await adoptRecords(server.db)).toBe(0);
  });

  it('leaves a history that verifies and says what it cannot prove', async () => {
    await server.must('POST', '/projects/web/flags/checkout/environments/production/kill');
    const proofs = await prove();
    expect(proofs).toMatchObject([
      { chain: 'instance', links: 0, finding: null },
      { project: 'empty', links: 1, adopted: 1, finding: null },
      { project: 'web', links: recorded, adopted: recorded - 1, finding: null },
      { type: 'strays', findings: [] },
      { type: 'end', ok: true, links: recorded + 1 },
    ]);
  });

  it('takes in nothing that is put beside a chain later', async () => {
    await server.sql`insert into change_sets (project_id, command, actor_kind, actor, request_id)
      select id, 'flag.kill', 'person', 'nobody', 'r' from projects where key = 'web'`;
    expect(await adoptRecords(server.db)).toBe(0);
    expect((await prove()).at(-2)).toMatchObject({ type: 'strays', findings: [{ cause: 'unlinked' }] });
  });
});
