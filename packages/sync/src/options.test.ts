import { describe, expect, it } from 'vitest';
import { type CommonOptions, checkOptions } from './options.ts';

const good = { url: 'https://flags.example.com', key: 'ys_12345678' };
const check = (options: unknown, serverKeys = true) => checkOptions(options as CommonOptions, { serverKeys });

describe('good options', () => {
  it('come back with their defaults and addresses', () => {
    expect(check({ ...good, url: 'http://localhost:4400/base//' })).toEqual({
      baseUrl: 'http://localhost:4400/base',
      streamUrl: 'ws://localhost:4400/base/sync/v1/stream',
      key: 'ys_12345678',
      view: 'server',
      app: {},
      initializeTimeoutMs: 3_000,
      telemetry: true,
    });
    expect(check({ ...good, key: 'yc_12345678' })).toMatchObject({
      view: 'client',
      streamUrl: 'wss://flags.example.com/sync/v1/stream',
    });
  });

  it.each(['http://[::1]:4400', 'http://127.0.0.1:65535/', 'HTTPS://flags', 'https://münchen.example'])('may be %s', (url) => {
    expect(check({ ...good, url }).baseUrl).toBe(url.replace(/\/$/, ''));
  });

  it('may leave parts of the application undefined, as an environment variable that is not set does', () => {
    expect(check({ ...good, app: { name: 'shop', commit: undefined } }).app).toEqual({ name: 'shop' });
  });
});

describe('bad options throw one sentence that names the option', () => {
  it.each([
    ['no options', undefined, /pass at least \{ url, key \}/],
    ['an address without scheme', { ...good, url: 'flags.example.com' }, /'url' must be the http\(s\) address/],
    ['an address with a password', { ...good, url: 'https://a:b@flags.example.com' }, /'url'/],
    ['an address with a query', { ...good, url: 'https://flags.example.com?key=1' }, /'url'/],
    ['an address with a port that is no number', { ...good, url: 'http://localhost:port' }, /'url'/],
    ['an address with a port that does not exist', { ...good, url: 'http://localhost:65536' }, /'url'/],
    ['an address with half an IPv6 host', { ...good, url: 'http://[::1' }, /'url'/],
    ['no key', { url: good.url }, /'key' must be an SDK key/],
    ['an API token', { ...good, key: 'yt_1234567890' }, /'key' must be an SDK key/],
    ['an application that is text', { ...good, app: 'shop' }, /'app' must be an object/],
    ['a version that is a number', { ...good, app: { version: 2 } }, /'app.version' must be text/],
    ['a time of nothing', { ...good, initializeTimeoutMs: 0 }, /'initializeTimeoutMs' must be milliseconds above 0/],
    ['a time that is text', { ...good, initializeTimeoutMs: '3s' }, /'initializeTimeoutMs'/],
    ['telemetry that is text', { ...good, telemetry: 'no' }, /'telemetry' must be true or false/],
    ['an option that does not exist', { ...good, timeout: 3 }, /'timeout' is not known; known are url, key/],
  ])('%s', (_, options, sentence) => {
    expect(() => check(options)).toThrow(sentence);
    expect(() => check(options)).toThrow(TypeError);
  });

  it('a server key where users can read it', () => {
    expect(() => check(good, false)).toThrow(/is a secret: a browser needs a client key/);
  });
});
