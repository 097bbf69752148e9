/** Where `yardarm login` keeps a token: one file, readable by its owner only. */
import { chmod, mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import type { Login } from './options.ts';
import { UsageError } from './usage.ts';

type Env = Readonly<Record<string, string | undefined>>;

const loginFile = z.object({ version: z.literal(1), url: z.url(), token: z.string().min(1) });

export function loginPath(env: Env): string {
  const config = env.XDG_CONFIG_HOME || join(env.HOME || homedir(), '.config');
  return join(config, 'yardarm', 'login.json');
}

/** Null without a login. Throws a UsageError where others may read the file, or where it is none. */
export async function readLogin(env: Env): Promise<Login | null> {
  const path = loginPath(env);
  const info = await stat(path).catch(() => null);
  if (info === null) return null;
  if (process.platform !== 'win32' && (info.mode & 0o077) !== 0)
    throw new UsageError(`'${path}' may be read by others: run chmod 600 on it, or yardarm login again, and revoke the token.`);
  const parsed = loginFile.safeParse(parseJson(await readFile(path, 'utf8')));
  if (!parsed.success) throw new UsageError(`'${path}' is no login: delete it, and run yardarm login again.`);
  return { url: parsed.data.url, token: parsed.data.token };
}

/** Which server a token of another origin is for, where nothing else says it. Null without a file of this user that nobody else writes. */
export async function readLoginUrl(env: Env): Promise<Pick<Login, 'url'> | null> {
  const path = loginPath(env);
  const info = await stat(path).catch(() => null);
  if (info === null || (process.platform !== 'win32' && ((info.mode & 0o022) !== 0 || info.uid !== process.getuid?.())))
    return null;
  const parsed = loginFile.safeParse(parseJson(await readFile(path, 'utf8').catch(() => '')));
  return parsed.success ? { url: parsed.data.url } : null;
}

/** Written aside and renamed, so that it is never there with wider rights or in part. */
export async function writeLogin(env: Env, login: Login): Promise<string> {
  const path = loginPath(env);
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const draft = `${path}.${process.pid}`;
  await writeFile(draft, `${JSON.stringify({ version: 1, ...login })}\n`, { mode: 0o600 });
  // The mode above holds for new files only.
  await chmod(draft, 0o600);
  await rename(draft, path);
  return path;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The schema says what it is not.
    return undefined;
  }
}
