// @ts-check
/** An SDK that polls: while the database is away its rule set must still be served. */
import { setTimeout as sleep } from 'node:timers/promises';
import { mustCall } from './call.mjs';
import { PROJECT } from './writers.mjs';

const POLL_MS = 100;
export const SDK_ENVIRONMENT = 'production';

/** @param {{ url: string }} target */
export async function startSdkReader(target) {
  const path = `/projects/${PROJECT}/environments/${SDK_ENVIRONMENT}/keys`;
  const created = await mustCall(target, { method: 'POST', path, body: { kind: 'server', name: 'Crash rig' } });
  const { secret } = /** @type {{ secret: string }} */ (created.body);
  const stopping = new AbortController();
  const counts = { reads: 0, failures: 0, backward: 0 };
  let revision = 0;

  async function read() {
    const response = await fetch(`${target.url}/sync/v1/ruleset`, {
      headers: { authorization: `Bearer ${secret}` },
      signal: AbortSignal.timeout(5_000),
    }).catch(() => null);
    counts.reads += 1;
    if (!response?.ok) {
      counts.failures += 1;
      return;
    }
    const ruleSet = /** @type {{ revision: number }} */ (await response.json());
    if (ruleSet.revision < revision) counts.backward += 1;
    revision = ruleSet.revision;
  }

  // A key that the server has never seen is not in its memory: the first kill must not come before it was used.
  await read();
  if (counts.failures > 0) throw new Error('The SDK was refused while nothing was down.');
  const ended = (async () => {
    while (!stopping.signal.aborted) {
      await read();
      await sleep(POLL_MS);
    }
  })();
  return {
    counts,
    revision: () => revision,
    async stop() {
      stopping.abort();
      await ended;
    },
  };
}
