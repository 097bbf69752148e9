import type { ErrorBody, FlagEnvironment } from '@yardarm/contract';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeFlag, makeProject, makeSegment } from '../testing/fixtures.ts';
import { readRecord, refusal, type TestApp, testApp } from '../testing/test-app.ts';

describe('a change that would break a rule set', () => {
  let server: TestApp;
  beforeAll(async () => {
    server = await testApp();
    await makeProject(server, 'web');
    await makeSegment(server, 'web', 'beta');
    await makeFlag(server, 'web', 'a');
    await makeFlag(server, 'web', 'b', { clientSide: true });
  });
  afterAll(() => server.close());

  const pathOf = (flag: string) => `/projects/web/flags/${flag}/environments/production`;
  async function patch(flag: string, body: unknown) {
    const { version } = await server.must<FlagEnvironment>('GET', pathOf(flag));
    return server.call('PATCH', pathOf(flag), { body, headers: { 'if-match': `"v${version}"` } });
  }
  const inSegment = (id: string, segment: string) => ({ id, when: { segment }, serve: { variant: 'on' } });

  it('is refused with every reference that leads nowhere, and leaves no trace', async () => {
    const before = await readRecord(server);
    const response = await patch('a', {
      rules: [inSegment('r1', 'beta'), inSegment('r2', 'alpha')],
      prerequisites: [{ flag: 'ghost', variants: ['on'] }],
      fallthrough: { variant: 'blue' },
    });
    expect(refusal(response)).toEqual({ status: 422, code: 'invalid_reference' });
    const { details } = response.json<ErrorBody>().error;
    expect(details.map(({ code }) => code).sort()).toEqual(['unknown_flag', 'unknown_segment', 'unknown_variant']);
    expect(details.map(({ path }) => path).sort()).toEqual([
      expect.stringMatching(/^fallthrough/),
      expect.stringMatching(/^prerequisites\[0\]/),
      expect.stringMatching(/^rules\[1\]\.when/),
    ]);
    expect(await readRecord(server)).toEqual(before);
    expect(await server.must('GET', pathOf('a'))).toMatchObject({ version: 1, rules: [] });
  });

  it('is refused when a new flag names a variant that it does not have', async () => {
    const body = { key: 'c', kind: 'operational', variants: { on: true, off: false }, offVariant: 'never' };
    const response = await server.call('POST', '/projects/web/flags', { body });
    expect(refusal(response)).toEqual({ status: 422, code: 'invalid_reference' });
    expect(response.json<ErrorBody>().error.details).toMatchObject([{ path: 'offVariant', code: 'unknown_variant' }]);
    expect(refusal(await server.call('GET', '/projects/web/flags/c')).code).toBe('not_found');
  });

  it('is refused when prerequisites would form a circle', async () => {
    await makeFlag(server, 'web', 'd');
    expect((await patch('d', { prerequisites: [{ flag: 'a', variants: ['on'] }] })).statusCode).toBe(200);
    const response = await patch('a', { prerequisites: [{ flag: 'd', variants: ['on'] }] });
    expect(refusal(response)).toEqual({ status: 400, code: 'validation_failed' });
  });

  it('is refused when two simultaneous edits are sound alone and a circle together', async () => {
    await makeFlag(server, 'web', 'left');
    await makeFlag(server, 'web', 'right');
    const answers = await Promise.all([
      patch('left', { prerequisites: [{ flag: 'right', variants: ['on'] }] }),
      patch('right', { prerequisites: [{ flag: 'left', variants: ['on'] }] }),
    ]);
    expect(answers.map(({ statusCode }) => statusCode).sort()).toEqual([200, 400]);
  });

  it('is refused when a flag that browsers see would depend on one that they do not', async () => {
    const response = await patch('b', { prerequisites: [{ flag: 'a', variants: ['on'] }] });
    expect(response.json<ErrorBody>().error).toMatchObject({
      code: 'validation_failed',
      details: [{ path: 'prerequisites[0]', code: 'server_only_prerequisite' }],
    });
  });

  it('is refused when a segment would nest', async () => {
    const options = { body: { when: { segment: 'beta' } }, headers: { 'if-match': '"v1"' } };
    const response = await server.call('PATCH', '/projects/web/segments/beta/environments/production', options);
    expect(refusal(response)).toEqual({ status: 400, code: 'validation_failed' });
  });
});

describe('an environment that is broken already', () => {
  let server: TestApp;
  beforeAll(async () => {
    server = await testApp();
    await makeProject(server, 'web');
    for (const key of ['broken', 'fine']) await makeFlag(server, 'web', key);
    // An older server, with fewer checks, has let two bad rules through.
    const when = { segment: 'gone' };
    const serve = { variant: 'on' };
    const rules = [{ id: 'r0', when: { all: [] }, serve }, ...['r1', 'r2'].map((id) => ({ id, when, serve }))];
    await server.sql`update flag_environments set rules = ${JSON.stringify(rules)}::text::jsonb
      where flag_id in (select id from flags where key = 'broken')`;
    const body = JSON.stringify({
      type: 'boolean',
      variants: { on: true, off: false },
      on: true,
      offVariant: 'off',
      rules,
      fallthrough: null,
    });
    await server.sql`insert into rule_objects select id, 3, 'flag', 'broken', ${body}, 'a' from environments`;
    await server.sql`update environment_heads set revision = 3`;
  });
  afterAll(() => server.close());

  const path = '/projects/web/flags/broken/environments/production';

  it('takes changes elsewhere', async () => {
    expect(await server.must('POST', '/projects/web/flags/fine/environments/production/unkill')).toMatchObject({ revision: 4 });
    const options = { body: { offVariant: null }, headers: { 'if-match': '"v1"' } };
    expect((await server.call('PATCH', '/projects/web/flags/fine/environments/production', options)).statusCode).toBe(200);
  });

  it('can be repaired step by step, though places move', async () => {
    const { rules } = await server.must<FlagEnvironment>('GET', path);
    const options = { body: { rules: rules.slice(1) }, headers: { 'if-match': '"v1"' } };
    expect((await server.call('PATCH', path, options)).statusCode).toBe(200);
  });

  it('takes no further bad rule', async () => {
    const { rules } = await server.must<FlagEnvironment>('GET', path);
    const more = [...rules, { id: 'r3', when: { segment: 'lost' }, serve: { variant: 'on' } }];
    const response = await server.call('PATCH', path, { body: { rules: more }, headers: { 'if-match': '"v2"' } });
    expect(refusal(response)).toEqual({ status: 422, code: 'invalid_reference' });
    expect(response.json<ErrorBody>().error.details).toMatchObject([{ path: expect.stringMatching(/^rules\[2\]/) }]);
  });
});
