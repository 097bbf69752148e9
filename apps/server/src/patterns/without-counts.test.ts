import { expect, it } from 'vitest';
import { withoutCounts } from './without-counts.ts';

it.each([
  ['^a+b*$', ['^a+b*$']],
  ['\\p{L}+[{2}]\\u{61}\\{2\\}', ['\\p{L}+[{2}]\\u{61}\\{2\\}']],
  ['a{3}', ['(?:a)\\u{10FFFE}']],
  ['a{3}?b', ['(?:ab)\\u{10FFFE}']],
  ['a{500}b', ['(?:a+b)\\u{10FFFE}']],
  ['(ab){3}', ['(?:(ab)+)\\u{10FFFE}', '(ab){3}']],
  ['a{0}b{0,}c{1,}d{0,1}e{2,5}', ['(?:a*b*c+d?e+)\\u{10FFFE}']],
  ['a|\\p{L}{2,3}', ['(?:a|\\p{L}+)\\u{10FFFE}']],
])('%s is judged as %j', (source, expected) => {
  expect(withoutCounts(source)).toEqual(expected);
  for (const judged of expected) expect(() => new RegExp(judged, 'u')).not.toThrow();
});
