import { CLOSE } from '@yardarm/sync';
import { type Metric, Registry } from 'prom-client';
import { describe, expect, test } from 'vitest';
import type { ServedEnvironment } from '../ruleset/cache.ts';
import { createDeliveryMetrics } from './delivery-metrics.ts';
import { EMPTY_PAGE, RECEIPTS_FORMAT, type ReplicaReceipts } from './receipts.ts';

const SERVED = { rules: { project: 'shop', environment: 'production' } } as ServedEnvironment;
const NOBODY = { readers: 0, applied: 0, rejected: 0 };

function start(receipts: readonly ReplicaReceipts[] = []) {
  const metrics = createDeliveryMetrics(() => receipts.map((one) => ({ served: SERVED, receipts: one })));
  const registry = new Registry();
  for (const metric of metrics.all) registry.registerMetric(metric);
  return { metrics, scrape: () => registry.metrics() };
}

describe('createDeliveryMetrics', () => {
  test('tells how long a revision took to arrive, by app', async () => {
    const { metrics, scrape } = start();
    metrics.converged(SERVED, 'server', 'web', 20);
    metrics.converged(SERVED, 'server', undefined, 70_000);
    const text = await scrape();
    expect(text).toMatch(/_sum\{project="shop",environment="production",kind="server",app="web"\} 0.02$/m);
    expect(text).toMatch(/yardarm_convergence_seconds_bucket\{le="0.01",[^}]*app="web"\} 0/);
    expect(text).toMatch(/yardarm_convergence_seconds_bucket\{le="0.025",[^}]*app="web"\} 1/);
    expect(text).toMatch(/yardarm_convergence_seconds_bucket\{le="60",[^}]*app="unnamed"\} 0/);
    expect(text).toMatch(/yardarm_convergence_seconds_count\{[^}]*app="unnamed"\} 1/);
  });

  test('observes thousands that come together a few in a turn, and each of them once, also where a scrape or more of them come meanwhile', async () => {
    const heard: number[] = [];
    const metrics = createDeliveryMetrics(
      () => [],
      ({ ms }) => heard.push(ms),
    );
    const registry = new Registry();
    registry.registerMetric(metrics.all[0] as Metric);
    for (let ms = 0; ms < 1_000; ms++) metrics.converged(SERVED, 'server', 'web', ms);
    const scraped = registry.metrics();
    expect(heard).toHaveLength(250);
    metrics.converged(SERVED, 'server', 'web', 1_000);
    expect(await scraped).toMatch(/_count\{[^}]*app="web"\} 1001/);
    expect(heard).toEqual(Array.from({ length: 1_001 }, (_, ms) => ms));
  });

  test('keeps no more than 20 000 waiting', () => {
    let heard = 0;
    const metrics = createDeliveryMetrics(
      () => [],
      () => heard++,
    );
    for (let count = 0; count < 30_000; count++) metrics.converged(SERVED, 'server', 'web', 1);
    expect(30_000 - heard).toBeLessThanOrEqual(20_000);
  });

  test('gives 100 apps of each kind of key a series of their own, and no more, whatever readers call themselves', async () => {
    const { metrics, scrape } = start();
    for (let index = 0; index < 250; index++) metrics.converged(SERVED, 'client', `forged-${index}`, 5);
    metrics.converged(SERVED, 'server', 'web', 5);
    const text = await scrape();
    expect(text.match(/^yardarm_convergence_seconds_count/gm)).toHaveLength(102);
    expect(text).toMatch(/_count\{[^}]*kind="client",app="other"\} 150/);
    expect(text).toMatch(/_count\{[^}]*kind="server",app="web"\} 1/);
  });

  test('counts who is connected, pending, refusing and polling at each scrape, by kind of key', async () => {
    const page = { ...EMPTY_PAGE, connected: 5, applied: 2, rejected: 1 };
    const kinds = {
      server: { page, polling: { ...NOBODY, readers: 3 } },
      client: { page: EMPTY_PAGE, polling: NOBODY },
    };
    const { scrape } = start([{ format: RECEIPTS_FORMAT, epoch: '1-a', revision: 7, committedAtMs: 0, ...kinds }]);
    const text = await scrape();
    const of = (name: string, kind: string) =>
      new RegExp(`^yardarm_instances_${name}\\{project="shop",environment="production",kind="${kind}"\\} (\\d+)$`, 'm').exec(
        text,
      )?.[1];
    const names = ['connected', 'pending', 'rejected', 'polling'];
    expect(names.map((name) => of(name, 'server'))).toEqual(['5', '2', '1', '3']);
    expect(names.map((name) => of(name, 'client'))).toEqual(['0', '0', '0', '0']);
  });

  test('counts resyncs by reason and sockets that were given up by cause, but none that said goodbye', async () => {
    const { metrics, scrape } = start();
    const resync = { type: 'resync', reason: 'too_old', url: '/', spreadMs: 0 } as const;
    metrics.noteEffect({ type: 'send', message: resync });
    metrics.noteEffect({ type: 'send', message: { type: 'beat', epoch: '1-a', revision: 1, digest: 'd' } });
    metrics.noteEffect({ type: 'close', code: CLOSE.slow, reason: 'too slow' });
    metrics.noteEffect({ type: 'close', code: 1001, reason: 'shutdown' });
    metrics.noteEffect({ type: 'terminate' });
    const text = await scrape();
    // The others are there as well, so that the first of each is an increase.
    expect(text.match(/^yardarm_(resyncs|sockets)\S+ \d+$/gm)).toEqual([
      'yardarm_resyncs_total{reason="gap"} 0',
      'yardarm_resyncs_total{reason="too_old"} 1',
      'yardarm_resyncs_total{reason="epoch"} 0',
      'yardarm_resyncs_total{reason="digest"} 0',
      'yardarm_sockets_given_up_total{cause="protocol"} 0',
      'yardarm_sockets_given_up_total{cause="key"} 0',
      'yardarm_sockets_given_up_total{cause="slow"} 1',
      'yardarm_sockets_given_up_total{cause="version"} 0',
      'yardarm_sockets_given_up_total{cause="dead"} 1',
    ]);
  });
});
