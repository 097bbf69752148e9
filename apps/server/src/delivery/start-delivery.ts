/**
 * Composition of the delivery side: change feed -> keys and rule sets in memory -> sockets and streams. Shares
 * nothing with the management API but the database, so that neither takes the other down.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { SyncState } from '@yardarm/sync';
import type { FastifyBaseLogger, FastifyInstance, FastifyRequest } from 'fastify';
import type { Metric } from 'prom-client';
import { type Heads, startChangeFeed } from '../changes/change-feed.ts';
import type { RecordedChange } from '../changes/record-change.ts';
import type { Database, Sql } from '../db/client.ts';
import { SCHEMA_VERSION } from '../db/schema-version.ts';
import type { FlagdConfig } from '../flagd/flagd-config.ts';
import { startFlagd } from '../flagd/start-flagd.ts';
import type { App } from '../http/app-type.ts';
import { createRemoteUse } from '../hygiene/remote-use.ts';
import { type OfrepSettings, startOfrep } from '../ofrep/start-ofrep.ts';
import { createRuleSetCache, type ServedEnvironment } from '../ruleset/cache.ts';
import { digestAt } from '../ruleset/digest-at.ts';
import { databaseReader } from '../ruleset/load.ts';
import { keepSnapshots } from '../snapshots/keep-snapshots.ts';
import type { StoredSnapshots } from '../snapshots/snapshot-files.ts';
import { snapshotOf } from '../snapshots/snapshot-of.ts';
import { startTelemetry } from '../telemetry/start-telemetry.ts';
import { createAnsweringSince } from './answering-since.ts';
import { createBehindMetric } from './behind-metric.ts';
import { calmLook } from './calm-look.ts';
import { createCatchUp } from './catch-up.ts';
import { registerClientViewRoutes } from './client-view-routes.ts';
import { createDatabaseGauge } from './database-gauge.ts';
import type { ViewSource } from './find-view.ts';
import { registerFleetRoutes } from './fleet-routes.ts';
import { createCommitFollower } from './follow-commits.ts';
import { MAX_SILENT_MS, registerHealthRoutes } from './health-routes.ts';
import { createHub, nodeTimers } from './hub.ts';
import { createKeyUse } from './key-use.ts';
import { mintNewEpoch } from './mint-new-epoch.ts';
import { createNotificationHub } from './notification-hub.ts';
import { registerNotificationRoutes } from './notification-routes.ts';
import { registerReceiptRoutes } from './receipt-routes.ts';
import { HEARTBEAT_MS } from './receipt-share.ts';
import { createSdkKeyCache, type SdkKey } from './sdk-keys.ts';
import { startFleet } from './start-fleet.ts';
import { startReceipts } from './start-receipts.ts';
import { createStreamLimits, DEFAULT_MAX_STRANGERS, defaultStreamLimits, type StreamLimits } from './stream-limits.ts';
import { registerSyncRoutes } from './sync-routes.ts';
import { createEpochWatch } from './watch-epochs.ts';

export interface DeliveryDependencies {
  readonly db: Database;
  /** Pool of the same database. */
  readonly sql: Sql;
  /** The same database over connections of its own, to read rule sets (`CATCH_UP_CONNECTIONS` at a time). Left out: those of `db`. */
  readonly rulesDb?: Database;
  /** Same, for telemetry. */
  readonly telemetryDb?: Database;
  /** Where to listen for changes: the same database, by a way that keeps sessions. */
  readonly listenUrl: string;
  readonly log: FastifyBaseLogger;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** Milliseconds since any moment, on a clock that nobody sets. Left out: that of the process. */
  readonly monotonicMs?: () => number;
  /** How often this server tells others that its receipts still stand; each takes the same. */
  readonly receiptHeartbeatMs?: number;
  /** Of this server alone, the same after a restart: it takes the place of one that was killed. Left out or null: it has none. */
  readonly instanceName?: string | null;
  /** How often this server tells others how many of its readers report telemetry; each takes the same. */
  readonly coverageEveryMs?: number;
  /** How often this server tells others who is connected to it; each takes the same. */
  readonly fleetEveryMs?: number;
  /** The database was not heard for seconds. */
  readonly onSilence?: () => void;
  /** Left out: nothing is kept on disk. */
  readonly snapshots?: SnapshotOptions;
  /** Left out: the defaults. */
  readonly limits?: StreamLimits;
  /** Left out: nothing is evaluated for others. */
  readonly ofrep?: OfrepSettings;
  /** Port of flagd's gRPC sync; left out or null: none. */
  readonly flagd?: FlagdConfig | null;
}

