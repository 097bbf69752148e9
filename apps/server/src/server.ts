/**
 * The order in which a server comes up, and the reverse in which it goes down. Nothing is announced before
 * everything below it works; but where a former start kept what SDKs need, they are served from it until the database is there. Whatever was opened is closed again when a later step fails or the start is broken off.
 */

import { existsSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { buildApp } from './app.ts';
import { checkpointKey } from './audit/checkpoint.ts';
import { type Checkpoints, startCheckpoints } from './audit/start-checkpoints.ts';
import { toLinkUrl } from './auth/sign-in-links.ts';
import type { Bootstrapped } from './bootstrap.ts';
import { startRehearsals } from './changes/rehearse-kills.ts';
import type { Config } from './config.ts';
import { ensureDataDirectory } from './data-directory.ts';
import { createPool } from './db/client.ts';
import { openDatabase, POOL_CLOSE_SECONDS } from './db/open-database.ts';
import { CATCH_UP_CONNECTIONS } from './delivery/catch-up.ts';
import { MAX_LOOKUPS } from './delivery/sdk-keys.ts';
import { startDelivery } from './delivery/start-delivery.ts';
import { startNightlyExports } from './exports/nightly-export.ts';
import { startHygiene } from './hygiene/start-hygiene.ts';
import { listen } from './listen.ts';
import type { Logger } from './observability/logger.ts';
import type { OidcOptions } from './oidc/oidc-routes.ts';
import { prepareDatabase, prepareDatabasePatiently } from './prepare-database.ts';
import { ensureSecret } from './secret-file.ts';
import { readSnapshots } from './snapshots/snapshot-files.ts';
import { StartError } from './start-error.ts';
import { createEgress } from './webhooks/egress.ts';
import { createSecretBox } from './webhooks/secret-box.ts';
import { startSender } from './webhooks/sender.ts';

/** One polls, also while the others look up keys. */
const DELIVERY_CONNECTIONS = MAX_LOOKUPS + 1;
/** To load the largest rule set takes a second on an idle machine; given up too early it would never be loaded. */
const RULES_STATEMENT_TIMEOUT_MS = 15_000;
/** A kill takes milliseconds; more of them at once go through one lock anyway. */
const KILL_CONNECTIONS = 2;
/** One writes reports, the other sums up and says who reports. */
const TELEMETRY_CONNECTIONS = 2;
/** One holds its lock, the others read: whatever there is to assess, no request waits for a connection behind it. */
const HYGIENE_CONNECTIONS = 3;

/** Ordinary statements end after 5 s; of a pool that is at work for longer the database has to know. */
const STUCK_MS = 6_000;
/** A database that does not answer within it is away, and SDKs wait no longer for it. */
const SNAPSHOT_PATIENCE_MS = 1_000;

export interface ServerOptions {
  readonly config: Config;
  readonly log: Logger;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** PATH, for the PostgreSQL programs of the machine. */
  readonly searchPath: string;
  /** Breaks the start off; afterwards it has no effect. */
  readonly signal: AbortSignal;
  /** Called when another server took the embedded database over: this one must stop. */
  readonly onLost: (sentence: string) => void;
}

export interface RunningServer {
  /** Where this machine reaches the server, without a trailing slash. */
  readonly url: string;
  /** Of a sign-in or set-up link, which works once, for an hour; null where nobody needs one. */
  readonly signInUrl: string | null;
  readonly demo: Bootstrapped['demo'];
  /** Says goodbye to SDKs, then closes the database, and stops it if it is our own. */
  close(): Promise<void>;
}

export async function startServer({ config, log, now, searchPath, signal, onLost }: ServerOptions): Promise<RunningServer> {
  const closers: (() => Promise<void>)[] = [];
  const close = async () => {
    for (const closeOne of closers.splice(0).reverse()) {
      await closeOne().catch((error) => log.error({ err: error }, 'a part of the server did not close cleanly'));
    }
  };
  try {
    await ensureDataDirectory(config.dataDirectory);
    const secret = await ensureSecret(config.secretFile);
    const folder = join(config.dataDirectory, 'snapshots');
    const stored = await readSnapshots(folder, log);
    const database = await openDatabase({ config, log, searchPath, onLost, signal });
    closers.push(database.close);
    const { db } = database;
    const sessionUrl = config.listenUrl ?? database.url;
    let isReady = false;
    let isServing = false;
    const options = { database, sessionUrl, config, log, now, signal };
    const preparing = (stored === null ? prepareDatabase(options) : prepareDatabasePatiently(options, () => !isServing)).then(
      (bootstrapped) => {
        isReady = true;
        return bootstrapped;
      },
    );
    // Of what was kept SDKs are served while the database is away.
    await (stored === null ? preparing : Promise.race([preparing, delay(SNAPSHOT_PATIENCE_MS)]));
    signal.throwIfAborted();
    const isDatabaseReady = () => isReady;
    // Written a last time when everything that makes changes has closed.
    let checkpoints: Checkpoints | undefined;
    closers.push(async () => checkpoints?.close());
    // Of its own, so that no rush on the management API keeps a change from SDKs.
    const pool = createPool({
      url: database.url,
      applicationName: 'yardarm delivery',
      maxConnections: DELIVERY_CONNECTIONS,
      log,
    });
    // Nor does a rule set that takes long to read keep a revocation from being heard.
    const rulesPool = createPool({
      url: database.url,
      applicationName: 'yardarm rule sets',
      maxConnections: CATCH_UP_CONNECTIONS,
      statementTimeoutMs: RULES_STATEMENT_TIMEOUT_MS,
      log,
    });
    // Nor a kill from being written.
    const killPool = createPool({
      url: database.url,
      applicationName: 'yardarm kills',
      maxConnections: KILL_CONNECTIONS,
      log,
    });
    // Nor does a flood of telemetry take any but its own.
    const telemetryPool = createPool({
      url: database.url,
      applicationName: 'yardarm telemetry',
      maxConnections: TELEMETRY_CONNECTIONS,
      log,
    });
    const hygienePool = createPool({
      url: database.url,
      applicationName: 'yardarm hygiene',
      maxConnections: HYGIENE_CONNECTIONS,
      log,
    });
    const pools = [pool, rulesPool, killPool, telemetryPool, hygienePool];
    closers.push(async () => {
      await Promise.all(pools.map(({ sql }) => sql.end({ timeout: POOL_CLOSE_SECONDS })));
    });
    const snapshots = { folder, stored, isDatabaseReady };
    const onSilence = () => {
      for (const one of [database, ...pools]) void one.renewIfStuck(STUCK_MS);
    };
    const delivery = await startDelivery({
      ...pool,
      rulesDb: rulesPool.db,
      telemetryDb: telemetryPool.db,
      listenUrl: sessionUrl,
      log,
      now,
      onSilence,
      snapshots,
      limits: config.streamLimits,
      ofrep: { secret, perSecond: config.ofrepPerSecond },
      flagd: config.flagd,
      instanceName: config.instanceName,
    });
    closers.push(delivery.close);
    const webhooks = { egress: createEgress({ allowed: config.webhookAllow }), secretBox: createSecretBox(secret, 'webhooks') };
    const app = await buildApp({
      db,
      killDb: killPool.db,
      isDatabaseReady,
      log,
      now,
      delivery,
      secret,
      publicUrl: config.publicUrl,
      adminUiDir: findAdminUi(log),
      oidc: await readOidc(config, secret),
      trustedProxies: config.trustedProxies,
      metricsToken: config.metricsToken,
      version: readVersion(),
      ...webhooks,
    });
    closers.push(() => app.close());
    signal.throwIfAborted();
    const url = await listen(app, config);
    isServing = true;
    log.info({ url, database: database.description, ready: isReady }, 'server is listening');
    const { link, demo } = await preparing;
    signal.throwIfAborted();
    const rehearsals = startRehearsals({ killDb: killPool.db, connections: KILL_CONNECTIONS, now, log });
    closers.push(rehearsals.close);
    checkpoints = startCheckpoints({ db, key: checkpointKey(secret), now, log });
    if (config.exportDirectory !== null) {
      const nightly = startNightlyExports({ db, log, directory: config.exportDirectory, version: readVersion() });
      closers.push(nightly.close);
    }
    const hygiene = startHygiene({ db: hygienePool.db, log });
    closers.push(hygiene.close);
    const sender = startSender({ ...webhooks, db, log, now, publicUrl: config.publicUrl, random: Math.random });
    closers.push(sender.close);
    return { url, signInUrl: link && toLinkUrl(config.publicUrl ?? url, link.purpose, link.token), demo, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Null without a provider. The provider itself is not asked: it may be down now. */
async function readOidc({ oidc, publicUrl }: Config, secret: string): Promise<OidcOptions | null> {
  if (oidc === null || publicUrl === null) return null;
  const { clientSecretFile } = oidc;
  const fromFile =
    clientSecretFile === null
      ? null
      : await readFile(clientSecretFile, 'utf8').catch((cause) => {
          throw new StartError(
            `The file '${clientSecretFile}' of YARDARM_OIDC_CLIENT_SECRET_FILE cannot be read (${cause.code}).`,
            { cause },
          );
        });
  return { settings: oidc, clientSecret: fromFile?.trim() ?? oidc.clientSecret, secret, publicUrl };
}

/** Null in a checkout whose UI was not built. */
function findAdminUi(log: Logger): string | null {
  const folder = fileURLToPath(new URL('../../admin-ui/dist', import.meta.url));
  if (existsSync(folder)) return folder;
  log.warn('the admin UI is not built and will not be served');
  return null;
}

function readVersion(): string {
  const { version }: { version: string } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  return version;
}
