import type { AppInfo, SyncState } from '@yardarm/sync';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type BookHead, type BookPage, createReceiptBook, type Link, MAX_NAMED, type ReceiptBook } from './receipt-book.ts';

const COMMITTED_MS = 10_000;
const HEAD = headAt(7, COMMITTED_MS);

function headAt(revision: number, committedAtMs: number, epoch = '1-a'): BookHead {
  return { state: { epoch, revision, digest: `d${revision}` }, committedAtMs };
}

function open(head = HEAD) {
  const converged: { app: AppInfo; ms: number }[] = [];
  const book = createReceiptBook({ head, onConverged: (app, ms) => converged.push({ app, ms }) });
  return { book, converged };
}

let made = 0;
function join(book: ReceiptBook, said: { instance?: string; app?: AppInfo; connectedAtMs?: number } = {}): Link {
  const { instance = `instance-${made++}`, app = {}, connectedAtMs = 0 } = said;
  return book.join({ keyId: 'key', instance, sdk: 'test/1', app, connectedAtMs, heardAtMs: () => 500 });
}

describe('createReceiptBook', () => {
  test('takes as slowest the latest receipt of those who were connected at the commit', () => {
    const { book, converged } = open();
    const [quick, slow, late] = [join(book), join(book, { instance: 'slow' }), join(book, { connectedAtMs: COMMITTED_MS + 1 })];
    book.apply(quick, HEAD.state, COMMITTED_MS + 30);
    book.apply(slow, HEAD.state, COMMITTED_MS + 180);
    book.apply(late, HEAD.state, COMMITTED_MS + 60_000);
    expect(book.page()).toMatchObject({ connected: 3, applied: 3, rejected: 0, slowest: { instance: 'slow', ms: 180 } });
    expect(converged.map(({ ms }) => ms)).toEqual([30, 180]);
    book.leave(slow);
    expect(book.page().slowest).toMatchObject({ ms: 30 });
  });

  test.each([
    ['another epoch', { ...HEAD.state, epoch: '2-b' }],
    ['an older revision', { ...HEAD.state, revision: 6 }],
    ['another content', { ...HEAD.state, digest: 'xx' }],
  ])('does not count %s as applied', (_name, applied) => {
    const { book, converged } = open();
    book.apply(join(book), applied, COMMITTED_MS);
    expect(book.page()).toMatchObject({ connected: 1, applied: 0, slowest: null });
    expect(converged).toEqual([]);
  });

  test('counts an instance once that reconnected before its old link was noticed to be dead', () => {
    const { book } = open();
    const dead = join(book, { instance: 'one' });
    const living = join(book, { instance: 'one' });
    book.apply(living, HEAD.state, COMMITTED_MS + 5);
    expect(book.page()).toMatchObject({ connected: 1, applied: 1 });
    book.leave(dead);
    expect(book.page()).toMatchObject({ connected: 1, applied: 1 });
  });

  test('goes back to the old link when the newer one ends first', () => {
    const { book } = open();
    const older = join(book, { instance: 'one' });
    const newer = join(book, { instance: 'one' });
    book.apply(newer, HEAD.state, COMMITTED_MS + 5);
    book.leave(newer);
    expect(book.page()).toMatchObject({ connected: 1, applied: 0 });
    book.leave(older);
    expect(book.page()).toMatchObject({ connected: 0, applied: 0, apps: [] });
  });

  test('counts an app on although it was forgotten while a link of it was not counted', () => {
    const { book } = open();
    const [web, shop] = [{ name: 'web' }, { name: 'shop' }];
    join(book, { instance: 'one', app: web });
    const newer = join(book, { instance: 'one', app: shop });
    join(book, { instance: 'two', app: web });
    book.leave(newer);
    expect(book.page().apps).toMatchObject([{ name: 'web', connected: 2 }]);
  });

  test('counts a refusal as refusal although the rest was applied, and forgets that of older revisions', () => {
    const { book } = open();
    const [refusing, over] = [join(book), join(book)];
    for (const link of [refusing, over]) book.apply(link, HEAD.state, COMMITTED_MS + 5);
    book.reject(refusing, { epoch: '1-a', revision: 7, errors: [] });
    book.reject(over, { epoch: '1-a', revision: 6, errors: [] });
    expect(book.page()).toMatchObject({ connected: 2, applied: 1, rejected: 1 });
    book.advance(headAt(8, COMMITTED_MS + 100));
    expect(book.page()).toMatchObject({ connected: 2, applied: 0, rejected: 0, slowest: null });
  });

  test('counts who ran a revision before this server knew of it', () => {
    const { book, converged } = open();
    const next = headAt(8, COMMITTED_MS + 100);
    book.apply(join(book), next.state, COMMITTED_MS + 140);
    expect(book.page()).toMatchObject({ applied: 0 });
    book.advance(next);
    expect(book.page()).toMatchObject({ applied: 1, slowest: { ms: 40 } });
    expect(converged.map(({ ms }) => ms)).toEqual([40]);
  });

  test('tells the applied time of a revision once, however often a link is left and taken up again', () => {
    const { book, converged } = open();
    const older = join(book, { instance: 'one' });
    book.apply(older, HEAD.state, COMMITTED_MS + 5);
    book.leave(join(book, { instance: 'one' }));
    expect(book.page()).toMatchObject({ applied: 1 });
    expect(converged).toHaveLength(1);
  });

  test('names who is behind, with what it holds and when it was heard', () => {
    const { book } = open();
    const app = { name: 'web', version: '1.2', commit: 'abc' };
    book.apply(join(book, { instance: 'behind', app }), { ...HEAD.state, revision: 5 }, 0);
    expect(book.page().laggards).toEqual([
      {
        instance: 'behind',
        name: 'web',
        version: '1.2',
        commit: 'abc',
        sdk: 'test/1',
        held: { epoch: '1-a', revision: 5 },
        heardAtMs: 500,
      },
    ]);
    for (let index = 0; index < MAX_NAMED + 5; index++) join(book);
    expect(book.page().laggards).toHaveLength(MAX_NAMED);
  });

  test('counts by app and version, and says which of them refused what', () => {
    const { book } = open();
    const [one, two] = [join(book, { app: { name: 'web', version: '1' } }), join(book, { app: { name: 'web', version: '2' } })];
    join(book, { app: { name: 'web', version: '2' } });
    book.apply(one, HEAD.state, COMMITTED_MS);
    const error = { kind: 'flag' as const, key: 'banner', code: 'unreadable', path: '$', keptRevision: 3 };
    book.reject(two, { revision: 7, errors: [error] });
    expect(book.page().apps).toEqual([
      { name: 'web', version: '1', connected: 1, applied: 1, rejected: 0 },
      { name: 'web', version: '2', connected: 2, applied: 0, rejected: 1 },
    ]);
    expect(book.page().refusals).toEqual([
      { kind: 'flag', key: 'banner', code: 'unreadable', name: 'web', version: '2', instances: 1 },
    ]);
  });

  test('forgets a refusal of the newest revision that it knows once the instance runs a later one', () => {
    const { book } = open();
    const link = join(book);
    book.reject(link, { ...HEAD.state, errors: [] });
    book.apply(link, HEAD.state, COMMITTED_MS);
    expect(book.page()).toMatchObject({ applied: 0, rejected: 1 });
    book.apply(link, headAt(HEAD.state.revision + 1, 0).state, COMMITTED_MS);
    expect(book.page()).toMatchObject({ applied: 0, rejected: 0, laggards: [{ instance: link.said.instance }] });
  });

  test('does not count an instance at the older state that it ran before, between its two words of the later one', () => {
    const { book } = open();
    const link = join(book);
    book.apply(link, HEAD.state, COMMITTED_MS);
    book.reject(link, { ...headAt(HEAD.state.revision + 1, 0).state, errors: [] });
    expect(book.page()).toMatchObject({ connected: 1, applied: 0, rejected: 0 });
  });

  test('takes a refusal for one of the state that it names, through changes, restores and readers that are ahead', () => {
    const anyStep = fc.record({
      what: fc.constantFrom('change', 'restore', 'learn', 'move', 'move', 'move'),
      which: fc.nat({ max: 2 }),
      back: fc.nat({ max: 2 }),
      isRefused: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(anyStep, { maxLength: 60 }), (steps) => {
        let newest = { ...headAt(3, 0), isRefused: false };
        let head = newest;
        const { book } = open(head);
        const readers = [0, 1, 2].map(() => ({ link: join(book), at: null as typeof newest | null }));
        for (const { what, which, back, isRefused } of steps) {
          const { epoch, revision } = newest.state;
          const reader = readers[which];
          if (what === 'change') newest = { ...headAt(revision + 1, 0, epoch), isRefused };
          else if (what === 'restore')
            newest = { ...headAt(Math.max(1, revision - back), 0, `${Number.parseInt(epoch, 10) + 1}-a`), isRefused };
          else if (what === 'learn') {
            head = newest;
            book.advance(head);
          } else if (reader !== undefined && reader.at !== newest) {
            // As an SDK says it.
            reader.at = newest;
            if (newest.isRefused) book.reject(reader.link, { ...newest.state, errors: [] });
            book.apply(reader.link, newest.state, 0);
          }
          const current = readers.filter(({ at }) => at === head);
          const rejected = current.filter(({ at }) => at?.isRefused).length;
          expect(book.page()).toMatchObject({ connected: 3, applied: current.length - rejected, rejected });
        }
      }),
    );
  });

  test('says the same as a recount, whatever happens in whatever order', () => {
    const anyEvent = fc.record({
      what: fc.constantFrom('join', 'join', 'apply', 'apply', 'apply', 'reject', 'leave', 'advance', 'restore'),
      epoch: fc.constantFrom('1-a', '2-a'),
      which: fc.nat(),
      revision: fc.integer({ min: 1, max: 4 }),
      instance: fc.constantFrom('a', 'b', 'c'),
      app: fc.constantFrom('web', 'shop'),
      digest: fc.constantFrom('right', 'right', 'wrong'),
    });
    fc.assert(
      fc.property(fc.array(anyEvent, { maxLength: 60 }), (events) => {
        let head = headAt(1, 0);
        const { book } = open(head);
        const open_: Link[] = [];
        let nowMs = 0;
        for (const { what, which, epoch, revision, instance, app, digest } of events) {
          nowMs += 10;
          const link = open_[which % Math.max(1, open_.length)];
          if (what === 'join') open_.push(join(book, { instance, app: { name: app }, connectedAtMs: nowMs }));
          else if (what === 'advance') {
            head = headAt(head.state.revision + 1, nowMs, head.state.epoch);
            book.advance(head);
          } else if (what === 'restore') {
            if (head.state.epoch === '1-a') head = headAt(head.state.revision, nowMs, '2-a');
            book.advance(head);
          } else if (link !== undefined) {
            const state: SyncState = { epoch, revision, digest: digest === 'right' ? `d${revision}` : 'x' };
            if (what === 'apply') book.apply(link, state, nowMs);
            else if (what === 'reject') book.reject(link, { epoch, revision, errors: [] });
            else {
              open_.splice(open_.indexOf(link), 1);
              book.leave(link);
            }
          }
          expect(summary(book.page())).toEqual(recount(open_, head));
        }
      }),
    );
  });
});

