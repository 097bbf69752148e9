// @ts-check
/** Reports as SDKs send them, and what they cost a process. */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { monotonicMs } from '../delivery/clock.mjs';

const COUNTS = 20;
const CLOCK_TICK_MS = 10;

/** @param {string} instance @param {number} counts @param {number} [seq] */
function reportOf(instance, counts, seq = 1) {
  const nowMs = Date.now();
  const app = { name: 'bench', version: '1' };
  return JSON.stringify({
    ...{ instance, sdk: 'bench/1', app, seq, from: nowMs - 60_000, to: nowMs, sentAt: nowMs, lost: 0 },
    counts: Array.from({ length: counts }, (_, index) => ({
      ...{ flag: `flag-${index}`, variant: 'on', reason: 'STATIC', defaultServed: false, defaultHash: 'a1b2c3d4', n: 7 },
    })),
  });
}

/** As text, of a flood. @param {string} key */
export function requestOf(key) {
  const body = reportOf('flood', COUNTS);
  const head = [
    'POST /sync/v1/telemetry HTTP/1.1',
    'Host: localhost',
    `Authorization: Bearer ${key}`,
    'Content-Type: application/json',
  ];
  return [...head, `Content-Length: ${Buffer.byteLength(body)}`, '', body].join('\r\n');
}

/** Milliseconds of the processor for each of those that come at 50 a second, as 3 000 instances would send. @param {string} url @param {string} key @param {number} pid */
export async function costOfReports(url, key, pid) {
  const reports = 500;
  const beforeMs = cpuMs(pid);
  const startedMs = monotonicMs();
  /** @type {Promise<unknown>[]} */
  const answers = [];
  for (let index = 0; index < reports; index += 1) {
    await sleep(Math.max(0, startedMs + index * 20 - monotonicMs()));
    const init = { method: 'POST', headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' } };
    answers.push(
      fetch(`${url}/sync/v1/telemetry`, { ...init, body: reportOf(`cost ${index}`, 100) }).then(async (answer) => {
        if (answer.status !== 204) throw new Error(`Answered ${answer.status}: ${await answer.text()}`);
      }),
    );
  }
  await Promise.all(answers);
  const busyMs = cpuMs(pid) - beforeMs;
  const idleFromMs = cpuMs(pid);
  await sleep(10_000);
  return (busyMs - (cpuMs(pid) - idleFromMs)) / reports;
}

/** @param {number} pid */
export function residentBytes(pid) {
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024;
}

/** Of user and system together. @param {number} pid */
export function cpuMs(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) * CLOCK_TICK_MS;
}
