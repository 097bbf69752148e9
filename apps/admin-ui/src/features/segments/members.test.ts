import { describe, expect, it } from 'vitest';
import { editedMembers, withEdit } from '../../lib/draft.ts';
import { type Members, memberIssues, membersSentence } from './members.ts';

const NOBODY: Members = { include: [], exclude: [], when: null };

describe('membersSentence', () => {
  it.each<[Partial<Members>, string]>([
    [{}, 'nobody'],
    [{ exclude: ['a'] }, 'nobody'],
    [{ include: ['a', 'b'], exclude: ['c'] }, '2 named, 1 excepted'],
    [{ when: { attribute: 'plan', op: 'equals', values: ['pro'] } }, 'plan is "pro"'],
  ])('%j is %s', (members, sentence) => {
    expect(membersSentence({ ...NOBODY, ...members })).toBe(sentence);
  });
});

describe('memberIssues', () => {
  it('finds a condition that is not finished, and one that the server would refuse', () => {
    expect(memberIssues('beta', { ...NOBODY, when: { attribute: 'a', op: 'in', values: [] } })).toMatchObject([
      { path: '/when' },
    ]);
    expect(memberIssues('beta', { ...NOBODY, when: { segment: 'other' } })[0]?.path).toMatch(/^\/when/);
    expect(memberIssues('beta', { ...NOBODY, include: ['u'] })).toEqual([]);
  });
});

describe('editedMembers', () => {
  it('names what changed and nothing else', () => {
    expect(editedMembers({ before: NOBODY, version: 1, now: { ...NOBODY, include: ['a'] } })).toEqual({ include: ['a'] });
  });
});

describe('withEdit', () => {
  it('is no draft where it is back at what it was made from: what others publish is shown again', () => {
    const draft = withEdit(null, { before: NOBODY, version: 3 }, { ...NOBODY, include: ['a'] });
    expect(draft).toMatchObject({ version: 3, before: NOBODY });
    expect(withEdit(draft, { before: { ...NOBODY, include: ['b'] }, version: 4 }, NOBODY)).toBeNull();
  });
});
