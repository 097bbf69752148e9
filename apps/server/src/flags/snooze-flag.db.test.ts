import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeFlag, makeProject, mintToken } from '../testing/fixtures.ts';
import { readRecord, refusal, type TestApp, testApp } from '../testing/test-app.ts';

let server: TestApp;
const path = '/projects/shop/flags/banner';
beforeAll(async () => {
  server = await testApp();
  await makeProject(server, 'shop');
  await makeFlag(server, 'shop', 'banner');
});
afterAll(() => server.close());

const snooze = (body: object, token?: string) =>
  server.call('POST', `${path}/snooze`, { body, ...(token !== undefined && { token }) });

describe('POST /flags/:flag/snooze', () => {
  it('is for editors, and asks for a day within a year and a reason', async () => {
    const viewer = await mintToken(server, { role: 'viewer', project: 'shop' });
    expect(refusal(await snooze({ until: '2030-02-01', reason: 'Sale' }, viewer)).code).toBe('forbidden');
    for (const body of [
      { until: '2030-02-01' },
      { until: '2030-02-01', reason: ' ' },
      { until: '2030-01-14', reason: 'Sale' },
      { until: '2031-01-16', reason: 'Sale' },
    ])
      expect(refusal(await snooze(body)).code).toBe('validation_failed');
  });

  it('holds to the end of its day, is in the record, and leaves version and revision alone', async () => {
    const before = await readRecord(server);
    const response = await snooze({ until: '2030-02-01', reason: 'After the sale' });
    expect(response.json()).toMatchObject({ snooze: { until: '2030-02-01', reason: 'After the sale' }, version: 1 });
    const after = await readRecord(server);
    expect(after.heads).toEqual(before.heads);
    expect(after.changes.at(-1)).toMatchObject({
      command: 'flag.snooze',
      key: 'banner',
      before: { snoozedUntil: null },
      after: { snoozedUntil: '2030-02-01', snoozeReason: 'After the sale' },
      reason: 'After the sale',
    });
    await snooze({ until: '2030-02-01', reason: 'After the sale' });
    expect(await readRecord(server)).toEqual(after);
    server.clock.nowMs = Date.UTC(2030, 1, 1, 23, 59);
    expect(await server.must('GET', path)).toMatchObject({ snooze: { until: '2030-02-01' } });
    server.clock.nowMs = Date.UTC(2030, 1, 2);
    expect(await server.must('GET', path)).toMatchObject({ snooze: null });
  });

  it('is ended, and is not for archived flags', async () => {
    await snooze({ until: '2030-03-01', reason: 'Later' });
    expect((await server.call('POST', `${path}/unsnooze`)).json()).toMatchObject({ snooze: null });
    expect((await readRecord(server)).changes.at(-1)).toMatchObject({ command: 'flag.unsnooze', after: { snoozedUntil: null } });
    await server.must('POST', `${path}/archive`);
    expect(refusal(await snooze({ until: '2030-03-01', reason: 'Later' })).code).toBe('archived');
  });
});
