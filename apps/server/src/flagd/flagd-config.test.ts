import { expect, it } from 'vitest';
import { loadConfig } from '../config.ts';

const ON = { YARDARM_FLAGD_PORT: '8015', YARDARM_FLAGD_ENVIRONMENT: 'shop/production' };

it('is off without a port, and on loopback unless told otherwise', () => {
  expect(loadConfig({}).flagd).toBeNull();
  expect(loadConfig(ON).flagd).toEqual({ port: 8015, host: '127.0.0.1', project: 'shop', environment: 'production', tls: null });
});

it('lets other machines in with TLS only', () => {
  const open = { ...ON, YARDARM_FLAGD_HOST: '0.0.0.0' };
  expect(() => loadConfig(open)).toThrow('YARDARM_FLAGD_TLS_CERT');
  const tls = { YARDARM_FLAGD_TLS_CERT: '/tls/cert.pem', YARDARM_FLAGD_TLS_KEY: '/tls/key.pem' };
  expect(loadConfig({ ...open, ...tls }).flagd).toMatchObject({
    host: '0.0.0.0',
    tls: { certificateFile: '/tls/cert.pem', keyFile: '/tls/key.pem' },
  });
});

it.each([
  [{ YARDARM_FLAGD_PORT: '8015' }, 'YARDARM_FLAGD_ENVIRONMENT'],
  [{ ...ON, YARDARM_FLAGD_PORT: '70000' }, 'from 0 to 65535'],
  [{ ...ON, YARDARM_FLAGD_ENVIRONMENT: 'production' }, 'shop/production'],
  [{ ...ON, YARDARM_FLAGD_TLS_CERT: '/tls/cert.pem' }, 'set both, or neither'],
])('refuses %j', (env, sentence) => {
  expect(() => loadConfig(env)).toThrow(sentence);
});
