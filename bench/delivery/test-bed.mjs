// @ts-check
/** A project with flags and one switch to flip, as the benches of delivery use it, and what can be asked about it. */
import { mustCall } from '../crash/call.mjs';

const PROJECT = 'bench';
const ENVIRONMENT = 'production';
export const SWITCH = 'the-switch';
const FLAGS = 50;
export const FLAGS_PATH = `/projects/${PROJECT}/flags`;
export const KEYS_PATH = `/projects/${PROJECT}/environments/${ENVIRONMENT}/keys`;

/** @typedef {{ epoch: string, revision: number, digest: string }} State */

/**
 * On a server without projects.
 * @param {{ url: string }} target
 * @param {number} flags
 * @returns {Promise<string>} a server key of the environment
 */
export async function makeTestBed(target, flags = FLAGS) {
  await mustCall(target, { method: 'POST', path: '/projects', body: { key: PROJECT, name: 'Bench' } });
  await mustCall(target, {
    method: 'POST',
    path: `/projects/${PROJECT}/environments`,
    body: { key: ENVIRONMENT, name: 'Production' },
  });
  for (const key of [SWITCH, ...Array.from({ length: flags - 1 }, (_, index) => `flag-${index}`)]) {
    const body = { key, kind: 'operational', variants: { on: true, off: false } };
    await mustCall(target, { method: 'POST', path: FLAGS_PATH, body });
  }
  const { body } = await mustCall(target, { method: 'POST', path: KEYS_PATH, body: { kind: 'server', name: 'Bench' } });
  return /** @type {{ secret: string }} */ (body).secret;
}

/**
 * Flips of the switch, by the requests that the admin UI sends: the first turns it on.
 * @param {{ url: string }} target
 * @param {typeof mustCall} send
 */
export function createFlipper(target, send = mustCall) {
  let isOn = false;
  /** @returns {Promise<{ revision: number, isOn: boolean }>} where it stands after the flip */
  return async function flip() {
    const verb = isOn ? 'kill' : 'unkill';
    const path = `${FLAGS_PATH}/${SWITCH}/environments/${ENVIRONMENT}/${verb}`;
    const { body } = await send(target, { method: 'POST', path, body: {} });
    isOn = !isOn;
    return { revision: /** @type {{ revision: number }} */ (body).revision, isOn };
  };
}

/**
 * @param {{ url: string }} target
 * @returns {Promise<{ revision: number, server: { connected: number, applied: number, pending: number, rejected: number, slowestMs: number | null, polling: { readers: number, applied: number } } }>}
 */
export async function readReceipts(target) {
  const path = `/projects/${PROJECT}/environments/${ENVIRONMENT}/receipts`;
  return /** @type {any} */ ((await mustCall(target, { method: 'GET', path })).body);
}

/**
 * What a new reader of the key is served.
 * @param {{ url: string }} target
 * @param {string} key
 * @returns {Promise<State>}
 */
export async function readState(target, key) {
  const response = await fetch(`${target.url}/sync/v1/ruleset`, { headers: { authorization: `Bearer ${key}` } });
  await response.body?.cancel();
  const [epoch = '', revision, digest = ''] = response.headers.get('yardarm-state')?.split('.') ?? [];
  if (!response.ok || digest === '') throw new Error(`The rule set was answered ${response.status}.`);
  return { epoch, revision: Number(revision), digest };
}

/**
 * When the newest revision was written, a moment before its commit.
 * @param {import('postgres').Sql} sql
 * @returns {Promise<number>} epoch milliseconds, exact to the microsecond
 */
export async function readCommittedMs(sql) {
  const [row] = await sql`
    select extract(epoch from h.committed_at)::float8 * 1000 as ms
    from environment_heads h join environments e on e.id = h.environment_id join projects p on p.id = e.project_id
    where p.key = ${PROJECT} and e.key = ${ENVIRONMENT}`;
  return Number(row?.ms);
}
