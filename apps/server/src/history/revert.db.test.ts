import type { Change, FlagEnvironment, RevertedChange, RevertedEnvironment } from '@yardarm/contract';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { makeFlag, makeProject, makeSegment, mintToken } from '../testing/fixtures.ts';
import { readRecord, refusal, type TestApp, testApp } from '../testing/test-app.ts';

const FLAG = '/projects/web/flags/checkout/environments/production';
const rule = (variant: string) => ({ id: 'r1', when: { attribute: 'plan', op: 'equals', values: ['gold'] }, serve: { variant } });

let server: TestApp;
beforeEach(async () => {
  await server?.close();
  server = await testApp();
  await makeProject(server, 'web', ['staging', 'production']);
  await makeFlag(server, 'web', 'checkout');
  await makeSegment(server, 'web', 'beta', { include: ['u1'] });
});
afterAll(() => server.close());

const edit = (path: string, version: number, body: object) =>
  server.must('PATCH', path, { body, headers: { 'if-match': `"v${version}"` } });
const read = () => server.must<FlagEnvironment>('GET', FLAG);
const newest = async () => (await server.must<{ items: Change[] }>('GET', '/projects/web/changes?limit=1')).items[0] as Change;
const revert = (change: Change, body?: object, token?: string | null) =>
  server.call('POST', `/projects/web/changes/${change.id}/revert`, {
    ...(body && { body }),
    ...(token !== undefined && { token }),
  });

