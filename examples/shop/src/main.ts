/**
 * Starts the shop. It never waits for Yardarm: it serves at once, with the code defaults of its flags until the first
 * rule set arrives. Under `npm start` it says over IPC where it listens, and stops when that parent is gone.
 */
import path from 'node:path';
import { OpenFeature } from '@openfeature/server-sdk';
import { YardarmProvider } from '@yardarm/sdk-node';
import { createShop } from './app.ts';
import { ConfigError, loadShopConfig, type ShopConfig } from './config.ts';
import { createLiveState } from './live-state.ts';

function readConfig(): ShopConfig {
  try {
    return loadShopConfig(process.env);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(2);
  }
}

const config = readConfig();

const provider = new YardarmProvider({ url: config.yardarmUrl, key: config.serverKey, app: { name: 'demo-shop' } });
// Not awaited; a start without Yardarm is not an error here, and the page shows the provider's state.
OpenFeature.setProviderAndWait(provider).catch(() => undefined);
const client = OpenFeature.getClient();

const shop = await createShop({
  client,
  live: createLiveState(client, () => performance.timeOrigin + performance.now()),
  page: { yardarmUrl: config.yardarmUrl, clientKey: config.clientKey },
  pageFolder: path.join(import.meta.dirname, 'page'),
});

async function stop(): Promise<void> {
  await shop.close();
  await OpenFeature.close();
  // The channel to the parent would keep the process alive.
  if (process.connected) process.disconnect();
}
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void stop());
process.once('disconnect', () => void stop());

try {
  const url = await shop.listen({ port: config.port, host: '127.0.0.1' });
  if (process.send) process.send({ type: 'ready', url });
  else process.stdout.write(`The demo shop listens on ${url}\n`);
} catch (error) {
  process.stderr.write(`The demo shop could not listen on port ${config.port}: ${(error as Error).message}. Set SHOP_PORT.\n`);
  await stop();
  process.exitCode = 1;
}
