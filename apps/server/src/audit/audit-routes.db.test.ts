import type { AuditProof, Change, Checkpoint } from '@yardarm/contract';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeFlag, makeProject } from '../testing/fixtures.ts';
import { readRecord, refusal, type TestApp, testApp } from '../testing/test-app.ts';

let server: TestApp;
beforeAll(async () => {
  server = await testApp();
  await makeProject(server, 'web', ['production']);
  await makeProject(server, 'other');
  await makeFlag(server, 'web', 'checkout');
  await server.sql`with token as (
      insert into api_tokens (name, token_hash) values ('web-admin', encode(sha256('token-of-web'::bytea), 'hex')) returning id)
    insert into grants (api_token_id, project_id, role) select token.id, p.id, 'admin' from token, projects p where p.key = 'web'`;
});
afterAll(() => server.close());

const readLines = (text: string) =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as AuditProof);
const verify = async (checkpoints?: Checkpoint[]) => {
  const answer = checkpoints
    ? await server.call('POST', '/audit/verify', { body: { checkpoints } })
    : await server.call('GET', '/audit/verify');
  expect(answer.headers['content-type']).toContain('application/x-ndjson');
  return readLines(answer.body).filter(({ type }) => type !== 'progress');
};
interface CheckpointPage {
  items: Checkpoint[];
  next: string | null;
}

describe('/api/v1/audit', () => {
  it.each(['/audit/verify', '/audit/checkpoints', '/changes', '/change-sets/1', '/reviews'])(
    'shows %s to administrators of the instance only',
    async (path) => {
      expect(refusal(await server.call('GET', path, { token: null })).status).toBe(401);
      expect(refusal(await server.call('GET', path, { token: 'token-of-web' })).status).toBe(403);
    },
  );

  it('verifies every chain, line by line, and says at the end that it got there', async () => {
    expect(await verify()).toMatchObject([
      { type: 'chain', chain: 'instance', project: null, finding: null },
      { type: 'chain', project: 'other', links: 2, adopted: 0, finding: null },
      { type: 'chain', project: 'web', links: 3, adopted: 0, finding: null },
      { type: 'strays', findings: [] },
      { type: 'end', ok: true, links: 5, findings: 0 },
    ]);
  });

  it('gives checkpoints of everything so far, and records first who took them', async () => {
    const page = await server.must<CheckpointPage>('GET', '/audit/checkpoints?limit=2');
    expect(page.items).toHaveLength(2);
    const rest = await server.must<CheckpointPage>('GET', `/audit/checkpoints?limit=2&cursor=${page.next}`);
    const checkpoints = [...page.items, ...rest.items];
    expect(checkpoints.map(({ seq }) => seq).sort()).toEqual([1, 2, 3]);
    const { items } = await server.must<{ items: Change[] }>('GET', '/changes');
    expect(items).toMatchObject([{ command: 'audit.checkpoints', kind: 'access', before: null, actor: { name: 'tests' } }]);
    expect((await verify(checkpoints)).at(-1)).toEqual({ type: 'end', ok: true, links: 6, findings: 0 });
    const later = checkpoints.map((one) => ({ ...one, seq: one.seq + 1 }));
    expect((await verify(later)).at(-1)).toMatchObject({ ok: false, findings: 3 });
  });

  it('names the first broken link', async () => {
    await server.sql.begin(async (sql) => {
      await sql`set local session_replication_role = replica`;
      await sql`update change_sets set actor = 'nobody' where command = 'flag.create'`;
    });
    const proofs = await verify();
    expect(proofs.at(-1)).toMatchObject({ type: 'end', ok: false, findings: 1 });
    expect(proofs.find((proof) => proof.type === 'chain' && proof.project === 'web')).toMatchObject({
      links: 2,
      finding: { seq: 3, cause: 'changed', message: expect.stringContaining('its row differ') },
    });
  });
});

describe('a change that cannot be recorded', () => {
  const switchOn = () => server.call('POST', '/projects/web/flags/checkout/environments/production/unkill');
  it.each(['change_sets', 'changes', 'environment_revisions', 'audit_links', 'rule_objects'])(
    'fails whole where %s cannot be written, and nothing is served or kept of it',
    async (table) => {
      await server.sql.unsafe(`alter table ${table} add constraint broken check (false) not valid`);
      const before = await readRecord(server);
      expect((await switchOn()).statusCode).toBe(500);
      expect(await readRecord(server)).toEqual(before);
      const [flag] = await server.sql`select "on" from flag_environments limit 1`;
      expect(flag).toEqual({ on: false });
      await server.sql.unsafe(`alter table ${table} drop constraint broken`);
    },
  );

  it('is made once the record can be written again', async () => {
    expect((await switchOn()).statusCode).toBe(200);
  });
});
