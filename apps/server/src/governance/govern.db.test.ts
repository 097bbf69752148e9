import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeFlag, makeProject } from '../testing/fixtures.ts';
import { readRecord, refusal, type TestApp, testApp } from '../testing/test-app.ts';

const EDITOR = 'token-of-an-editor';
const RELEASER = 'token-of-a-releaser';
const FLAG = '/projects/web/flags/checkout/environments/production';

describe('ways around a protected environment', () => {
  let server: TestApp;
  beforeAll(async () => {
    server = await testApp();
    await makeProject(server, 'web', ['staging']);
    await server.must('POST', '/projects/web/environments', { body: { key: 'production', name: 'P', protected: true } });
    await makeFlag(server, 'web', 'checkout');
    for (const [role, token] of [
      ['editor', EDITOR],
      ['releaser', RELEASER],
    ] as const)
      await server.sql`with token as (
          insert into api_tokens (name, token_hash) values (${role}, encode(sha256(${token}::bytea), 'hex')) returning id)
        insert into grants (api_token_id, project_id, role) select token.id, projects.id, ${role} from token, projects`;
  });
  afterAll(() => server.close());

  it('takes no edit of whoever may not release, and nothing of it remains', async () => {
    const before = await readRecord(server);
    const answer = await server.call('POST', `${FLAG}/unkill`, { token: EDITOR, body: { reason: 'Launch' } });
    expect(refusal(answer)).toEqual({ status: 403, code: 'forbidden' });
    expect(answer.json().error.message).toContain('environment.release');
    expect(await readRecord(server)).toEqual(before);
  });

  it('takes no edit without a reason, and says so', async () => {
    for (const body of [undefined, { reason: '  ' }]) {
      const answer = await server.call('POST', `${FLAG}/unkill`, { token: RELEASER, ...(body && { body }) });
      expect(refusal(answer)).toEqual({ status: 400, code: 'reason_required' });
      expect(answer.json().error.details).toMatchObject([{ path: 'reason' }]);
    }
    expect((await server.call('POST', `${FLAG}/unkill`, { token: RELEASER, body: { reason: 'Launch' } })).statusCode).toBe(200);
  });

  it('never holds up a kill of an editor, with or without a reason', async () => {
    expect((await server.call('POST', `${FLAG}/kill`, { token: EDITOR })).statusCode).toBe(200);
  });

  it('leaves the other environments as they were', async () => {
    const path = '/projects/web/flags/checkout/environments/staging/unkill';
    expect((await server.call('POST', path, { token: EDITOR })).statusCode).toBe(200);
  });

  it('is asked about as well where an edit of the project reaches into it', async () => {
    const edit = (token: string, body: object) =>
      server.call('PATCH', '/projects/web/flags/checkout', { token, body, headers: { 'if-match': '"v1"' } });
    expect(refusal(await edit(EDITOR, { owner: 'payments', reason: 'Moved' })).code).toBe('forbidden');
    expect(refusal(await edit(RELEASER, { owner: 'payments' })).code).toBe('reason_required');
    // Nothing that is served changes: no environment has a say.
    expect((await edit(EDITOR, { description: 'The new checkout' })).statusCode).toBe(200);
  });

  it('lets anybody who makes flags make one, which is off there', async () => {
    const body = { key: 'banner', kind: 'operational', variants: { on: true, off: false } };
    expect((await server.call('POST', '/projects/web/flags', { token: EDITOR, body })).statusCode).toBe(201);
  });
});