function summary({ connected, applied, rejected, slowest, apps, laggards }: BookPage) {
  const byApp = apps.map((app) => [app.name, app.connected, app.applied, app.rejected]).sort();
  return { connected, applied, rejected, slowestMs: slowest?.ms ?? null, byApp, laggards: laggards.length };
}

/** The same from nothing but the open links, in order of their hello: of two with one identity the later counts. */
function recount(links: readonly Link[], { state, committedAtMs }: BookHead) {
  const counting = [...new Map(links.map((link) => [link.said.instance, link])).values()];
  const refused = counting.filter(({ rejected }) => rejected?.epoch === state.epoch && rejected.revision === state.revision);
  const runs = counting.filter((link) => !refused.includes(link) && sameState(link.applied, state));
  const times = runs
    .filter(({ said }) => said.connectedAtMs <= committedAtMs)
    .map(({ appliedAtMs }) => (appliedAtMs ?? 0) - committedAtMs);
  const names = [...new Set(counting.map(({ said }) => said.app.name))];
  const of = (all: readonly Link[], name: string | undefined) => all.filter(({ said }) => said.app.name === name).length;
  return {
    connected: counting.length,
    applied: runs.length,
    rejected: refused.length,
    slowestMs: times.length === 0 ? null : Math.max(...times.map((ms) => Math.max(0, ms))),
    byApp: names.map((name) => [name, of(counting, name), of(runs, name), of(refused, name)]).sort(),
    laggards: counting.length - runs.length - refused.length,
  };
}

function sameState(a: SyncState | null, b: SyncState): boolean {
  return a?.epoch === b.epoch && a.revision === b.revision && a.digest === b.digest;
}
