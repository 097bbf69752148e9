import type { CommandOf } from '@yardarm/contract';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { DELIVERY_ACTOR } from '../auth/actor.ts';
import { mintSecret } from '../auth/secrets.ts';
import { runCommand } from '../changes/run-command.ts';
import { passGate } from '../governance/gate.ts';
import { digestAt } from '../ruleset/digest-at.ts';
import { mintedMs } from '../ruleset/epoch.ts';
import { makeFlag, makeProject } from '../testing/fixtures.ts';
import { readRecord, type TestApp, testApp } from '../testing/test-app.ts';

const DAY_MS = 24 * 3_600_000;

let server: TestApp;
let environmentId: string;
beforeEach(async () => {
  server = await testApp();
  // As the database's, which says what is far ahead.
  server.clock.nowMs = Date.now();
  await makeProject(server, 'shop', ['production']);
  await makeFlag(server, 'shop', 'a');
  await makeFlag(server, 'shop', 'b');
  environmentId = (await head()).environment_id;
});
afterEach(() => server.close());

async function head() {
  const [row] = await server.sql<{ environment_id: string; epoch: string; revision: number }[]>`
    select environment_id, epoch, revision::int from environment_heads
    where environment_id = (select id from environments where key = 'production')`;
  return row!;
}

function newEpoch(seen?: { epoch: string; revision: number; digest: string | null }) {
  const command: CommandOf<'environment.new_epoch'> = {
    type: 'environment.new_epoch',
    target: { project: 'shop', environment: 'production' },
    input: { reason: 'of the test', ...(seen && { seen }) },
  };
  const { grant } = passGate({ actor: DELIVERY_ACTOR, grants: [], command, requestId: 'test', idempotencyKey: null });
  return runCommand({ db: server.db, now: () => server.clock.nowMs, mintSecret }, grant);
}

const records = async () => (await readRecord(server)).changes.filter(({ command }) => command === 'environment.new_epoch');

describe('environment.new_epoch', () => {
  test('leaves the revision alone, is newer than what was, and stands in the record', async () => {
    const before = await head();
    const answer = await newEpoch();
    const after = await head();
    expect(answer).toEqual({ epoch: after.epoch, revision: before.revision, isMinted: true });
    expect(after.revision).toBe(before.revision);
    expect(mintedMs(after.epoch)).toBeGreaterThan(mintedMs(before.epoch));
    expect(await records()).toMatchObject([
      {
        actor: 'delivery',
        reason: 'of the test',
        key: 'production',
        before: { epoch: before.epoch, revision: before.revision },
        after: { epoch: after.epoch, revision: before.revision },
      },
    ]);
  });

  test('is not made where the database is as new as what was seen, with the same content', async () => {
    const { epoch, revision } = await head();
    const digest = await digestAt(server.db, environmentId, revision);
    const older = await digestAt(server.db, environmentId, revision - 1);
    for (const seen of [
      { epoch, revision, digest },
      { epoch, revision, digest: null },
      { epoch, revision: revision - 1, digest: older },
      { epoch: '5-older', revision: revision + 7, digest: null },
    ])
      expect(await newEpoch(seen)).toEqual({ epoch, revision, isMinted: false });
    expect(await records()).toEqual([]);
  });

  test.each([
    ['is behind', (now: { epoch: string; revision: number }) => ({ ...now, revision: now.revision + 1, digest: null })],
    ['has another content there', (now: { epoch: string; revision: number }) => ({ ...now, digest: '0123456789abcdef' })],
    [
      'has passed it with another content',
      (now: { epoch: string; revision: number }) => ({ ...now, revision: now.revision - 1, digest: '0123456789abcdef' }),
    ],
    ['is of an older epoch', (now: { epoch: string }) => ({ epoch: `${mintedMs(now.epoch) + 5}-x`, revision: 0, digest: null })],
  ])('is made where the database %s, once, however many ask', async (_title, toSeen) => {
    const { epoch, revision } = await head();
    const seen = toSeen({ epoch, revision });
    const answers = await Promise.all([newEpoch(seen), newEpoch(seen), newEpoch(seen)]);
    expect(answers.filter(({ isMinted }) => isMinted)).toHaveLength(1);
    expect(await records()).toHaveLength(1);
    expect(mintedMs((await head()).epoch)).toBeGreaterThan(mintedMs(seen.epoch));
  });

  test('does not believe an epoch of more than a day ahead', async () => {
    const { epoch, revision } = await head();
    expect(await newEpoch({ epoch: `${Date.now() + 2 * DAY_MS}-x`, revision: 1, digest: null })).toEqual({
      epoch,
      revision,
      isMinted: false,
    });
  });
});
