import type { EnvironmentComparison, RevisionComparison } from '@yardarm/contract';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeFlag, makeProject, makeSegment } from '../testing/fixtures.ts';
import { refusal, type TestApp, testApp } from '../testing/test-app.ts';

const RULE = { id: 'r1', when: { attribute: 'plan', op: 'equals', values: ['gold'] }, serve: { variant: 'on' } };

describe('comparisons', () => {
  let server: TestApp;
  beforeAll(async () => {
    server = await testApp();
    await makeProject(server, 'web', ['staging', 'production']);
    await makeFlag(server, 'web', 'checkout'); // revision 1 of both
    await makeSegment(server, 'web', 'beta', { include: ['u1', 'u2'] }); // 2
    const staging = '/projects/web/flags/checkout/environments/staging';
    await server.must('PATCH', staging, { body: { rules: [RULE] }, headers: { 'if-match': '"v1"' } }); // 3
    await server.must('POST', `${staging}/unkill`); // 4
    const beta = '/projects/web/segments/beta/environments/staging';
    await server.must('PATCH', beta, { body: { include: ['u2', 'u3'] }, headers: { 'if-match': '"v1"' } }); // 5
    await makeFlag(server, 'web', 'banner'); // 6 of staging, 3 of production
  });
  afterAll(() => server.close());

  describe('GET /environments/:environment/compare', () => {
    const path = '/projects/web/environments/staging/compare';
    const compare = (from: number, to: number) => server.must<RevisionComparison>('GET', `${path}?from=${from}&to=${to}`);

    it('says of each flag and segment what was added and what changed, by rule and by key', async () => {
      const { items } = await compare(2, 6);
      expect(items.map(({ kind, key, change }) => `${kind} ${key} ${change}`)).toEqual([
        'flag banner added',
        'flag checkout changed',
        'segment beta changed',
      ]);
      expect(items[0]?.diff).toMatchObject([{ path: [], after: { type: 'boolean', on: false } }]);
      expect(items[1]?.diff).toEqual([
        { path: ['rules', 'r1'], kind: 'value', after: RULE },
        { path: ['on'], kind: 'value', before: false, after: true },
      ]);
      expect(items[2]?.diff).toEqual([{ path: ['include'], kind: 'elements', before: ['u1'], after: ['u3'] }]);
    });

    it('goes backwards too, and finds nothing between a revision and itself', async () => {
      expect((await compare(6, 0)).items).toMatchObject([
        { key: 'banner', change: 'removed' },
        { key: 'checkout', change: 'removed' },
        { key: 'beta', change: 'removed' },
      ]);
      expect((await compare(4, 4)).items).toEqual([]);
    });

    it('finds a segment that is gone by now in the revisions that had it', async () => {
      await makeSegment(server, 'web', 'gone'); // 7
      await server.must('DELETE', '/projects/web/segments/gone', { headers: { 'if-match': '"v1"' } }); // 8
      expect((await compare(7, 8)).items).toMatchObject([{ kind: 'segment', key: 'gone', change: 'removed' }]);
    });

    it('does not know a revision that never was, nor one that is no number', async () => {
      const unknown = await server.call('GET', `${path}?from=1&to=9`);
      expect(refusal(unknown)).toEqual({ status: 404, code: 'not_found' });
      expect(unknown.json().error.message).toBe("Environment 'staging' never had a revision 9; its newest is 8.");
      expect(refusal(await server.call('GET', `${path}?from=x&to=-1`)).code).toBe('validation_failed');
      expect(refusal(await server.call('GET', `${path}?from=1&to=2`, { token: null })).code).toBe('unauthenticated');
    });
  });

  describe('GET /compare', () => {
    const compare = (from: string, to: string) =>
      server.must<EnvironmentComparison>('GET', `/projects/web/compare?from=${from}&to=${to}`);

    it('tells configurations and segments apart from what is on', async () => {
      const answer = await compare('production', 'staging');
      expect(answer).toEqual({
        from: { environment: 'production', revision: 5 },
        to: { environment: 'staging', revision: 8 },
        items: [
          { kind: 'flag', key: 'checkout', change: 'changed', diff: [{ path: ['rules', 'r1'], kind: 'value', after: RULE }] },
          {
            kind: 'segment',
            key: 'beta',
            change: 'changed',
            diff: [{ path: ['include'], kind: 'elements', before: ['u1'], after: ['u3'] }],
          },
        ],
        on: [{ flag: 'checkout', from: false, to: true }],
      });
    });

    it('is empty between an environment and itself', async () => {
      expect(await compare('staging', 'staging')).toMatchObject({ items: [], on: [] });
    });

    it('says which environment does not exist', async () => {
      expect(refusal(await server.call('GET', '/projects/web/compare?from=staging&to=nope')).code).toBe('not_found');
    });
  });
});
