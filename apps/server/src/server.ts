/**
 * The order in which a server comes up, and the reverse in which it goes down. Nothing is announced before
 * everything below it works; whatever was opened is closed again when a later step fails or the start is broken off.
 */

import { existsSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { buildApp } from './app.ts';
import { adoptRecords } from './audit/adopt-records.ts';
import { checkpointKey } from './audit/checkpoint.ts';
import { startCheckpoints } from './audit/start-checkpoints.ts';
import { toLinkUrl } from './auth/sign-in-links.ts';
import { type Bootstrapped, bootstrap } from './bootstrap.ts';
import type { Config } from './config.ts';
import { ensureDataDirectory } from './data-directory.ts';
import { createPool } from './db/client.ts';
import { migrateDatabase } from './db/migrate.ts';
import { openDatabase, POOL_CLOSE_SECONDS } from './db/open-database.ts';
import { startDelivery } from './delivery/start-delivery.ts';
import { startNightlyExports } from './exports/nightly-export.ts';
import { listen } from './listen.ts';
import type { Logger } from './observability/logger.ts';
import type { OidcOptions } from './oidc/oidc-routes.ts';
import { ensureSecret } from './secret-file.ts';
import { StartError } from './start-error.ts';
import { createEgress } from './webhooks/egress.ts';
import { createSecretBox } from './webhooks/secret-box.ts';
import { startSender } from './webhooks/sender.ts';

/** One polls, the others load rule sets and look up keys. */
const DELIVERY_CONNECTIONS = 4;
/** To load the largest rule set takes a second on an idle machine; given up too early it would never be loaded. */
const DELIVERY_STATEMENT_TIMEOUT_MS = 15_000;
/** A kill takes milliseconds; more of them at once go through one lock anyway. */
const KILL_CONNECTIONS = 2;

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
    const database = await openDatabase({ config, log, searchPath, onLost, signal });
    closers.push(database.close);
    signal.throwIfAborted();
    const { db } = database;
    const listenUrl = config.listenUrl ?? database.url;
    await migrateDatabase(listenUrl, log);
    signal.throwIfAborted();
    const adopted = await adoptRecords(db);
    if (adopted > 0) log.info({ adopted }, 'the history has hash chains from here on; what is older was adopted as it stood');
    const checkpoints = startCheckpoints({ db, key: checkpointKey(secret), now, log });
    closers.push(checkpoints.close);
    const { link, demo } = await bootstrap({ db, log, now, config });
    // Of its own, so that no rush on the management API keeps a change from SDKs.
    const pool = createPool({
      url: database.url,
      applicationName: 'yardarm delivery',
      maxConnections: DELIVERY_CONNECTIONS,
      statementTimeoutMs: DELIVERY_STATEMENT_TIMEOUT_MS,
      log,
    });
    closers.push(() => pool.sql.end({ timeout: POOL_CLOSE_SECONDS }));
    // Nor a kill from being written.
    const killPool = createPool({
      url: database.url,
      applicationName: 'yardarm kills',
      maxConnections: KILL_CONNECTIONS,
      log,
    });
    closers.push(() => killPool.sql.end({ timeout: POOL_CLOSE_SECONDS }));
    const delivery = await startDelivery({ ...pool, listenUrl, log, now });
    closers.push(delivery.close);
    const webhooks = { egress: createEgress({ allowed: config.webhookAllow }), secretBox: createSecretBox(secret, 'webhooks') };
    const app = await buildApp({
      db,
      killDb: killPool.db,
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
    if (config.exportDirectory !== null) {
      const nightly = startNightlyExports({ db, log, directory: config.exportDirectory, version: readVersion() });
      closers.push(nightly.close);
    }
    const sender = startSender({ ...webhooks, db, log, now, publicUrl: config.publicUrl, random: Math.random });
    closers.push(sender.close);
    log.info({ url, database: database.description }, 'server is listening');
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