export interface SnapshotOptions {
  /** Folder of the files. */
  readonly folder: string;
  /** What a former start kept; null: nothing. With it this start does without the database. */
  readonly stored: StoredSnapshots | null;
  /** Whether the database has this build's schema, so that the first look is worth waiting for. */
  readonly isDatabaseReady: () => boolean;
}

export interface ManagementHooks {
  /** Whether the request's credential would still be accepted. */
  readonly isStillAllowed: (request: FastifyRequest) => Promise<boolean>;
}

export interface Delivery {
  /** `/sync/v1/*`, telemetry included, and `/health/*`. Register it before other routes, on the server itself. */
  readonly registerSyncRoutes: (app: FastifyInstance) => Promise<void>;
  /** Receipts and the notification stream, where the hooks authenticate and apply `config.policy`. */
  readonly registerManagementRoutes: (app: App, hooks: ManagementHooks) => void;
  /** Open sockets of SDKs. */
  readonly sockets: () => number;
  /** Of flagd's gRPC sync; null: off. */
  readonly flagdPort: () => number | null;
  readonly metrics: readonly Metric[];
  /** What this server has committed, in the turn in which that was acknowledged. */
  readonly follow: (recorded: RecordedChange) => void;
  /** Looks at the database now and takes over what it finds, as far as it can be read; for tests. */
  readonly poll: () => Promise<void>;
  /** Says goodbye to sockets, ends streams and the feed. Idempotent; the server calls it when it closes. */
  readonly close: () => Promise<void>;
}

/** With snapshots a first look that takes longer goes on beside what is served from them. */
const FIRST_LOOK_MS = 1_000;
/** Without: environments that take longer are read beside what is served of the others. */
const FIRST_READ_MS = 60_000;
/** A database that hangs must not keep the server from ending. */
const CLOSE_PATIENCE_MS = 1_000;

/**
 * Resolves once keys are in memory, and every rule set that could be read: readers of another one are told to come back. Rejects when the
 * database does not answer, or none could be read, and nothing was kept.
 */
