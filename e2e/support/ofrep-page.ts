/** A page of its own origin with the official OFREP web provider in it, and handles for a test to pull. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { root } from '../../scripts/launch.mjs';

type Context = Readonly<Record<string, string>>;

/** What the script of the page puts on `window`. */
export interface OfrepPage {
  readonly start: (options: { baseUrl: string; key: string; context: Context }) => Promise<void>;
  readonly boolean: (flagKey: string, codeDefault: boolean) => boolean;
  readonly setContext: (context: Context) => Promise<void>;
  readonly show: () => void;
  /** Names of the events so far, in order. */
  readonly events: readonly string[];
}

export async function serveOfrepPage(): Promise<{ readonly url: string; stop(): Promise<void> }> {
  const script = await bundle();
  const server = createServer((request, response) => {
    if (request.url === '/page.js') response.writeHead(200, { 'content-type': 'text/javascript' }).end(script);
    else response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><script src="/page.js"></script>');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

async function bundle(): Promise<string> {
  // Vite belongs to the React example.
  const { build } = await import(createRequire(`${root}/examples/react/package.json`).resolve('vite'));
  const { output } = await build({
    root: `${root}/e2e/support`,
    configFile: false,
    logLevel: 'error',
    build: {
      write: false,
      target: 'es2023',
      rolldownOptions: { input: `${root}/e2e/support/ofrep-page-script.ts`, output: { format: 'iife' } },
    },
  });
  return output[0].code;
}
