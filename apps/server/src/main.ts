/**
 * The server as a process: settings from the environment, signals, exit codes, and the message to a parent over IPC.
 * It stops cleanly on SIGINT, SIGTERM, SIGHUP and when a parent that started it with IPC goes away; what it was not
 * written to survive is logged and ends it with exit code 1.
 */

import { runAdmin } from './admin/run-admin.ts';
import { loadConfig } from './config.ts';
import { createLogger } from './observability/logger.ts';
import { type RunningServer, startServer } from './server.ts';
import { StartError } from './start-error.ts';

/** Below the 20 s after which `npm start` kills, and above what the database needs for its shutdown. */
const STOP_DEADLINE_MS = 15_000;
const OLDEST_MAINTAINED_NODE = 22;
const USAGE = `Without arguments the server starts; its settings are environment variables (docs/configuration.md).
admin reset <user>   prints a link with which the user chooses a new password
admin new-epoch      after a backup was restored: SDKs take what the database holds now for the newest`;

const log = createLogger();
const stopping = new AbortController();

process.on('uncaughtException', (error) => {
  log.fatal({ err: error }, 'unexpected error, the server ends');
  process.exit(1);
});

if (process.argv[2] === 'admin') await administrate(process.argv.slice(3));
if (process.argv[2] !== undefined) {
  process.stderr.write(`${USAGE}\n`);
  process.exit(process.argv[2] === '--help' ? 0 : 2);
}

const starting = start();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stop(signal, 0));
if (process.send !== undefined) process.on('disconnect', () => stop('the end of the parent process', 0));

const server = await starting.catch((error: unknown) => {
  if (stopping.signal.aborted) process.exit(0);
  if (error instanceof StartError) process.stderr.write(`${error.message}\n`);
  else log.fatal({ err: error }, 'the server could not start');
  process.exit(1);
});
if (!stopping.signal.aborted) announce(server);

/** Runs a command on the machine of the server and ends the process. */
async function administrate(words: readonly string[]): Promise<never> {
  // Its output is read by a person, who wants the sentence and not the log.
  const quiet = createLogger({ write: () => {} });
  try {
    const dependencies = { config: loadConfig(process.env), log: quiet, now: Date.now, searchPath: process.env.PATH ?? '' };
    process.stdout.write(`${await runAdmin(words, dependencies)}\n`);
    process.exit(0);
  } catch (error) {
    if (error instanceof StartError) process.stderr.write(`${error.message}\n`);
    else log.fatal({ err: error }, 'the command failed');
    process.exit(1);
  }
}

function start(): Promise<RunningServer> {
  if (Number.parseInt(process.versions.node, 10) < OLDEST_MAINTAINED_NODE) {
    log.warn(
      { node: process.version },
      'this Node.js gets no security fixes any more; Yardarm runs, and Node.js 24 is recommended',
    );
  }
  return Promise.resolve().then(() =>
    startServer({
      config: loadConfig(process.env),
      log,
      now: Date.now,
      searchPath: process.env.PATH ?? '',
      signal: stopping.signal,
      onLost: (sentence) => {
        log.fatal(sentence);
        stop('the loss of its database', 1);
      },
    }),
  );
}

/** The first call stops; later ones (an impatient second Ctrl-C) change nothing. */
function stop(cause: string, exitCode: number): void {
  if (stopping.signal.aborted) return;
  log.info({ cause }, 'server is stopping');
  setTimeout(() => {
    log.error('the server did not stop in time and ends without waiting');
    process.exit(1);
  }, STOP_DEADLINE_MS).unref();
  stopping.abort();
  starting.then(
    async (running) => {
      await running.close();
      log.info('server has stopped');
      process.exit(exitCode);
    },
    // A start that was broken off has closed what it had opened; its own handler ends the process.
    () => undefined,
  );
}

function describeLink(url: string): string {
  return `${url.includes('/set-up#') ? 'Choose a name and a password' : 'Sign in'} (works once, within an hour): ${url}\n`;
}

function announce({ url, signInUrl, demo }: RunningServer): void {
  if (process.send !== undefined) process.send({ type: 'ready', url, signInUrl, demo });
  // Not through the log: it keeps credentials out, and this one is meant for whoever started the server.
  else process.stdout.write(`\nYardarm is running at ${url}\n${signInUrl === null ? '' : describeLink(signInUrl)}\n`);
}
