// @ts-check
/**
 * `npm start`: the server, then, once it says over IPC that it listens, the demo shop with the demo project's keys. The
 * shop may crash without harm to the server; when the server ends, everything ends, with the server's exit code.
 */
import path from 'node:path';
import { eachLine, readLogLine } from './log-lines.mjs';
import { StepFailed, step } from './steps.mjs';

const SERVER = 'apps/server/dist/main.js';
const SHOP = 'examples/shop/dist/main.js';

/**
 * What the server sends once it listens.
 * @typedef {object} Ready
 * @property {'ready'} type
 * @property {string} url
 * @property {string | null} [signInUrl] works once
 * @property {{ serverKey: string, clientKey: string } | null} [demo] null without a demo project
 */

/**
 * @param {import('./commands.mjs').Workspace} workspace
 * @returns {Promise<number>} the server's exit code
 */
export async function start(workspace) {
  const { env } = workspace;
  /** What was said before the summary: kept back, so that it breaks no line of progress. */
  let early = /** @type {{ level: string, text: string }[] | null} */ ([]);
  const say = (/** @type {{ level: string, text: string }} */ line) => {
    if (early === null) console.log(`  ${line.text}`);
    else early.push(line);
  };
  const server = begin(workspace, SERVER, { ...env, YARDARM_DEMO: env.YARDARM_DEMO || '1' }, (line) => say(readLogLine(line)));

  const ready = await step('Starting the server', () => firstMessage(workspace, server)).catch(async (error) => {
    const code = await server.ended;
    if (workspace.family.exitCodeOfSignal() !== null) throw error;
    const everything = (early ?? []).map(({ text }) => `  ${text}`).join('\n');
    throw new StepFailed(`${everything}\n\nThe server stopped before it was ready (exit code ${code}).`, code || 1);
  });
  const shop = ready.demo ? await startShop(workspace, ready.url, ready.demo, say) : null;
  // That everything went well is what the summary says.
  const noteworthy = (early ?? []).filter(({ level }) => level !== 'info');
  early = null;
  for (const line of noteworthy) say(line);
  if (workspace.family.exitCodeOfSignal() === null)
    console.log(summary(ready, shop, env.DATABASE_URL ? null : env.YARDARM_DATA_DIR || '.data'));
  const code = await server.ended;
  shop?.child.kill('SIGTERM');
  await shop?.ended;
  if (workspace.family.exitCodeOfSignal() === null)
    console.error(
      `\n  The server stopped by itself (exit code ${code}). If it was killed, its database lives on: the next start takes it over.`,
    );
  else console.log('\n  Stopped.');
  return code;
}

/**
 * @param {import('./commands.mjs').Workspace} workspace
 * @param {string} yardarmUrl
 * @param {{ serverKey: string, clientKey: string }} keys
 * @param {(line: { level: string, text: string }) => void} say
 * @returns {Promise<ReturnType<typeof begin> & { url: string } | null>} null where the shop did not start, after saying so
 */
async function startShop(workspace, yardarmUrl, { serverKey, clientKey }, say) {
  // The shop is an application like any other: the server's own settings and secrets are none of its business.
  const inherited = Object.entries(workspace.env).filter(([name]) => !/^(YARDARM_|DATABASE_URL$|PORT$|HOST$)/.test(name));
  const env = {
    ...Object.fromEntries(inherited),
    YARDARM_URL: yardarmUrl,
    YARDARM_SERVER_KEY: serverKey,
    YARDARM_CLIENT_KEY: clientKey,
  };
  const shop = begin(workspace, SHOP, env, (line) => say({ level: 'output', text: `shop: ${line}` }));
  const report = (/** @type {number} */ code) => {
    // 0: it was asked to stop.
    if (code === 0 || workspace.family.exitCodeOfSignal() !== null) return;
    say({ level: 'warn', text: `The demo shop stopped (exit code ${code}). The server goes on without it.` });
  };
  try {
    const { url } = await step('Starting the demo shop', () => firstMessage(workspace, shop));
    void shop.ended.then(report);
    return { ...shop, url };
  } catch {
    report(await shop.ended);
    return null;
  }
}

/**
 * @param {import('./commands.mjs').Workspace} workspace
 * @param {string} entry
 * @param {Record<string, string | undefined>} env
 * @param {(line: string) => void} onLine
 */
function begin({ root, family }, entry, env, onLine) {
  const options = { cwd: root, env, stdio: /** @type {('ignore' | 'pipe' | 'ipc')[]} */ (['ignore', 'pipe', 'pipe', 'ipc']) };
  const { child, ended } = family.begin(process.execPath, [path.join(root, entry)], options, { wholeGroup: false });
  eachLine(child.stdout, onLine);
  eachLine(child.stderr, onLine);
  return { child, ended };
}

/**
 * @param {import('./commands.mjs').Workspace} workspace
 * @param {ReturnType<typeof begin>} process
 * @returns {Promise<Ready>}
 */
function firstMessage({ family }, { child, ended }) {
  return new Promise((resolve, reject) => {
    child.on('message', (/** @type {Ready} */ message) => {
      if (message.type === 'ready') resolve(message);
    });
    ended
      .then((code) => {
        family.throwIfInterrupted();
        throw new StepFailed('Ended before it was ready.', code || 1);
      })
      .catch(reject);
  });
}

/**
 * @param {Ready} ready
 * @param {{ url: string } | null} shop
 * @param {string | null} dataDirectory null where the database is somewhere else
 */
function summary({ url, signInUrl, demo }, shop, dataDirectory) {
  const lines = [
    '',
    '  Yardarm is running.',
    '',
    `    Admin UI    ${url}`,
    ...(signInUrl ? [`    ${signInUrl.includes('/set-up#') ? 'Set up ' : 'Sign in'}     ${signInUrl}  (works once)`] : []),
    ...(shop === null ? [] : [`    Demo shop   ${shop.url}`]),
    '',
    ...(shop === null ? [] : ["  Open both, switch 'recommendations' off in production and watch the shop."]),
    ...(demo ? [] : ['  There is no demo project in this database, so the demo shop was not started.']),
    `  Stop with Ctrl-C.${dataDirectory === null ? '' : ` To begin again from nothing, remove ${dataDirectory}.`}`,
    '',
  ];
  return lines.join('\n');
}