describe('POST /changes/:change/revert', () => {
  it('takes an edit of a flag back as a new change with the next revision', async () => {
    await edit(FLAG, 1, { rules: [rule('on')] });
    const response = await revert(await newest(), { reason: 'Wrong plan' });
    expect(response.statusCode).toBe(200);
    expect(response.json<RevertedChange>().revisions).toEqual([{ environment: 'production', revision: 4 }]);
    expect(await read()).toMatchObject({ rules: [], version: 3 });
    expect(await newest()).toMatchObject({
      command: 'change.revert',
      reason: 'Wrong plan',
      before: { rules: [rule('on')] },
      after: { rules: [] },
    });
  });

  it('can be reverted itself', async () => {
    await edit(FLAG, 1, { rules: [rule('on')] });
    await revert(await newest());
    expect((await revert(await newest())).statusCode).toBe(200);
    expect(await read()).toMatchObject({ rules: [rule('on')] });
  });

  it('answers a conflict with the three states of each place that a later change touched', async () => {
    await edit(FLAG, 1, { rules: [rule('on')] });
    const change = await newest();
    await edit(FLAG, 2, { rules: [rule('off')], offVariant: null });
    const before = await readRecord(server);
    const response = await revert(change);
    expect(refusal(response)).toEqual({ status: 409, code: 'conflict' });
    expect(response.json().error.message).toBe(
      `Flag 'checkout' in 'production' was changed after change ${change.id}. Revert the later change first, or edit it.`,
    );
    expect(response.json().error.details).toMatchObject([
      { path: 'rules.r1.serve.variant', after: 'on', current: 'off' },
      { path: 'offVariant', before: 'off', after: 'off', current: null },
    ]);
    expect(await readRecord(server)).toEqual(before);
  });

  it('says that a change was reverted already', async () => {
    await edit(FLAG, 1, { rules: [rule('on')] });
    const change = await newest();
    await revert(change);
    const again = await revert(change);
    expect(refusal(again)).toEqual({ status: 409, code: 'conflict' });
    expect(again.json().error.message).toContain('already as it was before');
  });

  it('leaves a kill alone that came after the edit', async () => {
    await server.must('POST', `${FLAG}/unkill`);
    await edit(FLAG, 1, { rules: [rule('on')] });
    const change = await newest();
    await server.must('POST', `${FLAG}/kill`);
    expect((await revert(change)).statusCode).toBe(200);
    expect(await read()).toMatchObject({ on: false, rules: [] });
  });

  it('kills where it reverts an unkill, and never unkills', async () => {
    await server.must('POST', `${FLAG}/unkill`);
    expect((await revert(await newest())).statusCode).toBe(200);
    expect(await read()).toMatchObject({ on: false });
    const kill = await newest();
    expect(kill).toMatchObject({ command: 'change.revert', before: { on: true }, after: { on: false } });
    const refused = await revert(kill);
    expect(refusal(refused)).toEqual({ status: 422, code: 'not_revertible' });
    expect(refused.json().error.message).toContain('unkill it instead');
    expect(await read()).toMatchObject({ on: false });
  });

  it('takes back what the project says about a flag, in every environment that serves it', async () => {
    await edit('/projects/web/flags/checkout', 1, { owner: 'payments', tags: ['new'] });
    const { items } = await server.must<{ items: Change[] }>('GET', '/projects/web/changes?limit=3');
    const [production, , project] = items as [Change, Change, Change];
    const part = await revert(production);
    expect(refusal(part).code).toBe('not_revertible');
    expect(part.json().error.message).toContain(`change ${project.id}`);
    expect((await revert(project)).json<RevertedChange>().revisions).toEqual([
      { environment: 'staging', revision: 4 },
      { environment: 'production', revision: 4 },
    ]);
    expect(await server.must('GET', '/projects/web/flags/checkout')).toMatchObject({ owner: null, tags: [], version: 3 });
  });

  it('takes an edit of a segment back', async () => {
    const path = '/projects/web/segments/beta/environments/production';
    await edit(path, 1, { include: ['u2'] });
    expect((await revert(await newest())).statusCode).toBe(200);
    expect(await server.must('GET', path)).toMatchObject({ include: ['u1'], version: 3 });
  });

  it('takes one flag of a copy back', async () => {
    await edit('/projects/web/flags/checkout/environments/staging', 1, { rules: [rule('on')] });
    await server.must('POST', '/projects/web/environments/production/copy', { body: { from: 'staging' } });
    expect((await revert(await newest())).statusCode).toBe(200);
    expect(await read()).toMatchObject({ rules: [] });
  });

  it('names the way out where something was made', async () => {
    const { items } = await server.must<{ items: Change[] }>('GET', '/projects/web/changes?flag=checkout');
    for (const change of items) {
      const refused = await revert(change);
      expect(refusal(refused)).toEqual({ status: 422, code: 'not_revertible' });
      expect(refused.json().error.message).toContain('archive it instead');
    }
  });

  it('is refused where it would name what is gone', async () => {
    await makeFlag(server, 'web', 'payments', { variants: { on: true, off: false } });
    await edit(FLAG, 1, { prerequisites: [{ flag: 'payments', variants: ['on'] }] });
    await edit(FLAG, 2, { prerequisites: [] });
    const change = await newest();
    await edit('/projects/web/flags/payments/environments/production', 1, {
      prerequisites: [{ flag: 'checkout', variants: ['on'] }],
    });
    const before = await readRecord(server);
    expect(refusal(await revert(change)).code).toBe('validation_failed');
    expect(await readRecord(server)).toEqual(before);
  });

  it('takes back settings of an environment, a project and a segment, which move no revision', async () => {
    for (const [path, edit_, was] of [
      ['/projects/web/environments/production', { color: 'red' }, { color: 'gray' }],
      ['/projects/web', { name: 'Shop' }, { name: 'web' }],
      ['/projects/web/segments/beta', { name: 'Testers' }, { name: 'beta' }],
    ] as const) {
      await edit(path, 1, edit_);
      expect((await revert(await newest())).json()).toMatchObject({ revisions: [] });
      const now = await server.must<object>(
        'GET',
        path === '/projects/web/environments/production' ? '/projects/web/environments' : path,
      );
      expect('items' in now ? (now.items as { key: string }[]).find(({ key }) => key === 'production') : now).toMatchObject(was);
    }
  });

  it('sends who archived a flag to unarchive it', async () => {
    await server.must('POST', '/projects/web/flags/checkout/archive');
    for (const change of (await server.must<{ items: Change[] }>('GET', '/projects/web/changes?limit=3')).items) {
      const refused = await revert(change);
      expect(refusal(refused)).toEqual({ status: 422, code: 'not_revertible' });
      expect(refused.json().error.message).toContain('unarchive it instead');
    }
  });

  it('lets an editor of one environment take back what was changed there, and nowhere else', async () => {
    const stagingEditor = await mintToken(server, {
      project: 'web',
      environment: 'staging',
      actions: ['change.revert', 'flag.configure'],
    });
    await edit(FLAG, 1, { rules: [rule('on')] });
    expect(refusal(await revert(await newest(), undefined, stagingEditor)).code).toBe('forbidden');
    await edit('/projects/web/flags/checkout/environments/staging', 1, { rules: [rule('on')] });
    expect((await revert(await newest(), undefined, stagingEditor)).statusCode).toBe(200);
  });

  it('asks for the right to what it writes besides its own', async () => {
    await edit(FLAG, 1, { rules: [rule('on')] });
    const change = await newest();
    const reverter = await mintToken(server, { project: 'web', actions: ['change.revert'] });
    const editor = await mintToken(server, { project: 'web', actions: ['change.revert', 'flag.configure'] });
    const refused = await revert(change, undefined, reverter);
    expect(refusal(refused).code).toBe('forbidden');
    expect(refused.json().error.message).toContain('flag.configure');
    expect(refusal(await revert(change, undefined, null)).code).toBe('unauthenticated');
    expect((await revert(change, undefined, editor)).statusCode).toBe(200);
  });

  it('asks a protected environment', async () => {
    await edit(FLAG, 1, { rules: [rule('on')] });
    await server.sql`update environments set protected = true where key = 'production'`;
    expect(refusal(await revert(await newest())).code).toBe('reason_required');
    expect((await revert(await newest(), { reason: 'Wrong' })).statusCode).toBe(200);
  });

  it('does not know the changes of another project, nor an id that is none', async () => {
    await makeProject(server, 'other');
    const change = await newest();
    expect(refusal(await server.call('POST', `/projects/other/changes/${change.id}/revert`)).code).toBe('not_found');
    expect(refusal(await server.call('POST', '/projects/web/changes/999999-1/revert')).code).toBe('not_found');
    expect(refusal(await server.call('POST', '/projects/web/changes/x/revert')).code).toBe('validation_failed');
  });
});

