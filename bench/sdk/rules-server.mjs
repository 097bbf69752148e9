// @ts-check
/** A server that answers one rule set and takes counts, and nothing else: what an SDK needs to be ready. */
import { createServer } from 'node:http';

/**
 * @param {import('../../packages/evaluator/src/index.ts').RuleSet} ruleSet
 * @returns {Promise<{ url: string, batches: import('../../packages/sync/src/index.ts').TelemetryBatch[], stop: () => Promise<void> }>}
 */
export async function serveRules(ruleSet) {
  const text = JSON.stringify(ruleSet);
  /** @type {import('../../packages/sync/src/index.ts').TelemetryBatch[]} */
  const batches = [];
  const server = createServer(async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    if (request.url === '/sync/v1/telemetry') {
      batches.push(JSON.parse(Buffer.concat(chunks).toString()));
      response.writeHead(204).end();
    } else if (request.url?.startsWith('/sync/v1/ruleset')) {
      response.writeHead(200, { 'Content-Type': 'application/json' }).end(text);
    } else {
      response.writeHead(404).end();
    }
  });
  server.on('upgrade', (_, socket) => socket.end('HTTP/1.1 503 No\r\nConnection: close\r\n\r\n'));
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  const address = /** @type {import('node:net').AddressInfo} */ (server.address());
  return {
    url: `http://127.0.0.1:${address.port}`,
    batches,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
