/** An application's own process, started and stopped apart from the launcher. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { root, waitUntil } from '../../scripts/launch.mjs';

export async function startShop(env: Record<string, string>): Promise<{ url: string; stop(): Promise<void> }> {
  const options = { cwd: root, env: { PATH: process.env.PATH, SHOP_PORT: '0', ...env } };
  const child = spawn(process.execPath, ['examples/shop/dist/main.js'], options);
  const ended = once(child, 'exit');
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk) => {
      output += chunk;
    });
  await waitUntil(
    () => /http\S+/.test(output) || child.exitCode !== null,
    10_000,
    () => `the shop:\n${output}`,
  );
  const [url = ''] = /http\S+/.exec(output) ?? [];
  return {
    url,
    async stop() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

/** A port that was free a moment ago, for a server that has to come back on the same one. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (typeof address !== 'object' || address === null) throw new Error('No free port.');
  return address.port;
}