export async function startDelivery(dependencies: DeliveryDependencies): Promise<Delivery> {
  const { db, sql, listenUrl, log, now, receiptHeartbeatMs = HEARTBEAT_MS, onSilence, snapshots } = dependencies;
  const { rulesDb = db, telemetryDb = db, instanceName, coverageEveryMs, fleetEveryMs } = dependencies;
  const { limits = defaultStreamLimits(), monotonicMs = () => performance.now() } = dependencies;
  const stored = snapshots?.stored ?? null;
  let clockOffsetMs = 0;
  let mayWrite = true;
  let closing: Promise<void> | undefined;
  let instanceId: string | undefined;
  const keys = createSdkKeyCache({
    db,
    databaseNow: () => now() + clockOffsetMs,
    kept: stored?.keys,
    onChange: () => keeper?.keysChanged(),
  });
  const use = createKeyUse({ db, log, monotonicMs });
  const remoteUse = createRemoteUse({ db: telemetryDb, log, monotonicMs });
  const notifications = createNotificationHub({ db, log, monotonicMs });
  const cache = createRuleSetCache({ reader: databaseReader(rulesDb), log, onChange });
  const answering = createAnsweringSince(monotonicMs);
  const receipts = startReceipts({
    db,
    environment: cache.get,
    log,
    now,
    clockOffsetMs: () => clockOffsetMs,
    heartbeatMs: receiptHeartbeatMs,
    answeringForMs: answering.forMs,
    onArrival: (arrival) => fleet.noteArrival(arrival),
    audience: notifications,
  });
  const hub = createHub({
    environment: cache.get,
    now,
    receipts: receipts.books,
    onEffect: receipts.metrics.noteEffect,
    onAhead,
    timers: nodeTimers,
    log,
  });

  const telemetry = startTelemetry({
    db: telemetryDb,
    log,
    readers: receipts.readers,
    databaseNow: () => now() + clockOffsetMs,
    ...(instanceName !== undefined && { instanceName }),
    ...(coverageEveryMs !== undefined && { coverageEveryMs }),
  });
  // Over the same connections: both can wait, and neither may hold up what delivers.
  const fleet = startFleet({
    db: telemetryDb,
    replica: randomUUID(),
    readers: receipts.readers,
    databaseNow: () => now() + clockOffsetMs,
    ...(fleetEveryMs !== undefined && { everyMs: fleetEveryMs }),
    log,
  });
  const epochs = createEpochWatch({
    environment: cache.get,
    digestAt: (environmentId, revision) => digestAt(rulesDb, environmentId, revision),
    mint: (served, seen) => mintNewEpoch({ db: rulesDb, now }, served, seen),
    monotonicMs,
    log,
  });
  const catchUp = createCatchUp({
    isThere: (head) => cache.hasReached(head) && epochs.isAtRest(head.environmentId),
    isNews: (head) => !cache.hasReached(head),
    take: async (head) => {
      if (await epochs.settle(head)) await cache.refresh(head);
    },
    describe: (environmentId) => {
      const rules = cache.get(environmentId)?.rules;
      return { environmentId, project: rules?.project, environment: rules?.environment };
    },
    onSilence,
    delay: (ms) => delay(ms, undefined, { ref: false }),
    monotonicMs,
    log,
  });
  const look = calmLook(() => feed.poll(), monotonicMs);
  const source: ViewSource = {
    cache,
    keys,
    use,
    poll: (environmentId) => look().then(() => catchUp.tried(environmentId)),
    onAhead,
  };
  const ofrep =
    dependencies.ofrep && startOfrep({ ...dependencies.ofrep, source, now, onUse: (key) => remoteUse.note(key, 'ofrep') });
  const flagd = startFlagd({
    ...{ source, log, config: dependencies.flagd ?? null },
    onUse: (key) => remoteUse.note(key, 'flagd'),
  });
  const follower = createCommitFollower({ cache, isSettled: epochs.isSettled, monotonicMs, log });
  const keeper = snapshots && keepSnapshots({ folder: snapshots.folder, log, environment: snapshotFrom, keys: keys.all });
  if (stored !== null) cache.seed(stored.environments);

  function snapshotFrom(environmentId: string) {
    const served = cache.get(environmentId);
    return served && snapshotOf(served);
  }

  function onChange(served: ServedEnvironment): void {
    hub.advance(served.rules.environmentId);
    // After the first frames have left, and in the same turn: no receipt comes in between.
    receipts.advance(served);
    ofrep?.advance(served);
    flagd.advance(served);
    keeper?.environmentChanged(served.rules.environmentId);
  }

  function onAhead(key: SdkKey, held: Pick<SyncState, 'epoch' | 'revision'>): void {
    const looked = look();
    // A client key is public: whoever has it could have every reader load everything anew.
    if (key.kind === 'server') void looked.then(() => epochs.claim(key.environmentId, held));
  }

  /** What is served and kept belongs to one instance; nothing of it outlives a database that turns out to be another one. */
  async function recognise(found: string): Promise<void> {
    if (found === instanceId) return;
    const former = instanceId ?? stored?.instanceId;
    instanceId = found;
    if (former !== undefined && former !== found) {
      log.error({ former, found }, 'the database holds another instance than what is served: that is served no more');
      hub.revoke(new Set([...keys.all().values()].map(({ id }) => id)));
      cache.forget();
      await keeper?.setAside();
    }
    keeper?.belongTo(found);
  }

  async function onHeads(looked: Heads): Promise<void> {
    answering.note(looked.incarnation);
    const heads = follower.begin(looked);
    clockOffsetMs = heads.clockOffsetMs;
    await recognise(heads.instanceId);
    if (mayWrite && heads.minWriter > SCHEMA_VERSION)
      log.error(
        'a newer Yardarm has updated the database: this server changes nothing any more, and goes on serving SDKs; update it',
      );
    mayWrite = heads.minWriter <= SCHEMA_VERSION;
    // Before the rule sets: a key that was revoked or has ended receives nothing newer.
    hub.revoke(await keys.update(heads.keysFingerprint));
    epochs.examine(heads);
    // Not waited for: the next look may find that a key was revoked, or what others have committed.
    catchUp.lead(heads.heads);
    follower.end(heads);
    void use.stamp(hub.keyIds());
    // Nor this: a reader may ask for the whole history.
    void notifications.catchUp();
  }

  const feed = startChangeFeed({
    ...{ sql, db, listenUrl, log, now, monotonicMs, onHeads },
    onViews: (project) => notifications.tell(project, { kind: 'views' }),
    ...(onSilence && { onSilence }),
  });
  const poll = () => feed.poll().then(() => catchUp.tried());
  const patienceMs = stored === null ? FIRST_READ_MS : FIRST_LOOK_MS;
  if (stored === null || snapshots?.isDatabaseReady()) await Promise.race([poll(), delay(patienceMs, undefined, { ref: false })]);

  async function closeAll(): Promise<void> {
    catchUp.close();
    notifications.close();
    ofrep?.close();
    await flagd.close();
    await Promise.all([hub.close(), feed.close()]);
    const noted = Promise.race([remoteUse.settled(), delay(CLOSE_PATIENCE_MS, undefined, { ref: false })]);
    // What goes on disk waits for nothing of the database.
    await Promise.all([receipts.close(), telemetry.close(), fleet.close(), noted, keeper?.close()]);
  }
  const close = () => {
    closing ??= closeAll();
    return closing;
  };
  const isNothingRead = cache.isEmpty() && catchUp.behind().some(({ isFailing }) => isFailing);
  if (stored === null && (isNothingRead || feed.silentMs() === Number.POSITIVE_INFINITY)) {
    await close();
    throw new Error('The rule sets could not be loaded: the database did not answer, or what it has cannot be read.');
  }
  try {
    await flagd.listen();
  } catch (error) {
    await close();
    throw error;
  }

  return {
    registerSyncRoutes: async (app) => {
      registerHealthRoutes(app, {
        silentMs: feed.silentMs,
        mayWrite: () => mayWrite && (snapshots?.isDatabaseReady() ?? true),
        closing: () => closing !== undefined,
      });
      const waitSeconds = createStreamLimits(limits);
      const hooks = { onPolled: receipts.onPolled, onAnswered: receipts.metrics.noteAnswer, beforeClose: close };
      const { maxStrangers = DEFAULT_MAX_STRANGERS } = limits;
      await registerSyncRoutes(app, { ...source, ...hooks, hub, waitSeconds, maxStrangers });
      await ofrep?.registerRoutes(app);
      flagd.registerRoutes(app);
      await telemetry.registerRoute(app, source);
    },
    registerManagementRoutes: (app, { isStillAllowed }) => {
      registerReceiptRoutes(app, { cache, readReceipts: receipts.read });
      registerFleetRoutes(app, { db, cache, readFleet: fleet.read, now });
      registerClientViewRoutes(app, { cache });
      flagd.registerManagementRoutes(app);
      registerNotificationRoutes(app, { db, hub: notifications, isStillAllowed });
    },
    sockets: hub.sockets,
    flagdPort: flagd.port,
    metrics: [
      ...receipts.metrics.all,
      ...telemetry.metrics,
      createBehindMetric(catchUp.behind, cache.get),
      createDatabaseGauge(feed.silentMs, MAX_SILENT_MS),
    ],
    follow: follower.follow,
    poll,
    close,
  };
}
