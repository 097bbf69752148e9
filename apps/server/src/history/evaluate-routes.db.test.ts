import type { RuleSet } from '@yardarm/evaluator';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeFlag, makeProject, makeSegment } from '../testing/fixtures.ts';
import { readRecord, refusal, type TestApp, testApp } from '../testing/test-app.ts';

const FLAG = '/projects/web/flags/checkout/environments/production';
const BASE = '/projects/web/environments/production';
const LATER_MS = Date.UTC(2031, 0, 1);

interface Answer {
  revision: number;
  at: string;
  evaluations: {
    flag: string;
    resolution: { value?: unknown; variant?: string; reason: string; errorCode?: string };
    steps: { step: string }[];
  }[];
}

describe('time machine', () => {
  let server: TestApp;
  beforeAll(async () => {
    server = await testApp();
    await makeProject(server, 'web');
    await makeFlag(server, 'web', 'checkout'); // 1
    await server.must('POST', `${FLAG}/unkill`); // 2
    const gold = { id: 'gold', when: { attribute: 'plan', op: 'equals', values: ['gold'] }, serve: { variant: 'off' } };
    await server.must('PATCH', FLAG, { body: { rules: [gold] }, headers: { 'if-match': '"v1"' } }); // 3
    const late = { id: 'late', when: { now: 'after', values: [LATER_MS] }, serve: { variant: 'off' } };
    await server.must('PATCH', FLAG, { body: { rules: [late] }, headers: { 'if-match': '"v2"' } }); // 4
  });
  afterAll(() => server.close());

  const evaluate = (body: object) => server.must<Answer>('POST', `${BASE}/evaluate`, { body });
  const context = { targetingKey: 'u1', plan: 'gold' };

  it('answers what the context was answered at each revision, and why', async () => {
    const at = async (revision: number) => (await evaluate({ flag: 'checkout', context, revision })).evaluations[0];
    expect(await at(0)).toMatchObject({ resolution: { reason: 'ERROR', errorCode: 'FLAG_NOT_FOUND' } });
    expect(await at(1)).toMatchObject({ resolution: { value: false, variant: 'off', reason: 'DISABLED' } });
    expect(await at(2)).toMatchObject({ resolution: { value: true, variant: 'on', reason: 'STATIC' } });
    expect(await at(3)).toMatchObject({
      resolution: { value: false, variant: 'off', reason: 'TARGETING_MATCH' },
      steps: [
        { step: 'lookup', found: true },
        { step: 'type', passed: true },
        { step: 'kill', on: true },
        { step: 'rule', id: 'gold', passed: true, condition: { seen: 'gold', passed: true } },
      ],
    });
    expect((await evaluate({ flag: 'checkout', context })).revision).toBe(4);
  });

  it('takes the revision and the clock of a moment', async () => {
    const [first] = await server.sql<{ at_ms: number }[]>`
      select extract(epoch from s.created_at)::float8 * 1000 as at_ms from changes c join change_sets s on s.id = c.change_set_id where c.revision = 2`;
    const answer = await evaluate({ flag: 'checkout', context, at: new Date((first?.at_ms ?? 0) + 1).toISOString() });
    expect(answer.revision).toBeGreaterThanOrEqual(2);
    expect(answer.revision).toBeLessThan(4);
    const late = new Date(LATER_MS + 1).toISOString();
    expect(await evaluate({ flag: 'checkout', context, at: late })).toMatchObject({
      revision: 4,
      at: late,
      evaluations: [{ resolution: { variant: 'off' } }],
    });
    expect((await evaluate({ flag: 'checkout', context, revision: 4 })).evaluations[0]).toMatchObject({
      resolution: { variant: 'on' },
    });
  });

  it('does not know a revision that never was, nor a time before the environment', async () => {
    const refused = async (body: object) => refusal(await server.call('POST', `${BASE}/evaluate`, { body }));
    expect(await refused({ flag: 'checkout', revision: 5 })).toEqual({ status: 404, code: 'not_found' });
    expect(await refused({ flag: 'checkout', at: '2001-01-01T00:00:00Z' })).toEqual({ status: 404, code: 'not_found' });
    expect(await refused({ flag: 'checkout', flags: ['checkout'] })).toEqual({ status: 400, code: 'validation_failed' });
    expect(await refused({ flags: Array.from({ length: 201 }, () => 'checkout') })).toEqual({
      status: 400,
      code: 'validation_failed',
    });
    expect(refusal(await server.call('POST', `${BASE}/evaluate`, { token: null, body: { flag: 'a' } })).code).toBe(
      'unauthenticated',
    );
  });

  it('answers all flags of a revision without their traces, and no segment', async () => {
    const all = async (revision: number) => (await evaluate({ context, revision })).evaluations;
    expect(await all(0)).toEqual([]);
    expect(await all(3)).toEqual([
      { flag: 'checkout', resolution: (await evaluate({ flag: 'checkout', context, revision: 3 })).evaluations[0]?.resolution },
    ]);
    expect((await evaluate({ context, type: 'string' })).evaluations.map(({ resolution }) => resolution.errorCode)).toEqual([
      'TYPE_MISMATCH',
    ]);
  });

  it('answers a flag that was named as it answers all, whatever its prerequisites and segments ask for in turn', async () => {
    await makeProject(server, 'deep');
    const edit = (path: string, version: number, body: object) =>
      server.must('PATCH', `/projects/deep/${path}/environments/production`, { body, headers: { 'if-match': `"v${version}"` } });
    await makeSegment(server, 'deep', 'staff', { include: ['u1'] });
    for (const key of ['gate', 'child', 'other']) {
      await makeFlag(server, 'deep', key);
      await server.must('POST', `/projects/deep/flags/${key}/environments/production/unkill`);
    }
    await edit('flags/gate', 1, { rules: [{ id: 'staff', when: { segment: 'staff' }, serve: { variant: 'off' } }] });
    await edit('flags/child', 1, { prerequisites: [{ flag: 'gate', variants: ['off'] }] });
    const ask = (body: object) => server.must<Answer>('POST', '/projects/deep/environments/production/evaluate', { body });
    for (const targetingKey of ['u1', 'u2']) {
      const all = await ask({ context: { targetingKey } });
      for (const { flag, resolution } of all.evaluations)
        expect((await ask({ flag, context: { targetingKey } })).evaluations[0]?.resolution).toEqual(resolution);
      expect(all.evaluations.find(({ flag }) => flag === 'child')?.resolution.variant).toBe(targetingKey === 'u1' ? 'on' : 'off');
    }
  });

  it('asks as the application would: another type is a mismatch', async () => {
    const { evaluations } = await evaluate({ flags: ['checkout', 'nobody'], context, type: 'string' });
    expect(evaluations.map(({ resolution }) => resolution.errorCode)).toEqual(['TYPE_MISMATCH', 'FLAG_NOT_FOUND']);
  });

  it('stores nothing of the context', async () => {
    const before = await readRecord(server);
    await evaluate({ flag: 'checkout', context: { targetingKey: 'somebody' } });
    expect(await readRecord(server)).toEqual(before);
  });

  describe('GET /rulesets/:revision', () => {
    it('is the rule set as it was served then', async () => {
      const past = await server.must<RuleSet>('GET', `${BASE}/rulesets/2`);
      expect(past).toMatchObject({ format: 1, project: 'web', environment: 'production', revision: 2, segments: {} });
      expect(past.flags.checkout).toMatchObject({ on: true, revision: 2, fallthrough: { variant: 'on' } });
      expect((await server.must<RuleSet>('GET', `${BASE}/rulesets/0`)).flags).toEqual({});
    });

    it('is not for viewers, whom no server key would be given', async () => {
      await server.sql`with token as (
          insert into api_tokens (name, token_hash) values ('viewer', encode(sha256('viewer'::bytea), 'hex')) returning id)
        insert into grants (api_token_id, project_id, role) select token.id, projects.id, 'viewer' from token, projects`;
      expect(refusal(await server.call('GET', `${BASE}/rulesets/2`, { token: 'viewer' })).code).toBe('forbidden');
      expect(refusal(await server.call('GET', `${BASE}/rulesets/9`)).code).toBe('not_found');
      expect(refusal(await server.call('GET', `${BASE}/rulesets/x`)).code).toBe('validation_failed');
    });
  });
});
