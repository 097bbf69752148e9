import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  addDays,
  DEFAULT_WINDOWS,
  LIFECYCLES,
  type LifecycleState,
  lifecycleOf,
  STANDINGS,
  type StandingFacts,
  standingOf,
} from './lifecycle.ts';

const TODAY = '2030-01-15';
const DAY_MS = 24 * 3_600_000;
const NOW_MS = Date.parse('2030-01-15T12:00:00Z');
const ago = (days: number) => NOW_MS - days * DAY_MS;

describe('lifecycleOf', () => {
  const ARCHIVED = '2030-01-01T00:00:00.000Z';
  it.each([
    [null, null, null, 'active'],
    [null, '2030-01-30', null, 'active'],
    [null, '2030-01-29', null, 'expiring'],
    [null, '2030-01-15', null, 'expiring'],
    [null, '2030-01-14', null, 'expired'],
    [null, null, 'stale', 'stale'],
    [null, '2030-01-29', 'stale', 'stale'],
    [null, '2030-01-14', 'stale', 'expired'],
    [null, null, 'ready_to_remove', 'ready_to_remove'],
    [null, '2030-01-14', 'ready_to_remove', 'ready_to_remove'],
    [ARCHIVED, null, null, 'archived'],
    [ARCHIVED, '2030-01-14', 'ready_to_remove', 'archived'],
  ] as const)('archived %s, expiry %s, standing %s: %s', (archivedAt, expiresOn, standing, expected) => {
    expect(lifecycleOf({ archivedAt, expiresOn, standing }, TODAY, DEFAULT_WINDOWS)).toBe(expected);
  });

  const day = fc.integer({ min: -400, max: 400 }).map((days) => addDays(TODAY, days));
  const state: fc.Arbitrary<LifecycleState> = fc.record({
    archivedAt: fc.constantFrom(null, ARCHIVED),
    expiresOn: fc.option(day),
    standing: fc.constantFrom(null, ...STANDINGS),
  });

  it('only ever moves a flag that nobody touches from active over expiring to expired', () => {
    const order = ['active', 'expiring', 'expired'];
    fc.assert(
      fc.property(state, fc.nat(365), fc.integer({ min: 1, max: 365 }), (given, later, expiringDays) => {
        const [before, after] = [TODAY, addDays(TODAY, later)].map((today) => lifecycleOf(given, today, { expiringDays }));
        if (given.archivedAt !== null || given.standing === 'ready_to_remove') expect(after).toBe(before);
        else if (given.standing === 'stale') expect(before === 'expired' ? after : 'expired').toBe('expired');
        else expect(order.indexOf(String(after))).toBeGreaterThanOrEqual(order.indexOf(String(before)));
        expect(LIFECYCLES).toContain(after);
      }),
    );
  });

  it('is expired from the day after the expiry on, whatever the window, unless it is archived or may go', () => {
    fc.assert(
      fc.property(state, day, fc.integer({ min: 1, max: 365 }), (given, today, expiringDays) => {
        const isOver = given.archivedAt !== null || given.standing === 'ready_to_remove';
        const expected = !isOver && given.expiresOn !== null && given.expiresOn < today;
        expect(lifecycleOf(given, today, { expiringDays }) === 'expired').toBe(expected);
      }),
    );
  });
});

