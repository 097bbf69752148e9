import type { Right } from '@yardarm/contract';
import { describe, expect, it } from 'vitest';
import { mayIn, missingRights } from './rights.ts';

const right = (actions: string[], more: Partial<Right> = {}): Right => ({
  ...{ role: null, actions, project: 'shop', environment: null },
  ...more,
});
const wanted = {
  ...{ kind: 'flag' as const, isNew: true },
  isOn: new Map([
    ['production', true],
    ['staging', false],
  ]),
};
const environments = [
  { key: 'production', protected: true },
  { key: 'staging', protected: false },
];
const missing = (...rights: Right[]) => missingRights(wanted, mayIn('shop', rights), environments);
const actions = (sentences: readonly string[]) => sentences.map((sentence) => /\((.*)\)/.exec(sentence)?.[1]);

describe('missingRights', () => {
  it('asks for creating, for each environment, for switching on only where that is planned, and for releasing where it is protected', () => {
    expect(actions(missing())).toEqual([
      ...['flag.create', 'flag.configure', 'flag.unkill', 'environment.release', 'flag.configure'],
    ]);
    const all = right(['flag.create', 'flag.configure', 'flag.unkill', 'environment.release']);
    expect(missing(all)).toEqual([]);
    expect(missing({ ...all, project: null })).toEqual([]);
    expect(missing({ ...all, project: 'other' }).length).toBe(5);
  });

  it('takes a right to one environment for nothing in the project as a whole, nor in another environment', () => {
    const staging = right(['flag.create', 'flag.configure', 'flag.unkill'], { environment: 'staging' });
    expect(actions(missing(staging))).toEqual(['flag.create', 'flag.configure', 'flag.unkill', 'environment.release']);
    expect(missing(staging)[1]).toBe(
      'The token may not change flags in production (flag.configure); an administrator can give that right.',
    );
  });

  it('asks for segments by their own actions, and never for creating what is there', () => {
    const segment = { ...wanted, kind: 'segment' as const, isNew: false, isOn: new Map([['staging', false]]) };
    expect(actions(missingRights(segment, mayIn('shop', []), environments))).toEqual(['segment.configure']);
  });
});
