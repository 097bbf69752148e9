// @ts-check
/** An application with the Node SDK: prints the value of one boolean flag whenever it changes, asked every 20 ms. */
import { YardarmProvider } from '../../packages/sdk-node/dist/index.js';

const { APP_URL: url = '', APP_KEY: key = '', APP_FLAG: flag = '' } = process.env;
const provider = new YardarmProvider({ url, key, app: { name: 'journey', version: '1.4.0' } });
let printed = '';
const ask = () => {
  const value = String(provider.boolean(flag, false, { targetingKey: 'user-1' }));
  if (value !== printed) console.log(value);
  printed = value;
};
await provider.initialize();
console.log('ready');
const timer = setInterval(ask, 20);
process.once('SIGTERM', async () => {
  clearInterval(timer);
  // Sends the counts.
  await provider.onClose();
});
