/** Says of each thing that has to be right whether it is, in one sentence; exit 1 where one is not. */
import { z } from 'zod';
import { createApiClient } from '../api-client.ts';
import type { Options } from '../options.ts';
import { ApiError, EXIT, type Output } from '../usage.ts';
import { VERSION } from '../version.ts';

interface Diagnosis {
  readonly code: 'server' | 'version' | 'clock' | 'token' | 'project';
  readonly ok: boolean;
  readonly sentence: string;
}

/** Beyond it a day begins at another time here than on the server, and tokens end early. */
const MAX_SKEW_MS = 60_000;
const TIMEOUT_MS = 15_000;
const description = z.object({ info: z.object({ version: z.string() }) });

export async function doctor(options: Options, nowMs: () => number, output: Output): Promise<number> {
  const found = await diagnose(options, nowMs);
  if (options.json) output.out(JSON.stringify({ version: 1, diagnoses: found }));
  else for (const { ok, sentence } of found) output.out(`${ok ? 'ok   ' : 'WRONG'} ${sentence}`);
  if (found.every(({ ok }) => ok)) return EXIT.clean;
  return found.some(({ code, ok }) => code === 'server' && !ok) ? EXIT.api : EXIT.findings;
}

async function diagnose({ url, token, project }: Options, nowMs: () => number): Promise<Diagnosis[]> {
  const response = await fetch(`${url}/api/v1/openapi.json`, { signal: AbortSignal.timeout(TIMEOUT_MS) }).catch(() => null);
  if (response === null)
    return [{ code: 'server', ok: false, sentence: `No answer from ${url}: is the address right, and the server running?` }];
  const described = description.safeParse(await response.json().catch(() => undefined));
  if (!described.success)
    return [{ code: 'server', ok: false, sentence: `${url} answers, but as no server of Yardarm: is a proxy in between?` }];
  const found: Diagnosis[] = [{ code: 'server', ok: true, sentence: `${url} answers.` }];
  const { version } = described.data.info;
  const isSame = version.split('.', 2).join('.') === VERSION.split('.', 2).join('.');
  const versions = `the server is version ${version}, this command ${VERSION}`;
  found.push({
    code: 'version',
    ok: isSame,
    sentence: isSame ? `The versions fit: ${versions}.` : `The versions differ: ${versions}; use that of the server.`,
  });
  found.push(...clockOf(response.headers.get('date'), nowMs()));
  found.push(...(await rightsOf(url, token, project)));
  return found;
}

/** HTTP says whole seconds, which is near enough. */
function clockOf(date: string | null, nowMs: number): Diagnosis[] {
  const serverMs = date === null ? Number.NaN : Date.parse(date);
  if (Number.isNaN(serverMs)) return [];
  const skew = Math.round(Math.abs(nowMs - serverMs) / 1_000);
  const ok = skew * 1_000 <= MAX_SKEW_MS;
  const sentence = ok
    ? 'The clocks agree.'
    : `The clocks differ by ${skew} seconds: set this machine's, or the server's, by NTP.`;
  return [{ code: 'clock', ok, sentence }];
}

async function rightsOf(url: string, token: string | undefined, project: string | undefined): Promise<Diagnosis[]> {
  if (token === undefined)
    return [{ code: 'token', ok: false, sentence: 'There is no token: set YARDARM_TOKEN, or run yardarm login.' }];
  const client = createApiClient(url, token);
  try {
    const { actor, grants } = await client.session();
    const roles = [...new Set(grants.map(({ role }) => role))].sort().join(', ') || 'no role';
    const found: Diagnosis[] = [{ code: 'token', ok: true, sentence: `The token is ${actor.name}'s, with ${roles}.` }];
    if (project === undefined) return found;
    const flags = await client.listFlags(project);
    return [...found, { code: 'project', ok: true, sentence: `Project '${project}' can be read: ${flags.length} flags.` }];
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return [{ code: project === undefined ? 'token' : 'project', ok: false, sentence: error.message }];
  }
}
