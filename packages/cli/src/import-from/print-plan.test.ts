import { expect, it } from 'vitest';
import type { Plan } from './make-plan.ts';
import { howToApply, printPlan } from './print-plan.ts';

const LEFT = { kind: 'flag', key: 'lost', place: '/flags/lost', sentence: 'It cannot be said.' } as const;

function printed(plan: Plan): readonly string[] {
  const lines: string[] = [];
  printPlan(plan, { out: (line) => lines.push(line), error: () => {} });
  return lines;
}

it('gives what became neither flag nor segment the two lines that every other verdict has', () => {
  expect(printed({ flags: [], segments: [], left: [LEFT] }).slice(0, 2)).toEqual([
    'LEFT OUT  flag lost',
    '    It cannot be said. (/flags/lost)',
  ]);
  expect(printed({ flags: [], segments: [], left: [{ ...LEFT, kind: 'file', key: null }] })[0]).toBe('LEFT OUT  file');
});

it('tells nobody to apply a plan that writes nothing', () => {
  const nothing: Plan = { flags: [], segments: [], left: [LEFT] };
  expect(howToApply(nothing, { yes: false })).toBe('Nothing was changed, and this plan would change nothing.');
  const segment = { key: 'beta', name: 'Beta', obstacles: [], remarks: [], configurations: new Map() };
  const something: Plan = { ...nothing, segments: [{ ...segment, verdict: 'finish' }] };
  expect(howToApply(something, { yes: false })).toBe('Nothing was changed. Write --yes to apply this plan.');
  expect(howToApply(something, { yes: true })).toBe('Nothing was changed. Leave --plan out to apply this plan.');
});
