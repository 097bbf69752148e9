import { describe, expect, it } from 'vitest';
import { countReasons, filterAnswers } from './answers.ts';
import type { Answer } from './api/look-up.ts';
import { parseQuestion, readRevision, toHash, withTargetingKey } from './look-up-address.ts';

const answer = (flag: string, reason: string, variant: string) =>
  ({ flag, resolution: { reason, variant, value: variant === 'on' } }) as unknown as Answer;
const ANSWERS = [answer('new-checkout', 'SPLIT', 'on'), answer('banner', 'STATIC', 'off'), answer('search', 'STATIC', 'on')];

describe('parseQuestion', () => {
  it('reads what toHash has written, whatever is in it', () => {
    const question = { context: '{ "targetingKey": "a&b=c#d", "name": "Zoë + 100 %" }', revision: '12' };
    expect(parseQuestion(toHash(question))).toEqual(question);
    expect(parseQuestion(toHash({ ...question, revision: '' }))).toEqual({ ...question, revision: '' });
  });

  it('asks for nothing where nothing stands', () => {
    expect(parseQuestion('')).toBeNull();
    expect(parseQuestion('main')).toBeNull();
  });
});

describe('readRevision', () => {
  it('takes whole numbers, and nothing for the newest', () => {
    expect(['', ' 12 ', '0', '-1', '1.5', 'x'].map(readRevision)).toEqual([null, 12, 0, undefined, undefined, undefined]);
  });
});

describe('withTargetingKey', () => {
  it('puts it into the context, and leaves alone what is no object yet', () => {
    expect(withTargetingKey('', { targetingKey: 'a', plan: 'pro' }, 'b')).toBe('{ "targetingKey": "b", "plan": "pro" }');
    expect(withTargetingKey('{ "pla', null, 'b')).toBe('{ "pla');
  });
});

describe('filterAnswers', () => {
  it('finds by flag, variant and value, of one reason', () => {
    expect(filterAnswers(ANSWERS, { q: 'on true', reason: '' }).map(({ flag }) => flag)).toEqual(['new-checkout', 'search']);
    expect(filterAnswers(ANSWERS, { q: 'on', reason: 'STATIC' }).map(({ flag }) => flag)).toEqual(['search']);
  });
});

describe('countReasons', () => {
  it('puts the most frequent first', () => {
    expect(countReasons(ANSWERS)).toEqual([
      { reason: 'STATIC', n: 2 },
      { reason: 'SPLIT', n: 1 },
    ]);
  });
});
