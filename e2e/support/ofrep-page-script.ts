/** The script of a page that uses the official OFREP web provider, as it is published. Bundled by ofrep-page.ts. */
import { OFREPWebProvider } from '@openfeature/ofrep-web-provider';
import { OpenFeature, ProviderEvents } from '@openfeature/web-sdk';
import type { OfrepPage } from './ofrep-page.ts';

declare global {
  interface Window {
    ofrep: OfrepPage;
  }
}

const client = OpenFeature.getClient();
const events: string[] = [];
for (const event of Object.values(ProviderEvents)) client.addHandler(event, () => events.push(event));

window.ofrep = {
  events,
  start: async ({ baseUrl, key, context }) => {
    await OpenFeature.setContext(context);
    const headers: [string, string][] = [['Authorization', `Bearer ${key}`]];
    await OpenFeature.setProviderAndWait(new OFREPWebProvider({ baseUrl, headers }));
  },
  boolean: (flagKey, codeDefault) => client.getBooleanValue(flagKey, codeDefault),
  setContext: (context) => OpenFeature.setContext(context),
  // As a page that comes back into sight.
  show: () => void document.dispatchEvent(new Event('visibilitychange')),
};