describe('POST /environments/:environment/revert', () => {
  const back = (body: object) => server.call('POST', '/projects/web/environments/production/revert', { body });

  it('makes every configuration and segment as they were, in one revision, and turns nothing on', async () => {
    await server.must('POST', `${FLAG}/unkill`); // 3
    await edit(FLAG, 1, { rules: [rule('on')] }); // 4
    await edit('/projects/web/segments/beta/environments/production', 1, { include: ['u9'] }); // 5
    await server.must('POST', `${FLAG}/kill`); // 6
    const response = await back({ toRevision: 3, reason: 'Back to Monday' });
    expect(response.statusCode).toBe(200);
    const { revision, items, skipped } = response.json<RevertedEnvironment>();
    expect(revision).toBe(7);
    expect(items.map(({ key }) => key)).toEqual(['checkout', 'beta']);
    expect(skipped).toEqual([]);
    expect(await read()).toMatchObject({ on: false, rules: [] });
    const { items: left } = await server.must<{ items: { diff: unknown[] }[] }>(
      'GET',
      '/projects/web/environments/production/compare?from=3&to=7',
    );
    expect(left).toMatchObject([{ key: 'checkout', diff: [{ path: ['on'], before: true, after: false }] }]);
  });

  it('plans without writing on a dry run, and does what it planned', async () => {
    await edit(FLAG, 1, { rules: [rule('on')] });
    const before = await readRecord(server);
    const plan = (await back({ toRevision: 2, dryRun: true })).json<RevertedEnvironment>();
    expect(plan).toMatchObject({ revision: 3, items: [{ kind: 'flag', key: 'checkout', change: 'changed' }] });
    expect(await readRecord(server)).toEqual(before);
    expect((await back({ toRevision: 2 })).json()).toEqual({ ...plan, revision: 4 });
  });

  it('leaves what was made later, archived or deleted, and says so', async () => {
    await makeFlag(server, 'web', 'banner'); // 3
    await makeSegment(server, 'web', 'staff'); // 4
    await edit(FLAG, 1, { rules: [rule('on')] }); // 5
    await server.must('POST', '/projects/web/flags/checkout/archive'); // 6
    await server.must('DELETE', '/projects/web/segments/beta', { headers: { 'if-match': '"v1"' } }); // 7
    expect((await back({ toRevision: 2 })).json<RevertedEnvironment>()).toMatchObject({
      revision: 7,
      items: [],
      skipped: [
        { kind: 'flag', key: 'banner', why: 'made_later' },
        { kind: 'flag', key: 'checkout', why: 'archived' },
        { kind: 'segment', key: 'staff', why: 'made_later' },
        { kind: 'segment', key: 'beta', why: 'deleted' },
      ],
    });
  });

  it('is refused where a variant is gone, naming it', async () => {
    await edit(FLAG, 1, { rules: [], offVariant: null, fallthrough: { variant: 'off' } }); // 3
    await server.sql`update flags set variants = '{"off": false}' where key = 'checkout'`;
    const response = await back({ toRevision: 2 });
    expect(refusal(response)).toEqual({ status: 422, code: 'invalid_reference' });
    expect(response.json().error.message).toContain("its variant 'on' at revision 2");
  });

  it('does not know a revision that never was', async () => {
    expect(refusal(await back({ toRevision: 3 })).code).toBe('not_found');
    expect(refusal(await back({ toRevision: 3, dryRun: true })).code).toBe('not_found');
    expect(refusal(await back({ toRevision: -1 })).code).toBe('validation_failed');
  });

  it('asks for the rights to what it writes', async () => {
    await edit(FLAG, 1, { rules: [rule('on')] });
    const returner = await mintToken(server, { project: 'web', actions: ['environment.revert'] });
    const path = '/projects/web/environments/production/revert';
    expect(refusal(await server.call('POST', path, { body: { toRevision: 2 }, token: returner })).code).toBe('forbidden');
  });
});
