/**
 * The page: evaluates its flags in the browser, listens to what the shop's server evaluates, and draws both. It starts
 * with code defaults and never waits for Yardarm.
 */
import { OpenFeature, ProviderEvents } from '@openfeature/web-sdk';
import { YardarmWebProvider } from '@yardarm/sdk-browser';
import type { ServerState } from '../flags.ts';
import { answerAllFlags } from './browser-flags.ts';
import { part } from './dom.ts';
import { drawAnswers, drawCrowd, drawLink } from './draw-knowledge.ts';
import { drawGoods, drawShop } from './draw-shop.ts';
import { connectSearch } from './search.ts';
import { loadVisitor, saveVisitor, somebodyElse, toContext, type Visitor } from './visitor.ts';

async function startPage(): Promise<void> {
  const client = OpenFeature.getClient();
  let visitor = loadVisitor(localStorage);
  let server: ServerState | null = null;
  let stream: EventSource | null = null;

  const search = connectSearch(document.querySelector('#search-text') as HTMLInputElement, () => toContext(visitor));

  function draw(): void {
    const browser = answerAllFlags(client);
    drawShop(browser, server?.flags ?? [], visitor);
    drawAnswers(browser, server?.flags ?? []);
    drawCrowd(server?.crowd ?? [], visitor);
    drawLink(client.providerStatus, server?.provider ?? null);
  }

  function followServer(): void {
    stream?.close();
    stream = new EventSource(`/api/live?${new URLSearchParams(toContext(visitor))}`);
    stream.onmessage = ({ data }) => {
      server = JSON.parse(data) as ServerState;
      draw();
      void search.refresh();
    };
    // The browser reconnects by itself.
    stream.onerror = () => {
      server = null;
      draw();
    };
  }

  async function become(next: Visitor): Promise<void> {
    visitor = next;
    saveVisitor(localStorage, visitor);
    followServer();
    await OpenFeature.setContext(toContext(visitor));
    draw();
  }

  part<HTMLInputElement>('beta-tester').addEventListener('change', ({ target }) =>
    become({ ...visitor, betaTester: (target as HTMLInputElement).checked }),
  );
  part('next-visitor').addEventListener('click', () => become(somebodyElse(visitor)));
  for (const event of [ProviderEvents.Ready, ProviderEvents.ConfigurationChanged, ProviderEvents.Stale, ProviderEvents.Error])
    client.addHandler(event, draw);

  drawGoods();
  const { yardarmUrl, clientKey } = (await (await fetch('/api/config')).json()) as { yardarmUrl: string; clientKey: string };
  await OpenFeature.setContext(toContext(visitor));
  const provider = new YardarmWebProvider({ url: yardarmUrl, key: clientKey, app: { name: 'demo-shop-page' } });
  // Not awaited: until the first rule set arrives, and for as long as Yardarm is away, the code defaults hold.
  OpenFeature.setProviderAndWait(provider).then(draw, draw);
  await become(visitor);
}

void startPage();
