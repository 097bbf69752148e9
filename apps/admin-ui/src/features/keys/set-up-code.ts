/** The lines that connect an application, ready to be pasted. */
import type { SdkKey } from '@yardarm/contract';

export interface SetUp {
  readonly kind: SdkKey['kind'];
  /** Origin of this server, as the application reaches it. */
  readonly url: string;
  /** The key itself where it was just made, else what stands for it. */
  readonly key: string;
}

export function installCommand(kind: SdkKey['kind']): string {
  return kind === 'server'
    ? 'npm install @openfeature/server-sdk @yardarm/sdk-node'
    : 'npm install @openfeature/web-sdk @yardarm/sdk-browser';
}

export function setUpCode({ kind, url, key }: SetUp): string {
  return kind === 'server'
    ? `import { OpenFeature } from '@openfeature/server-sdk';
import { YardarmProvider } from '@yardarm/sdk-node';

await OpenFeature.setProviderAndWait(new YardarmProvider({
  url: '${url}',
  key: ${key.startsWith('process.') ? key : `'${key}'`},
}));

const flags = OpenFeature.getClient();
const context = { targetingKey: user.id };
const on = await flags.getBooleanValue('my-flag', false, context);`
    : `import { OpenFeature } from '@openfeature/web-sdk';
import { YardarmWebProvider } from '@yardarm/sdk-browser';

await OpenFeature.setContext({ targetingKey: user.id });
await OpenFeature.setProviderAndWait(new YardarmWebProvider({
  url: '${url}',
  key: '${key}',
}));

const flags = OpenFeature.getClient();
const on = flags.getBooleanValue('my-flag', false);`;
}
