import type { FlagEnvironment } from '@yardarm/contract';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeFlag, makeProject } from '../testing/fixtures.ts';
import { readRecord, refusal, type TestApp, testApp } from '../testing/test-app.ts';

const path = '/projects/patterns/flags/banner/environments/production';
const withPattern = (pattern: string, more: object = {}) => ({
  rules: [{ id: 'r1', when: { attribute: 'path', op: 'matches', values: [pattern], ...more }, serve: { variant: 'on' } }],
});

interface Committed {
  readonly flag: FlagEnvironment;
}

let server: TestApp;
beforeAll(async () => {
  server = await testApp();
  await makeProject(server, 'patterns', ['production']);
  await makeFlag(server, 'patterns', 'banner');
});
afterAll(() => server.close());

it('stores and serves the marker of a quadratic pattern, and takes it back as it gave it', async () => {
  const first = await server.call('PATCH', path, { body: withPattern('\\s+$'), headers: { 'if-match': '"v1"' } });
  expect(first.statusCode).toBe(200);
  const { rules } = first.json<Committed>().flag;
  expect(rules).toMatchObject(withPattern('\\s+$', { maxInput: 256 }).rules);
  const { objects } = await readRecord(server);
  expect(objects.at(-1)?.body).toContain('"maxInput":256');

  const again = await server.call('PATCH', path, { body: { rules }, headers: { 'if-match': '"v2"' } });
  expect([again.statusCode, again.headers.etag]).toEqual([200, '"v2"']);
});

it('drops the marker where the pattern needs none', async () => {
  const body = withPattern('^/api/', { maxInput: 256 });
  const response = await server.call('PATCH', path, { body, headers: { 'if-match': '"v2"' } });
  expect(response.json<Committed>().flag.rules).toEqual(withPattern('^/api/').rules);
});

it('ReDoS: refuses a slow pattern and writes nothing', async () => {
  const before = await readRecord(server);
  const response = await server.call('PATCH', path, { body: withPattern('^(a+)+$'), headers: { 'if-match': '"v3"' } });
  expect(refusal(response)).toEqual({ status: 400, code: 'validation_failed' });
  expect(response.json().error.details).toMatchObject([{ path: 'rules[0].when.values[0]', code: 'pattern_too_slow' }]);
  expect(await readRecord(server)).toEqual(before);
});

it('refuses it before the version is looked at, since no lock may wait for the checker', async () => {
  const response = await server.call('PATCH', path, { body: withPattern('^(a+)+$'), headers: { 'if-match': '"v99"' } });
  expect(refusal(response).code).toBe('validation_failed');
});
