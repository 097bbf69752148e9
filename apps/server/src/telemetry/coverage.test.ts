import { describe, expect, it } from 'vitest';
import { measureCoverage, mergeCoverage, type Reader } from './coverage.ts';

const NOW_MS = 1_000_000;
const reader = (instance: string, more: Partial<Reader> = {}): Reader => ({
  ...{ keyId: 'k', keyKind: 'server', environmentId: 'e', instance, sdk: 'test/1', connectedAtMs: 0 },
  app: { name: 'shop', version: '1', commit: null },
  ...more,
});
const reports = ({ instance }: Reader) => instance.startsWith('reports');

describe('coverage', () => {
  it('tells who reports, who never does and who need not have yet, by kind of key and by app', async () => {
    const old = { app: { name: 'shop', version: '0', commit: null } };
    const young = { connectedAtMs: NOW_MS - 89_000 };
    const { server, client } = await measureCoverage(
      [
        reader('reports 1'),
        reader('reports 2', young),
        reader('silent', old),
        reader('young', young),
        reader('tab', { keyKind: 'client' }),
      ],
      reports,
      NOW_MS,
    );
    expect(server).toMatchObject({
      reporting: 2,
      silent: 1,
      awaited: 1,
      silentInstances: [{ instance: 'silent', sdk: 'test/1' }],
    });
    expect(server.apps).toEqual([
      { name: 'shop', version: '0', reporting: 0, silent: 1 },
      { name: 'shop', version: '1', reporting: 2, silent: 0 },
    ]);
    expect(client).toMatchObject({ reporting: 0, silent: 1, awaited: 0 });
  });

  it('names at most a hundred silent instances, those that are connected the longest, and counts all', async () => {
    const { server } = await measureCoverage(
      Array.from({ length: 250 }, (_, index) => reader(`silent ${index}`, { connectedAtMs: 250 - index })),
      reports,
      NOW_MS,
    );
    expect([server.silent, server.silentInstances.length]).toEqual([250, 100]);
    expect([server.silentInstances[0]?.instance, server.silentInstances[99]?.instance]).toEqual(['silent 249', 'silent 150']);
    const merged = mergeCoverage([server, server]);
    expect(merged.silentInstances[99]?.instance).toBe('silent 200');
    expect([merged.silent, merged.silentInstances.length, merged.apps]).toEqual([
      500,
      100,
      [{ name: 'shop', version: '1', reporting: 0, silent: 500 }],
    ]);
  });

  it('tells builds apart by app, version and commit, whoever reports, and says when there are more than it names', async () => {
    const of = (commit: string) => ({ app: { name: 'shop', version: '1', commit } });
    const measure = async (readers: readonly Reader[]) => (await measureCoverage(readers, reports, NOW_MS)).server;
    const { builds, moreBuilds } = await measure([
      reader('reports 1', of('a')),
      reader('silent', of('b')),
      reader('reports 2', of('b')),
    ]);
    expect([builds, moreBuilds]).toEqual([
      [
        { name: 'shop', version: '1', commit: 'b', instances: 2 },
        { name: 'shop', version: '1', commit: 'a', instances: 1 },
      ],
      false,
    ]);
    const many = await measure(Array.from({ length: 201 }, (_, index) => reader(`reports ${index}`, of(`${index}`))));
    expect([many.builds.length, many.moreBuilds, mergeCoverage([many]).moreBuilds]).toEqual([200, true, true]);
  });

  it('lets other work have its turn while it counts thousands', async () => {
    let nowMs = 0;
    let turns = 0;
    const turn = async () => {
      turns++;
    };
    const readers = Array.from({ length: 1_000 }, (_, index) => reader(`reports ${index}`));
    const clock = { turn, nowMs: () => nowMs };
    const reportsSlowly = (one: Reader) => {
      nowMs += 0.1;
      return reports(one);
    };
    const { server } = await measureCoverage(readers, reportsSlowly, NOW_MS, clock);
    expect(server.reporting).toBe(1_000);
    expect(turns).toBeGreaterThan(5);
  });
});
