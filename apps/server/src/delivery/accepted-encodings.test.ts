import { expect, test } from 'vitest';
import { acceptedEncodings } from './accepted-encodings.ts';

test.each([
  [undefined, ['identity']],
  ['', ['identity']],
  ['gzip', ['gzip', 'identity']],
  ['GZip', ['gzip', 'identity']],
  ['x-gzip', ['gzip', 'identity']],
  ['gzip, deflate, br, zstd', ['br', 'gzip', 'identity']],
  ['gzip;q=1.0, br;q=0.8', ['gzip', 'br', 'identity']],
  ['gzip; q=0.5 , br ;q=0.5', ['br', 'gzip', 'identity']],
  ['br;q=1, gzip;q=0', ['br', 'identity']],
  ['br;q=0.000, gzip', ['gzip', 'identity']],
  ['identity', ['identity']],
  ['identity, gzip;q=0.5', ['identity', 'gzip']],
  ['*', ['br', 'gzip', 'identity']],
  ['*;q=0', ['identity']],
  ['gzip, *;q=0', ['gzip']],
  ['identity;q=0, gzip;q=0.1', ['gzip']],
  ['identity;q=0', ['identity']],
  ['gzip;q=nonsense', ['identity']],
  ['gzippy, brr', ['identity']],
])('%j accepts %j, best first', (header, expected) => {
  expect(acceptedEncodings(header)).toEqual(expected);
});
