import type { AssessedFlag } from '@yardarm/contract';
import { expect, it } from 'vitest';
import { evidenceOf, reasonSentence, withDays } from './hygiene-words.ts';

const since = '2027-03-03T12:00:00Z';
const flag = (part: Partial<AssessedFlag>) =>
  ({ reasons: [], references: null, lastEvaluatedAt: null, awaitingDeploy: false, ...part }) as unknown as AssessedFlag;

it('says since when a flag stands where it does', () => {
  expect(reasonSentence({ code: 'not_evaluated', since })).toBe('not evaluated since 3 Mar 2027');
  expect(reasonSentence({ code: 'safe', since: null })).toBe('every fact speaks for removing it');
});

it('writes days of a sentence as they are written elsewhere, and leaves names alone', () => {
  expect(withDays('Made on 2027-03-03: named on main of release-2027-03-03.')).toBe(
    'Made on 3 Mar 2027: named on main of release-2027-03-03.',
  );
});

it('lists the evidence, and says nothing of what is not known', () => {
  expect(evidenceOf(flag({}))).toEqual([]);
  expect(evidenceOf(flag({ references: 1, lastEvaluatedAt: since, awaitingDeploy: true }))).toEqual([
    '1 place in code',
    'last evaluated on 3 Mar 2027',
    'out of the code, and still in a build that runs',
  ]);
  expect(evidenceOf(flag({ reasons: [{ code: 'not_evaluated', since }], lastEvaluatedAt: since, references: 0 }))).toEqual([
    'not evaluated since 3 Mar 2027',
    '0 places in code',
  ]);
});

it('says beside every last evaluation, and that there is none, how many instances report', () => {
  const evidence = (part: Partial<AssessedFlag>) => evidenceOf(flag(part), '94 % report');
  expect(evidence({ references: 1, lastEvaluatedAt: since })).toEqual([
    '1 place in code',
    'last evaluated on 3 Mar 2027 (94 % report)',
  ]);
  expect(evidence({ reasons: [{ code: 'not_evaluated', since }], lastEvaluatedAt: since })).toEqual([
    'not evaluated since 3 Mar 2027 (94 % report)',
  ]);
  expect(evidence({ reasons: [{ code: 'never_evaluated', since }] })).toEqual([
    'never evaluated, made on 3 Mar 2027 (94 % report)',
  ]);
  expect(evidence({ reasons: [{ code: 'code_gone', since }] })).toEqual(['no default branch has named it since 3 Mar 2027']);
});
