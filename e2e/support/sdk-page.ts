/** A page of its own origin with the browser SDK and OpenFeature's web client in it, and handles for a test to pull. */
import { createRequire } from 'node:module';
import { root } from '../../scripts/launch.mjs';
import { type ScriptPage, serveScriptPage } from './script-page.ts';

/** What the script of the page puts on `window`. */
export interface SdkPage {
  /** Resolves with the milliseconds until the provider is ready; rejects as `setProviderAndWait` does. */
  start(options: { url: string; key: string; bootstrap?: unknown }, context?: object): Promise<number>;
  boolean(flagKey: string, codeDefault: boolean): boolean;
  status(): string;
  setContext(context: object): Promise<void>;
  /** Names of the events so far, in order. */
  readonly events: string[];
  /** What was drawn so far, by every event and every frame: whether the visitor is a beta tester, and whether the badge is shown. */
  readonly drawn: { readonly isTester: boolean; readonly badge: boolean }[];
}

const ENTRY = 'sdk-page.ts';
const SOURCE = `
  import { OpenFeature, ProviderEvents } from '@openfeature/web-sdk';
  import { YardarmWebProvider } from '@yardarm/sdk-browser';
  const client = OpenFeature.getClient();
  const events = [];
  const drawn = [];
  const draw = () => void drawn.push({
    isTester: 'email' in OpenFeature.getContext(),
    badge: client.getBooleanValue('beta-badge', false),
  });
  window.sdk = {
    events,
    drawn,
    start: async (options, context = {}) => {
      const startedMs = performance.now();
      await OpenFeature.setProviderAndWait(new YardarmWebProvider(options), context);
      const tookMs = performance.now() - startedMs;
      for (const event of Object.values(ProviderEvents)) client.addHandler(event, () => { events.push(event); draw(); });
      const frame = () => { draw(); requestAnimationFrame(frame); };
      frame();
      return tookMs;
    },
    boolean: (flagKey, codeDefault) => client.getBooleanValue(flagKey, codeDefault),
    status: () => client.providerStatus,
    setContext: (context) => OpenFeature.setContext(context),
  };
`;

export async function serveSdkPage(): Promise<ScriptPage> {
  return serveScriptPage(await bundle());
}

async function bundle(): Promise<string> {
  // Vite, the SDK and its peer belong to the React example, and are found from there.
  const folder = `${root}/examples/react`;
  const { build } = await import(createRequire(`${folder}/package.json`).resolve('vite'));
  const { output } = await build({
    root: folder,
    configFile: false,
    logLevel: 'error',
    resolve: { conditions: ['yardarm-source', 'module', 'browser', 'production'] },
    plugins: [
      {
        name: 'entry',
        resolveId: (id: string) => (id === ENTRY ? `${folder}/src/${ENTRY}` : null),
        load: (id: string) => (id.endsWith(ENTRY) ? SOURCE : null),
      },
    ],
    build: { write: false, target: 'es2023', minify: true, rolldownOptions: { input: ENTRY, output: { format: 'iife' } } },
  });
  return output[0].code;
}
