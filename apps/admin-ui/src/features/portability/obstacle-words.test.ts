import { expect, it } from 'vitest';
import { obstacleWords } from './obstacle-words.ts';

it('names what stands in the way and the rule or segment where it does, each once', () => {
  const operator = { code: 'operator', path: '/flags/pattern/rules/1/when/op' };
  expect(
    obstacleWords([
      operator,
      { ...operator, path: '/flags/pattern/rules/1/when/all/0/op' },
      { code: 'ignore_case', path: '/segments/a~1b/when/ignoreCase' },
      { code: 'salt', path: '/flags/pattern/salt' },
      { code: 'new_here', path: '' },
    ]),
  ).toEqual([
    'an operator that flagd does not have (rule 2)',
    'upper and lower case made the same, which flagd cannot do (segment a/b)',
    'a salt that is not ASCII',
    'new_here',
  ]);
});
