import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Config, ConfigError, loadConfig, VARIABLE_NAMES } from './config.ts';
import { defaultMemoryLimitBytes } from './delivery/memory-limit.ts';

const documentation = readFileSync(new URL('../../../docs/configuration.md', import.meta.url), 'utf8');

describe('loadConfig', () => {
  it('gives safe defaults for an empty environment', () => {
    expect(loadConfig({})).toEqual({
      port: 4400,
      host: '127.0.0.1',
      databaseUrl: null,
      listenUrl: null,
      dataDirectory: resolve('.data'),
      publicUrl: null,
      demo: false,
      bootstrapToken: null,
      bootstrapKeys: [],
      secretFile: resolve('.data/secret'),
      exportDirectory: resolve('.data/exports'),
      webhookAllow: { ranges: expect.anything(), hosts: new Set() },
      trustedProxies: [],
      streamLimits: { handshakesPerSecond: 1_000, memoryLimitBytes: defaultMemoryLimitBytes() },
      ofrepPerSecond: 1_000,
      flagd: null,
      instanceName: 'embedded',
      metricsToken: null,
      oidc: null,
    } satisfies Config);
  });

  it('reads every variable', () => {
    const config = loadConfig({
      PORT: '0',
      HOST: '::1',
      DATABASE_URL: 'postgresql://u:p@db/yardarm',
      YARDARM_LISTEN_URL: 'postgresql://u:p@db:5433/yardarm',
      YARDARM_DATA_DIR: '/srv/yardarm',
      YARDARM_PUBLIC_URL: 'https://Flags.example.com/',
      YARDARM_DEMO: '1',
      YARDARM_BOOTSTRAP_TOKEN: 'x'.repeat(16),
      YARDARM_BOOTSTRAP_KEYS: 'shop/production/server=ys_abcdefgh, shop/staging/client=yc_12345678',
      YARDARM_SECRET_FILE: '/run/secrets/yardarm',
      YARDARM_NIGHTLY_EXPORT: '1',
      YARDARM_WEBHOOK_ALLOW: '10.0.0.0/8, hooks.internal:8443',
      YARDARM_EXPORT_DIR: '/backup/yardarm',
      YARDARM_TRUSTED_PROXIES: '10.0.0.0/8, ::1',
      YARDARM_HANDSHAKES_PER_SECOND: '50',
      YARDARM_MEMORY_LIMIT_MB: '512',
      YARDARM_OFREP_PER_SECOND: '200',
      YARDARM_FLAGD_PORT: '8015',
      YARDARM_FLAGD_ENVIRONMENT: 'shop/production',
      YARDARM_FLAGD_HOST: '0.0.0.0',
      YARDARM_FLAGD_TLS_CERT: '/tls/cert.pem',
      YARDARM_FLAGD_TLS_KEY: '/tls/key.pem',
      YARDARM_INSTANCE_NAME: 'yardarm-0',
      YARDARM_METRICS_TOKEN: 'm'.repeat(16),
      YARDARM_OIDC_ISSUER: 'https://id.example.com',
      YARDARM_OIDC_CLIENT_ID: 'yardarm',
      YARDARM_OIDC_CLIENT_SECRET: 'secret',
      YARDARM_OIDC_GROUPS: '{"platform":{"role":"admin"},"web":[{"role":"editor","project":"web"},{"team":"web"}]}',
    });
    expect(config).toEqual({
      port: 0,
      host: '::1',
      databaseUrl: 'postgresql://u:p@db/yardarm',
      listenUrl: 'postgresql://u:p@db:5433/yardarm',
      dataDirectory: '/srv/yardarm',
      publicUrl: 'https://flags.example.com',
      demo: true,
      bootstrapToken: 'xxxxxxxxxxxxxxxx',
      bootstrapKeys: [
        { project: 'shop', environment: 'production', kind: 'server', key: 'ys_abcdefgh' },
        { project: 'shop', environment: 'staging', kind: 'client', key: 'yc_12345678' },
      ],
      secretFile: '/run/secrets/yardarm',
      exportDirectory: '/backup/yardarm',
      webhookAllow: { ranges: expect.anything(), hosts: new Set(['hooks.internal:8443']) },
      trustedProxies: ['10.0.0.0/8', '::1'],
      streamLimits: { handshakesPerSecond: 50, memoryLimitBytes: 512_000_000 },
      ofrepPerSecond: 200,
      flagd: {
        ...{ port: 8015, host: '0.0.0.0', project: 'shop', environment: 'production' },
        tls: { certificateFile: '/tls/cert.pem', keyFile: '/tls/key.pem' },
      },
      instanceName: 'yardarm-0',
      metricsToken: 'm'.repeat(16),
      oidc: {
        issuer: 'https://id.example.com',
        clientId: 'yardarm',
        clientSecret: 'secret',
        clientSecretFile: null,
        scopes: 'openid profile email',
        name: 'single sign-on',
        createUsers: false,
        groupsClaim: 'groups',
        groups: new Map<string, object[]>([
          ['platform', [{ role: 'admin', actions: [], project: null, environment: null }]],
          ['web', [{ role: 'editor', actions: [], project: 'web', environment: null }, { team: 'web' }]],
        ]),
        algorithm: 'RS256',
      },
    });
  });

  it('asks for what single sign-on needs, all at once', () => {
    expect(problemsOf({ YARDARM_OIDC_ISSUER: 'https://id.example.com' })).toEqual([
      'YARDARM_OIDC_ISSUER is set, so set YARDARM_OIDC_CLIENT_ID too.',
      'YARDARM_OIDC_ISSUER is set, so set YARDARM_PUBLIC_URL too: the provider sends people back to it.',
    ]);
  });

  it('takes an empty value for unset', () => {
    expect(loadConfig({ PORT: '', DATABASE_URL: ' ', YARDARM_DEMO: '' })).toEqual(loadConfig({}));
  });

  it('keeps the secret beside the data unless told otherwise', () => {
    expect(loadConfig({ YARDARM_NIGHTLY_EXPORT: '0', YARDARM_EXPORT_DIR: '/backup' }).exportDirectory).toBeNull();
    expect(loadConfig({ YARDARM_DATA_DIR: '/srv/yardarm' }).secretFile).toBe('/srv/yardarm/secret');
  });

  it.each([
    ['PORT', '70000', 'from 0 to 65535'],
    ['PORT', '44.5', 'from 0 to 65535'],
    ['YARDARM_HANDSHAKES_PER_SECOND', '0', 'from 1 to 999999'],
    ['YARDARM_OFREP_PER_SECOND', '0', 'from 1 to 999999'],
    ['YARDARM_MEMORY_LIMIT_MB', '64', 'at least 100'],
    ['HOST', 'not a host', 'HOST must be an address'],
    ['DATABASE_URL', 'mysql://db/yardarm', 'DATABASE_URL must be a PostgreSQL address'],
    ['YARDARM_PUBLIC_URL', 'flags.example.com', 'http or https address without a path'],
    ['YARDARM_PUBLIC_URL', 'https://example.com/flags', 'without a path'],
    ['YARDARM_DEMO', 'yes', 'YARDARM_DEMO must be 1'],
    ['YARDARM_BOOTSTRAP_TOKEN', 'short', '16 to 512'],
    ['YARDARM_TRUSTED_PROXIES', '10.0.0.0/8, everybody', 'entry 2: write an address or a range'],
    ['YARDARM_TRUSTED_PROXIES', '0.0.0.0/0', 'entry 1'],
    ['YARDARM_INSTANCE_NAME', 'a b', 'yardarm-0'],
    ['YARDARM_METRICS_TOKEN', 'short', '16 to 512'],
    ['YARDARM_OIDC_ISSUER', 'http://id.example.com', 'must be the https address'],
    ['YARDARM_OIDC_SCOPES', 'profile', "must contain 'openid'"],
    ['YARDARM_OIDC_GROUPS', '{"web":{"role":"boss"}}', 'must be JSON such as'],
    ['YARDARM_OIDC_GROUPS', '{"web":{"role":"editor","environment":"production"}}', 'must be JSON such as'],
    ['YARDARM_OIDC_ALG', 'none', 'must be one of RS256'],
    ['YARDARM_BOOTSTRAP_KEYS', 'shop/production=ys_abcdefgh', 'entry 1: write project/environment/server=ys_'],
    ['YARDARM_BOOTSTRAP_KEYS', 'shop/production/server=yc_abcdefgh', 'entry 1: a server key is ys_'],
    ['YARDARM_BOOTSTRAP_KEYS', 'a/b/server=ys_abcdefgh,a/b/client=yc_short', 'entry 2: a client key is yc_'],
    ['YARDARM_BOOTSTRAP_KEYS', 'a b/c/server=ys_abcdefgh', 'entry 1: the project and the environment'],
    ['YARDARM_BOOTSTRAP_KEYS', 'a/b/server=ys_abcdefgh,a/c/server=ys_abcdefgh', 'entry 2: this key is given twice'],
  ])('refuses %s=%s', (name, value, sentence) => {
    expect(problemsOf({ [name]: value })).toEqual([expect.stringContaining(sentence)]);
  });

  it('names an unknown variable and the one that was meant', () => {
    expect(problemsOf({ YARDARM_DATADIR: '/x' })).toEqual([
      'YARDARM_DATADIR is not a setting of Yardarm. Did you mean YARDARM_DATA_DIR?',
    ]);
    expect(problemsOf({ YARDARM_COLOUR: 'red' })[0]).toContain('docs/configuration.md');
  });

  it('leaves the variables of the command line and of applications alone', () => {
    expect(loadConfig({ YARDARM_URL: 'http://x', YARDARM_TOKEN: 'abc', YARDARM_SERVER_KEY: 'ys_abcdefgh' })).toEqual(
      loadConfig({}),
    );
  });

  it('reports all problems at once', () => {
    expect(problemsOf({ PORT: 'x', YARDARM_DEMO: '2', YARDARM_NOPE: '1', YARDARM_BOOTSTRAP_KEYS: 'a,b' })).toHaveLength(5);
  });

  it('never repeats a secret, however it is misplaced', () => {
    const secret = 'ys_verySecretValue';
    const shapes = fc.constantFrom(
      (text: string) => ({ DATABASE_URL: `mysql://user:${text}@db/x` }),
      (text: string) => ({ YARDARM_BOOTSTRAP_TOKEN: `${text} with a space` }),
      (text: string) => ({ YARDARM_BOOTSTRAP_KEYS: text }),
      (text: string) => ({ YARDARM_BOOTSTRAP_KEYS: `${text}=shop/production/server` }),
      (text: string) => ({ YARDARM_BOOTSTRAP_KEYS: `shop/${text}!/server=${text}` }),
      (text: string) => ({ YARDARM_PUBLIC_URL: `https://${text}@example.com` }),
    );
    fc.assert(
      fc.property(shapes, (shape) => {
        const problems = problemsOf(shape(secret));
        expect(problems).not.toEqual([]);
        expect(problems.join()).not.toContain('verySecretValue');
      }),
    );
  });
});

describe('docs/configuration.md', () => {
  const rows = [...documentation.matchAll(/^\| `([A-Z_]+)` \| (.*?) \|/gm)].map(([, name, fallback]) => ({ name, fallback }));

  it('describes every variable that the server reads, and no other', () => {
    expect(rows.map((row) => row.name).toSorted()).toEqual([...VARIABLE_NAMES].toSorted());
  });

  it('states defaults that are the real ones', () => {
    const stated = rows.filter((row) => /^`[^`]+`$/.test(row.fallback ?? ''));
    const environment = Object.fromEntries(stated.map((row) => [row.name, row.fallback?.slice(1, -1)]));
    expect(stated.length).toBeGreaterThan(3);
    expect(loadConfig(environment)).toEqual(loadConfig({}));
  });
});

function problemsOf(env: Record<string, string>): readonly string[] {
  try {
    loadConfig(env);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}
