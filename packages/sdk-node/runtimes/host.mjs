// @ts-check
/**
 * Child of main.mjs: what an application does, with the package as it is published. Answers once, and then must end by itself,
 * with its connection open. Argument: the address of a server that serves.mjs started.
 */

import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { OpenFeature } from '@openfeature/server-sdk';
import { YardarmProvider } from '../dist/index.js';

const [url = workerData?.url, how = ''] = process.argv.slice(2);

if (how === 'worker' && isMainThread) {
  const worker = new Worker(new URL(import.meta.url), { workerData: { url } });
  worker.on('message', (message) => console.log(message));
} else {
  const provider = new YardarmProvider({ url, key: 'ys_0123456789', app: { name: 'runtimes' } });
  await OpenFeature.setProviderAndWait(provider);
  const viaClient = await OpenFeature.getClient().getStringValue('colour', 'none', { targetingKey: 'user-1', at: new Date() });
  const atOnce = provider.string('colour', 'none');
  // Long enough for the stream to open, which must not keep the process.
  await new Promise((resolve) => setTimeout(resolve, 300));
  const answer = `${viaClient} ${atOnce} ${isMainThread ? 'main thread' : 'worker'} Node ${process.versions.node}`;
  if (parentPort === null) console.log(answer);
  else parentPort.postMessage(answer);
}
