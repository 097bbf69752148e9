/** A process of somebody's application, with a real Node SDK that asks for one flag all the time. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { root, waitUntil } from '../../scripts/launch.mjs';

export interface AppProcess {
  /** What the flag is for it now; undefined before its first answer. */
  value(): string | undefined;
  until(value: boolean): Promise<void>;
  /** It hangs from here on: connected, and deaf. */
  freeze(): void;
  /** Ends it as it is. */
  kill(): Promise<void>;
  /** Lets it send its counts and end. */
  stop(): Promise<void>;
}

export async function startApp({ url, key, flag }: { url: string; key: string; flag: string }): Promise<AppProcess> {
  const child = spawn(process.execPath, ['e2e/support/app.mjs'], {
    cwd: root,
    env: { PATH: process.env.PATH, APP_URL: url, APP_KEY: key, APP_FLAG: flag },
  });
  const ended = once(child, 'exit');
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk) => {
      output += chunk;
    });
  const lines = () => output.split('\n').filter(Boolean);
  const until = (holds: () => boolean, what: string) =>
    waitUntil(
      () => holds() || child.exitCode !== null,
      20_000,
      () => `${what}:\n${output}`,
    );
  const value = () => lines().findLast((line) => line === 'true' || line === 'false');
  await until(() => lines().includes('ready'), 'an application to be ready');
  return {
    value,
    until: (wanted) => until(() => value() === String(wanted), `an application to say ${wanted}`),
    freeze: () => void child.kill('SIGSTOP'),
    async kill() {
      child.kill('SIGKILL');
      await ended;
    },
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGTERM');
      await ended;
    },
  };
}
