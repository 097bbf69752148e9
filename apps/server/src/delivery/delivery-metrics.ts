/**
 * What Prometheus hears of delivery: how long changes take to arrive, who runs the newest revision, and which sockets this
 * server gave up. Of this server alone; sums over all of them are the scraper's. Made without a registry, which may
 * take them in or not.
 */
import { setImmediate } from 'node:timers/promises';
import { CLOSE, type ConnectionEffect, type ServerMessage } from '@yardarm/sync';
import { Counter, Gauge, Histogram, type Metric } from 'prom-client';
import type { ServedEnvironment } from '../ruleset/cache.ts';
import type { Arrival } from './convergence-log.ts';
import { KEY_KINDS, type KeyKind } from './receipt-books.ts';
import type { ReplicaReceipts } from './receipts.ts';

/** From a push that arrives at once to a reader that polls. */
const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];
/** Receipts come in while a change is still being sent to others, so they are observed after it. */
const OBSERVE_AFTER_MS = 1_000;
/** Some 2 ms: 20 000 in one turn held the server up for 250 ms, every second while changes followed each other among 10 000 readers. */
const OBSERVED_PER_TURN = 250;
/** Where more come, as many as come are observed as they do. */
const MAX_WAITING = 20_000;
/** Names of apps are up to who connects: the first so many of each kind of key have series of their own. */
const MAX_APPS = 100;
const OTHER_APPS = 'other';
const UNNAMED = 'unnamed';

const PLACE = ['project', 'environment', 'kind'] as const;
const CAUSES: Readonly<Record<number, string>> = Object.fromEntries(Object.entries(CLOSE).map(([name, code]) => [code, name]));

type ResyncReason = Extract<ServerMessage, { type: 'resync' }>['reason'];
const RESYNC_REASONS = Object.keys({ gap: 0, too_old: 0, epoch: 0, digest: 0 } satisfies Record<ResyncReason, 0>);

export interface CountedEnvironment {
  readonly served: ServedEnvironment;
  readonly receipts: ReplicaReceipts;
}

export interface DeliveryMetrics {
  /** An instance that was connected at a commit runs it, `ms` after it. */
  converged(served: ServedEnvironment, kind: KeyKind, app: string | undefined, ms: number): void;
  /** A socket's state machine decided something. */
  noteEffect(effect: ConnectionEffect): void;
  /** A rule set or the kills were answered before any route, whose histogram knows nothing of it. */
  noteAnswer(): void;
  readonly all: readonly Metric[];
}

/**
 * @param counted where anybody is counted; asked at each scrape
 * @param onArrival hears of every convergence when it is observed, with the bounded name of its app
 */
export function createDeliveryMetrics(
  counted: () => Iterable<CountedEnvironment>,
  onArrival: (arrival: Arrival) => void = () => undefined,
): DeliveryMetrics {
  const apps: Readonly<Record<KeyKind, Set<string>>> = { server: new Set(), client: new Set() };
  const convergence = new Histogram({
    name: 'yardarm_convergence_seconds',
    help: 'From the commit of a revision to the receipt of an instance that was connected at the commit, by app.',
    labelNames: [...PLACE, 'app'],
    buckets: SECONDS,
    registers: [],
    collect: observe,
  });
  const waiting: { readonly served: ServedEnvironment; readonly kind: KeyKind; readonly app: string; readonly ms: number }[] = [];
  let observing: Promise<void> | null = null;
  const resyncs = new Counter({
    name: 'yardarm_resyncs_total',
    help: 'Readers that were told to fetch the rule set, by reason.',
    labelNames: ['reason'],
    registers: [],
  });
  // There from the start: what first appears with a 1 has not increased, for all that Prometheus knows.
  for (const reason of RESYNC_REASONS) resyncs.inc({ reason }, 0);
  const given = new Counter({
    name: 'yardarm_sockets_given_up_total',
    help: 'Sockets that this server closed by its own decision, by cause.',
    labelNames: ['cause'],
    registers: [],
  });
  for (const cause of [...Object.values(CAUSES), 'dead']) given.inc({ cause }, 0);
  const answers = new Counter({
    name: 'yardarm_sync_answers_total',
    help: 'Rule sets and kills that were answered out of memory; yardarm_http_request_duration_seconds does not count them.',
    registers: [],
  });
  const gauge = (name: string, help: string, of: (kind: ReplicaReceipts[KeyKind]) => number) =>
    new Gauge({
      name,
      help,
      labelNames: PLACE,
      registers: [],
      collect() {
        this.reset();
        for (const { served, receipts } of counted()) {
          const { project, environment } = served.rules;
          for (const kind of KEY_KINDS) this.set({ project, environment, kind }, of(receipts[kind]));
        }
      },
    });
  const gauges = [
    gauge('yardarm_instances_connected', 'Instances with a stream.', ({ page }) => page.connected),
    gauge('yardarm_instances_pending', 'Those that have said nothing of the newest revision.', ({ page }) => {
      return page.connected - page.applied - page.rejected;
    }),
    gauge('yardarm_instances_rejected', 'Those that could not read a body of the newest revision.', ({ page }) => page.rejected),
    gauge('yardarm_instances_polling', 'Readers without a stream that were heard of late.', ({ polling }) => polling.readers),
  ];

  /** Everything that waits, with turns for other work in between. One at a time, whoever asks. */
  function observe(): Promise<void> {
    observing ??= observeInTurns().finally(() => {
      observing = null;
    });
    return observing;
  }

  async function observeInTurns(): Promise<void> {
    observeSome();
    while (waiting.length > 0) {
      await setImmediate();
      observeSome();
    }
  }

  function observeSome(): void {
    for (const { served, kind, app, ms } of waiting.splice(0, OBSERVED_PER_TURN)) {
      const { project, environment } = served.rules;
      convergence.observe({ project, environment, kind, app }, ms / 1_000);
      onArrival({ environmentId: served.rules.environmentId, keyKind: kind, app: app === UNNAMED ? '' : app, ms });
    }
  }

  function appLabel(kind: KeyKind, name: string = UNNAMED): string {
    const known = apps[kind];
    if (known.has(name)) return name;
    if (known.size >= MAX_APPS) return OTHER_APPS;
    known.add(name);
    return name;
  }

  return {
    converged: (served, kind, app, ms) => {
      if (waiting.length === 0 && observing === null) setTimeout(() => void observe(), OBSERVE_AFTER_MS).unref();
      waiting.push({ served, kind, app: appLabel(kind, app), ms });
      if (waiting.length >= MAX_WAITING) observeSome();
    },
    noteEffect: (effect) => {
      if (effect.type === 'send' && effect.message.type === 'resync') resyncs.inc({ reason: effect.message.reason });
      else if (effect.type === 'terminate') given.inc({ cause: 'dead' });
      // A server that leaves gives nobody up.
      else if (effect.type === 'close' && effect.code in CAUSES) given.inc({ cause: CAUSES[effect.code] ?? '' });
    },
    noteAnswer: () => answers.inc(),
    all: [convergence, resyncs, given, answers, ...gauges],
  };
}
