import { InMemoryProvider, OpenFeature } from '@openfeature/server-sdk';
import { afterEach, describe, expect, it } from 'vitest';
import { createShop } from './app.ts';
import { searchCatalogue, toSearchConfig } from './catalogue.ts';
import { ConfigError, loadShopConfig } from './config.ts';
import type { ServerState } from './flags.ts';
import { createLiveState } from './live-state.ts';

const flag = (disabled: boolean) => ({
  variants: { on: true, off: false },
  defaultVariant: disabled ? 'off' : 'on',
  disabled: false,
});

afterEach(() => OpenFeature.clearProviders());

describe('settings of the shop', () => {
  const whole = { YARDARM_URL: 'http://127.0.0.1:4400', YARDARM_SERVER_KEY: 'ys_12345678', YARDARM_CLIENT_KEY: 'yc_12345678' };

  it('listens on 4401 unless told otherwise', () => {
    expect(loadShopConfig(whole).port).toBe(4401);
    expect(loadShopConfig({ ...whole, SHOP_PORT: '0' }).port).toBe(0);
  });

  it('that are missing or malformed are named in one sentence', () => {
    expect(() => loadShopConfig({ ...whole, YARDARM_SERVER_KEY: undefined })).toThrow(
      "Set YARDARM_SERVER_KEY to a server SDK key of the environment to follow. 'npm start' does it for you.",
    );
    expect(() => loadShopConfig({ ...whole, SHOP_PORT: 'http' })).toThrow(ConfigError);
    expect(() => loadShopConfig({ ...whole, YARDARM_URL: 'nowhere' })).toThrow(ConfigError);
  });
});

describe('search', () => {
  it('finds letters with gaps only when the flag says so, after the exact hits', () => {
    expect(searchCatalogue('plt', { maxResults: 9, fuzzy: false })).toEqual([]);
    expect(searchCatalogue('pilot', { maxResults: 9, fuzzy: true })[0]?.id).toBe('hotel');
    expect(searchCatalogue('plt', { maxResults: 9, fuzzy: true }).map(({ id }) => id)).toContain('hotel');
  });

  it('gives at most as many results as the flag says', () => {
    expect(searchCatalogue('i', { maxResults: 3, fuzzy: false })).toHaveLength(3);
  });

  it('keeps the default of each member that the flag leaves out or gives in another type', () => {
    expect(toSearchConfig({ fuzzy: true, maxResults: 'many' })).toEqual({ maxResults: 4, fuzzy: true });
    expect(toSearchConfig(null)).toEqual({ maxResults: 4, fuzzy: false });
  });
});

describe('what the server knows', () => {
  it('is made of code defaults while there is no provider', async () => {
    const state = await createLiveState(OpenFeature.getClient(), () => 0).stateFor({ targetingKey: 'visitor-001' });
    expect(state.flags.find(({ key }) => key === 'recommendations')).toMatchObject({ value: true, variant: null });
    expect(state.crowd).toHaveLength(100);
  });

  it('is pushed to an open page when a flag changes, with the time at which the server saw it', async () => {
    const provider = new InMemoryProvider({ recommendations: flag(false) });
    await OpenFeature.setProviderAndWait(provider);
    const client = OpenFeature.getClient();
    let now = 1;
    const live = createLiveState(client, () => now);
    const shop = await createShop({
      client,
      live,
      page: { yardarmUrl: 'http://127.0.0.1:1', clientKey: 'yc_12345678' },
      pageFolder: import.meta.dirname,
    });
    const stopped = new AbortController();
    try {
      const url = await shop.listen({ port: 0, host: '127.0.0.1' });
      const response = await fetch(`${url}/api/live?targetingKey=visitor-001`, { signal: stopped.signal });
      const states = readStates(response);
      const recommendationsOf = (state: ServerState) => state.flags.find(({ key }) => key === 'recommendations')?.value;
      expect(recommendationsOf(await states())).toBe(true);

      now = 2;
      provider.putConfiguration({ recommendations: flag(true) });
      const changed = await states();
      expect(recommendationsOf(changed)).toBe(false);
      expect(changed.changedAtMs.recommendations).toBe(2);
    } finally {
      stopped.abort();
      await shop.close();
    }
  });
});

/** Reads one event of a server-sent event stream per call. */
function readStates(response: Response): () => Promise<ServerState> {
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  return async () => {
    while (!/data: .*\n\n/.test(text)) {
      const { value, done } = await reader.read();
      if (done) throw new Error('The stream ended.');
      text += value;
    }
    const [event = ''] = text.split('\n\n', 1);
    text = text.slice(event.length + 2);
    return JSON.parse(event.replace('data: ', ''));
  };
}
