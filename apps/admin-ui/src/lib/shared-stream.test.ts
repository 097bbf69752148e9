import { expect, test } from 'vitest';
import type { StreamEvent } from './project-stream.ts';
import { openSharedStream, type SharedChannel, type SharedMessage } from './shared-stream.ts';

/** A browser with one lock and one channel, both as specified: first come, first served; never to oneself. */
function browser() {
  const channels = new Set<SharedChannel>();
  const queue: (() => void)[] = [];
  const connections: ((event: StreamEvent) => void)[] = [];
  let open = 0;
  let held = false;
  const next = () => {
    const grant = queue.shift();
    held = grant !== undefined;
    grant?.();
  };
  const lead = (start: () => () => void) => {
    let stop: (() => void) | null = null;
    const grant = () => {
      stop = start();
    };
    queue.push(grant);
    if (!held) next();
    return () => {
      if (!stop) return void queue.splice(queue.indexOf(grant), 1);
      stop();
      next();
    };
  };
  const openTab = () => {
    const log: string[] = [];
    const channel: SharedChannel = {
      onmessage: null,
      postMessage(data: SharedMessage) {
        for (const other of channels) if (other !== channel) other.onmessage?.({ data });
      },
      close: () => channels.delete(channel),
    };
    channels.add(channel);
    const close = openSharedStream({
      channel,
      lead,
      open: (report) => {
        open += 1;
        connections.push(report);
        report({ kind: 'status', status: 'connecting' });
        return () => {
          open -= 1;
        };
      },
      report: (event) => log.push(event.kind === 'status' ? event.status : event.data),
    });
    return { log, close };
  };
  return { openTab, connections, openCount: () => open };
}

const live: StreamEvent = { kind: 'status', status: 'live' };

test('many tabs have one connection, and all hear what comes over it', () => {
  const { openTab, connections, openCount } = browser();
  const tabs = [openTab(), openTab(), openTab()];
  connections[0]!(live);
  connections[0]!({ kind: 'notification', data: 'killed' });
  expect(openCount()).toBe(1);
  for (const { log } of tabs) expect(log.slice(-2)).toEqual(['live', 'killed']);
});

test('a tab that comes later learns how the connection is', () => {
  const { openTab, connections } = browser();
  openTab();
  connections[0]!(live);
  expect(openTab().log).toEqual(['connecting', 'live']);
});

test('when the tab with the connection goes, another one connects, and every tab sees the gap', () => {
  const { openTab, connections, openCount } = browser();
  const [first, second, third] = [openTab(), openTab(), openTab()];
  connections[0]!(live);
  first!.close();
  expect(openCount()).toBe(1);
  connections[1]!(live);
  for (const { log } of [second!, third!]) expect(log.slice(-3)).toEqual(['live', 'connecting', 'live']);
  const heard = first!.log.length;
  connections[1]!({ kind: 'notification', data: 'killed' });
  expect(third!.log.at(-1)).toBe('killed');
  expect(first!.log).toHaveLength(heard);
});

test('a tab that only waited leaves no trace', () => {
  const { openTab, connections, openCount } = browser();
  const [first, second] = [openTab(), openTab()];
  second!.close();
  first!.close();
  expect(openCount()).toBe(0);
  expect(connections).toHaveLength(1);
});
