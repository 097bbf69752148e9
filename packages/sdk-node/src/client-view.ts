/**
 * What a server hands to the pages it renders: the client view of one environment, kept up to date like any SDK's rule set. It is
 * fetched with a client key, because what a browser may see, and what of it is hashed, is the Yardarm server's to say.
 */
import { randomUUID } from 'node:crypto';
import { type CommonOptions, checkOptions, refuse, type Store, startClient, startSending, startTelemetry } from '@yardarm/sync';
import { SDK } from './provider.ts';
import { nodeRuntime } from './runtime.ts';
import { nodeTransport } from './transport.ts';

export interface ClientView {
  /** Resolves with the first rule set, and without one after `initializeTimeoutMs`. Never rejects; attempts go on. */
  readonly ready: Promise<void>;
  /**
   * JSON text for the `bootstrap` option of `@yardarm/sdk-browser`, safe inside a script element; `null`, which that option
   * takes too, while there is none.
   */
  json(): string;
  /** Ends the connection and every timer. */
  close(): void;
}

/** Follows the client view of `key`, a client key. Throws a TypeError with one sentence when an option is wrong. */
export function followClientView(options: CommonOptions): ClientView {
  const checked = checkOptions(options, { serverKeys: true });
  if (checked.view !== 'client') refuse("Option 'key' must be a client key (yc_): its view is what browsers may see");
  const { app, initializeTimeoutMs } = checked;
  let text = 'null';
  let textOf: Store | null = null;
  let latest: Store | null = null;
  let stop = () => {};
  const instance = randomUUID();
  const transport = nodeTransport(checked);
  // It evaluates nothing, and says so: whoever reports nothing is taken for one that evaluates unheard.
  const sender = checked.telemetry
    ? startSending(
        startTelemetry(instance, nodeRuntime.wallMs()),
        (batch) => transport.sendTelemetry({ ...batch, sdk: SDK, app, sentAt: nodeRuntime.wallMs() }),
        nodeRuntime,
      )
    : null;
  // A server may await this before it listens, with nothing else to keep the process alive; nothing does after it is settled.
  const hold = setTimeout(() => {}, initializeTimeoutMs * 2);
  const ready = new Promise<void>((resolve) => {
    const client = startClient({
      config: { sdk: SDK, app, instance, initializeTimeoutMs },
      transport,
      runtime: nodeRuntime,
      correctClock: false,
      notify: ({ type }) => {
        if (type === 'ready' || type === 'failed') resolve();
      },
      onStore: (store) => {
        latest = store;
      },
    });
    stop = () => {
      void sender?.finish();
      client.stop();
      resolve();
    };
  });
  void ready.then(() => clearTimeout(hold));

  return {
    ready,
    json: () => {
      if (latest !== null && latest !== textOf) {
        text = jsonOf(latest);
        textOf = latest;
      }
      return text;
    },
    close: () => stop(),
  };
}

function jsonOf({ rules, state, hashing, entries, overlays }: Store): string {
  const flags: Record<string, unknown> = Object.create(null);
  const segments: Record<string, unknown> = Object.create(null);
  for (const { kind, key, body } of entries.values()) {
    const kill = kind === 'flag' ? overlays.get(key) : undefined;
    // Off before its body said so. Without the tag of that body the page's digest is another, and the page asks for the whole.
    const used = kill === undefined ? body : { ...body, on: false, offVariant: kill.offVariant, tag: '' };
    (kind === 'flag' ? flags : segments)[key] = used;
  }
  const { project, environment } = rules.ruleSet;
  const { epoch, revision } = state;
  const ruleSet = { format: 1, project, environment, epoch, revision, flags, segments, hashing };
  // A value may hold `</script>`.
  return JSON.stringify(ruleSet).replaceAll('<', '\\u003c');
}
