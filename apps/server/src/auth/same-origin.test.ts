import { describe, expect, it } from 'vitest';
import { sourceOf } from './same-origin.ts';

describe('sourceOf', () => {
  const host = 'flags.example.com:4400';

  it.each([
    [{ 'sec-fetch-site': 'same-origin' }, 'same-origin'],
    [{ 'sec-fetch-site': 'same-site', origin: `http://${host}` }, 'cross-site'],
    [{ 'sec-fetch-site': 'none' }, 'cross-site'],
    [{ origin: `http://${host}` }, 'same-origin'],
    [{ origin: `https://${host}` }, 'same-origin'],
    [{ origin: 'http://flags.example.com' }, 'cross-site'],
    [{ origin: 'http://flags.example.com:4400.evil.test' }, 'cross-site'],
    [{ origin: 'null' }, 'cross-site'],
    [{ origin: '' }, 'cross-site'],
    [{}, 'unknown'],
  ])('%j is %s', (headers, expected) => {
    expect(sourceOf({ host, ...headers }, null)).toBe(expected);
  });

  it('knows the configured address behind a proxy that rewrites Host', () => {
    const headers = { host: '10.0.0.7:4400', origin: 'https://flags.example.com' };
    expect(sourceOf(headers, 'https://flags.example.com')).toBe('same-origin');
    expect(sourceOf(headers, null)).toBe('cross-site');
  });
});