describe('standingOf', () => {
  const IN_USE: StandingFacts = {
    isTemporary: true,
    createdAtMs: ago(100),
    oneValueSinceMs: null,
    lastEvaluatedAtMs: ago(0),
    heardAtMs: ago(0),
    codeGoneSinceMs: null,
    isSafe: false,
  };
  const codes = (facts: Partial<StandingFacts>) => {
    const { standing, reasons } = standingOf({ ...IN_USE, ...facts }, DEFAULT_WINDOWS, NOW_MS);
    return [standing, ...reasons.map(({ code }) => code)];
  };

  it.each<[string, Partial<StandingFacts>, string[]]>([
    ['a flag in use', {}, []],
    ['one value for 30 days', { oneValueSinceMs: ago(30) }, ['one_value']],
    ['one value for 29 days', { oneValueSinceMs: ago(29) }, []],
    ['one value of a flag that may stay', { oneValueSinceMs: ago(90), isTemporary: false }, []],
    ['not evaluated for 30 days', { lastEvaluatedAtMs: ago(30) }, ['not_evaluated']],
    ['not evaluated for 29 days', { lastEvaluatedAtMs: ago(29) }, []],
    ['never evaluated', { lastEvaluatedAtMs: null }, ['never_evaluated']],
    ['never evaluated, made 29 days ago', { lastEvaluatedAtMs: null, createdAtMs: ago(29) }, []],
    ['never evaluated where nobody ever reported', { lastEvaluatedAtMs: null, heardAtMs: null }, []],
    ['not evaluated where nobody reported for as long', { lastEvaluatedAtMs: ago(60), heardAtMs: ago(30) }, []],
    ['code gone for 7 days', { codeGoneSinceMs: ago(7) }, ['code_gone']],
    ['code gone for 6 days', { codeGoneSinceMs: ago(6) }, []],
    ['no code yet of a flag made 6 days ago', { codeGoneSinceMs: ago(90), createdAtMs: ago(6) }, []],
    [
      'all of it',
      { oneValueSinceMs: ago(50), lastEvaluatedAtMs: ago(40), codeGoneSinceMs: ago(45) },
      ['one_value', 'not_evaluated', 'code_gone'],
    ],
  ])('%s', (_, facts, reasons) => {
    expect(codes(facts)).toEqual([reasons.length > 0 ? 'stale' : null, ...reasons]);
  });

  it('is ready to remove when the verdict is safe, with the other reasons behind it', () => {
    expect(codes({ isSafe: true })).toEqual(['ready_to_remove', 'safe']);
    expect(codes({ isSafe: true, codeGoneSinceMs: ago(7) })).toEqual(['ready_to_remove', 'safe', 'code_gone']);
  });

  const days = fc.nat(400);
  const time = fc.option(days.map(ago));
  const facts: fc.Arbitrary<StandingFacts> = fc.record({
    isTemporary: fc.boolean(),
    createdAtMs: days.map(ago),
    oneValueSinceMs: time,
    lastEvaluatedAtMs: time,
    heardAtMs: time,
    codeGoneSinceMs: time,
    isSafe: fc.boolean(),
  });
  const window = fc.integer({ min: 1, max: 365 });
  const windows = fc.record({ expiringDays: window, notEvaluatedDays: window, oneValueDays: window, codeGoneDays: window });

  it('has a standing exactly when it has a reason, and a reason since no earlier than the flag is, for one value the value', () => {
    fc.assert(
      fc.property(facts, windows, (given, set) => {
        const { standing, reasons } = standingOf(given, set, NOW_MS);
        expect(standing === null).toBe(reasons.length === 0);
        expect(standing === 'ready_to_remove').toBe(given.isSafe);
        for (const { code, since } of reasons)
          if (since !== null)
            expect(Date.parse(since)).toBeGreaterThanOrEqual(
              code === 'one_value' ? Number(given.oneValueSinceMs) : given.createdAtMs,
            );
      }),
    );
  });

  it('loses no reason when a window becomes shorter, and none but for silence when time passes', () => {
    fc.assert(
      fc.property(facts, windows, fc.nat(100), (given, set, later) => {
        const reasonsOf = (nowMs: number, of = set) => standingOf(given, of, nowMs).reasons.map(({ code }) => code);
        const shorter = { ...set, oneValueDays: 1, codeGoneDays: 1 };
        expect(reasonsOf(NOW_MS, shorter)).toEqual(expect.arrayContaining(reasonsOf(NOW_MS)));
        const silent = ['never_evaluated', 'not_evaluated'];
        const lasting = reasonsOf(NOW_MS).filter((code) => !silent.includes(code));
        expect(reasonsOf(NOW_MS + later * DAY_MS)).toEqual(expect.arrayContaining(lasting));
      }),
    );
  });
});
