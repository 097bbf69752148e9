/** The lines that connect an application, ready to be pasted. */
import type { SdkKey } from '@yardarm/contract';

export interface SetUp {
  readonly kind: SdkKey['kind'];
  /** Origin of this server, as the application reaches it. */
  readonly url: string;
  /** The key itself where it was just made, else what stands for it. */
  readonly key: string;
}

interface Packages {
  readonly openFeature: string;
  readonly yardarm: string;
}

const PACKAGES: Record<SdkKey['kind'], Packages> = {
  server: { openFeature: '@openfeature/server-sdk', yardarm: '@yardarm/sdk-node' },
  client: { openFeature: '@openfeature/web-sdk', yardarm: '@yardarm/sdk-browser' },
};

export function installCommand(kind: SdkKey['kind']): string {
  return `npm install ${PACKAGES[kind].openFeature} ${PACKAGES[kind].yardarm}`;
}

export function setUpCode(setUp: SetUp): string {
  return setUp.kind === 'server' ? nodeCode(setUp, PACKAGES.server) : browserCode(setUp, PACKAGES.client);
}

function nodeCode({ url, key }: SetUp, { openFeature, yardarm }: Packages): string {
  return `import { OpenFeature } from '${openFeature}';
import { YardarmProvider } from '${yardarm}';

const provider = new YardarmProvider({
  url: '${url}',
  key: ${key.startsWith('process.') ? key : `'${key}'`},
});
// Starts without waiting: code defaults until the rules are here.
OpenFeature.setProviderAndWait(provider).catch(console.warn);

const flags = OpenFeature.getClient();
const context = { targetingKey: user.id };
const on = await flags.getBooleanValue('my-flag', false, context);`;
}

function browserCode({ url, key }: SetUp, { openFeature, yardarm }: Packages): string {
  return `import { OpenFeature } from '${openFeature}';
import { YardarmWebProvider } from '${yardarm}';

const provider = new YardarmWebProvider({
  url: '${url}',
  key: '${key}',
});
await OpenFeature.setContext({ targetingKey: user.id });
// Starts without waiting: code defaults until the rules are here.
OpenFeature.setProviderAndWait(provider).catch(console.warn);

const flags = OpenFeature.getClient();
const on = flags.getBooleanValue('my-flag', false);`;
}
