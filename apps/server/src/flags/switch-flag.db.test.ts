import type { CommittedFlag } from '@yardarm/contract';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeFlag, makeProject } from '../testing/fixtures.ts';
import { readRecord, refusal, type TestApp, testApp } from '../testing/test-app.ts';

describe('POST …/kill and …/unkill', () => {
  const path = '/projects/web/flags/checkout/environments/production';
  let server: TestApp;
  beforeAll(async () => {
    server = await testApp();
    await makeProject(server, 'web', ['staging', 'production']);
    await makeFlag(server, 'web', 'checkout');
  });
  afterAll(() => server.close());

  it('ask strangers to sign in', async () => {
    for (const verb of ['kill', 'unkill'])
      expect(refusal(await server.call('POST', `${path}/${verb}`, { token: null })).code).toBe('unauthenticated');
  });

  it('switch the flag on in that environment only, with one revision there', async () => {
    const answer = await server.must<CommittedFlag>('POST', `${path}/unkill`, { body: { reason: 'Launch' } });
    expect(answer).toMatchObject({ flag: { environment: 'production', on: true, version: 1 }, revision: 2 });
    const { heads, changes, objects } = await readRecord(server);
    expect(heads).toMatchObject([
      { environment: 'staging', revision: 1 },
      { environment: 'production', revision: 2 },
    ]);
    expect(changes.at(-1)).toMatchObject({
      command: 'flag.unkill',
      environment: 'production',
      revision: 2,
      before: { on: false },
      after: { on: true },
      reason: 'Launch',
    });
    expect(JSON.parse(objects.find(({ revision }) => revision === 2)?.body ?? '')).toMatchObject({ on: true });
  });

  it('kill without a body, a reason or a version', async () => {
    const response = await server.app.inject({
      method: 'POST',
      url: `/api/v1${path}/kill`,
      headers: { authorization: 'Bearer token-of-the-test-suite', 'content-type': 'application/json', 'if-match': '"v99"' },
    });
    expect(response.statusCode).toBe(200);
    expect(response.json()).toMatchObject({ flag: { on: false, version: 1 }, revision: 3 });
  });

  it('change nothing when the flag is killed already, and answer 200', async () => {
    const before = await readRecord(server);
    const response = await server.call('POST', `${path}/kill`, { body: { reason: 'Once more' } });
    expect(response.statusCode).toBe(200);
    expect(response.json()).toMatchObject({ flag: { on: false }, revision: 3 });
    expect(await readRecord(server)).toEqual(before);
  });

  it('leave a pending edit alone: its version still matches after a kill', async () => {
    await server.must('POST', `${path}/unkill`);
    await server.must('POST', `${path}/kill`);
    const edit = await server.call('PATCH', path, { body: { offVariant: null }, headers: { 'if-match': '"v1"' } });
    expect(edit.json()).toMatchObject({ flag: { on: false, offVariant: null, version: 2 } });
  });

  it('kill a flag whose stored rules are broken', async () => {
    const broken = JSON.stringify([{ id: 'r1', when: { segment: 'gone' }, serve: { variant: 'nowhere' } }]);
    await server.must('POST', `${path}/unkill`);
    await server.sql`update flag_environments set rules = ${broken}::text::jsonb where environment_id in (select id from environments where key = 'production')`;
    expect(await server.must('POST', `${path}/kill`)).toMatchObject({ flag: { on: false } });
  });

  it('say what does not exist', async () => {
    for (const missing of [
      '/projects/nope/flags/checkout/environments/production',
      '/projects/web/flags/nope/environments/production',
      '/projects/web/flags/checkout/environments/nope',
    ])
      expect(refusal(await server.call('POST', `${missing}/kill`))).toEqual({ status: 404, code: 'not_found' });
  });

  it('refuse a body that is something else', async () => {
    expect(refusal(await server.call('POST', `${path}/kill`, { body: { on: false } })).code).toBe('validation_failed');
  });
});
