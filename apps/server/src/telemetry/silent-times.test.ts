import { describe, expect, it } from 'vitest';
import { identityOf, type Reader } from './coverage.ts';
import { createSilentTimes } from './silent-times.ts';

const MINUTE_MS = 60_000;
const START_MS = 1_000 * MINUTE_MS;
const reader = (connectedAtMs: number, instance = 'silent'): Reader => ({
  ...{ keyId: 'k', keyKind: 'server', environmentId: 'e', instance, sdk: 'test/1', connectedAtMs },
  app: { name: null, version: null, commit: null },
});
const after = (minutes: number) => START_MS + minutes * MINUTE_MS;

/** For how many minutes an instance counts as connected that is looked at each minute of each of these connections. */
function minutesOf(connections: readonly (readonly [from: number, to: number])[]): number {
  const times = createSilentTimes();
  let minutes = 0;
  for (const [from, to] of connections)
    for (let at = from; at <= to; at++) {
      times.dropOld(after(at));
      minutes = (after(at) - times.note(reader(after(from)), after(at)).connectedAtMs) / MINUTE_MS;
    }
  return minutes;
}

describe('the time for which an instance is silent', () => {
  it('is that of its connection, however late it is looked at first', () => {
    expect(minutesOf([[0, 20]])).toBe(20);
    expect(createSilentTimes().note(reader(START_MS), after(7)).connectedAtMs).toBe(START_MS);
  });

  it('goes on over connections that are cut, without what was between them', () => {
    expect(
      minutesOf([
        [0, 8],
        [9, 17],
      ]),
    ).toBe(16);
    expect(
      minutesOf([
        [0, 1],
        [50, 51],
      ]),
    ).toBe(2);
  });

  it('begins anew after an hour away, and when it has reported', () => {
    expect(
      minutesOf([
        [0, 8],
        [69, 71],
      ]),
    ).toBe(2);
    const times = createSilentTimes();
    times.note(reader(START_MS), after(8));
    times.forget(identityOf(reader(START_MS)));
    expect(times.note(reader(after(9)), after(10)).connectedAtMs).toBe(after(9));
  });

  it('is kept of twenty thousand instances, those that were seen last', () => {
    const times = createSilentTimes();
    for (let index = 0; index <= 20_000; index++) times.note(reader(START_MS, `${index}`), after(5));
    times.dropOld(after(6));
    const again = (instance: string) => (after(7) - times.note(reader(after(6), instance), after(7)).connectedAtMs) / MINUTE_MS;
    expect([again('20000'), again('0')]).toEqual([6, 1]);
  });
});
