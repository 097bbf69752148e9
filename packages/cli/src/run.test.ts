import { describe, expect, it } from 'vitest';
import { useRig } from './testing/rig.ts';

const rig = useRig();

describe('yardarm kill', () => {
  it('posts the reason and says at which revision the flag is off', async () => {
    const { code, text } = await rig.yardarm('kill', 'new-checkout', '--environment', 'production', '--reason', 'on fire');
    expect(code).toBe(0);
    expect(text).toBe('new-checkout is off in production, revision 7.');
    expect(rig.requests[0]).toMatchObject({
      method: 'POST',
      path: '/api/v1/projects/shop/flags/new-checkout/environments/production/kill',
    });
    expect(JSON.parse(rig.requests[0]!.body)).toEqual({ reason: 'on fire' });
  });

  it.each([
    [['a', 'b', 'c'], { flags: ['a', 'b', 'c'] }],
    [['--tag', 'slow'], { tag: 'slow' }],
    [['--owner', 'search'], { owner: 'search' }],
  ])('kills several with %j in one request, and says what was on', async (which, input) => {
    const { code, text } = await rig.yardarm('kill', ...which, '--environment', 'production', '--reason', 'on fire');
    expect([code, text]).toEqual([0, 'Killed 2 flags in production, revision 9: a, b\nOff already: c']);
    expect(rig.requests.map(({ path, body }) => [path, JSON.parse(body)])).toEqual([
      ['/api/v1/projects/shop/environments/production/kill', { ...input, reason: 'on fire' }],
    ]);
  });

  it('exits 2 when it is told twice which flags to kill, and asks nothing of the server', async () => {
    for (const which of [
      ['a', '--tag', 'slow'],
      ['--tag', 'slow', '--owner', 'search'],
    ])
      expect(await rig.yardarm('kill', ...which, '--environment', 'production')).toMatchObject({ code: 2 });
    expect(rig.requests).toEqual([]);
  });

  it('exits 2 without an environment, and asks nothing of the server', async () => {
    const { code, text } = await rig.yardarm('kill', 'new-checkout');
    expect(code).toBe(2);
    expect(text).toContain('--environment');
    expect(rig.requests).toEqual([]);
  });
});

describe('yardarm', () => {
  it('exits 2 on an unknown command or option, naming it', async () => {
    expect(await rig.yardarm('frobnicate')).toMatchObject({ code: 2, text: expect.stringContaining("'frobnicate'") });
    expect(await rig.yardarm('flags', '--frob')).toMatchObject({ code: 2, text: expect.stringContaining('--frob') });
  });

  it('exits 3 and blames the token when the server does not know it', async () => {
    expect(await rig.yardarm('flags', '--token', 'wrong')).toMatchObject({
      code: 3,
      text: expect.stringContaining('does not accept this token'),
    });
  });

  it.each(['forbidden', 'a_code_of_a_newer_server'])(
    "says the server's sentence with its stable code %s",
    async (refusedWith) => {
      const { code, text } = await rig.yardarm('flags', '--project', `refused-with-${refusedWith}`);
      expect([code, text]).toEqual([3, `yardarm: The server would rather not. (${refusedWith})`]);
    },
  );

  it('says what is wrong with what it sent, place by place', async () => {
    const { code, text } = await rig.yardarm('flags', '--project', 'with-details');
    expect([code, text]).toEqual([
      3,
      "yardarm: The request's body has 2 problems: commit: Too short; app: Required. (validation_failed)",
    ]);
  });

  it('takes an empty variable for one that is not set', async () => {
    const { text } = await rig.yardarmWith({ YARDARM_URL: '', YARDARM_TOKEN: '', YARDARM_PROJECT: '', HOME: rig.home }, 'flags');
    expect(text).toContain('This command needs --token, YARDARM_TOKEN or yardarm login');
  });

  it('exits 3 and names the address when nobody answers there', async () => {
    const { code, text } = await rig.yardarm('flags', '--url', 'http://127.0.0.1:9');
    expect(code).toBe(3);
    expect(text).toContain('http://127.0.0.1:9');
  });

  it('exits 3 where the server answers what this version does not read', async () => {
    const { code, text } = await rig.yardarm('audit', 'checkpoints');
    expect([code, text]).toEqual([3, expect.stringContaining('yardarm doctor')]);
  });

  it('lists the flags with their state in each environment', async () => {
    expect(await rig.yardarm('flags')).toMatchObject({
      code: 0,
      text: 'new-checkout  release  payments  2026-11-01  production on',
    });
  });
});

describe('yardarm diff', () => {
  it('shows each difference and exits 1', async () => {
    const { code, text } = await rig.yardarm('diff', '--from', 'production', '--to', 'staging');
    expect(text).toBe(
      [
        'flag new-checkout changed',
        '  - fallthrough.variant: "off"',
        '  + fallthrough.variant: "on"',
        '  + targets.on.keys: "u1"',
        '  ~ rules: now in the order r2, r1',
        'segment beta changed',
        '  - when: null',
        '  + when: {"all":[]}',
        'flag new-checkout is off in production, on in staging',
      ].join('\n'),
    );
    expect(code).toBe(1);
    expect(rig.requests[0]?.path).toBe('/api/v1/projects/shop/compare?from=production&to=staging');
  });

  it('needs both environments', async () => {
    expect((await rig.yardarm('diff', '--from', 'production')).code).toBe(2);
  });
});

describe('yardarm promote', () => {
  it('copies everything unless told, with the reason', async () => {
    const { code, text } = await rig.yardarm('promote', '--from', 'staging', '--to', 'production', '--reason', 'release 7');
    expect(code).toBe(0);
    expect(text).toContain('2 changes made in production, revision 8.');
    expect(rig.requests).toMatchObject([{ method: 'POST', path: '/api/v1/projects/shop/environments/production/copy' }]);
    expect(JSON.parse(rig.requests[0]?.body ?? '')).toEqual({ from: 'staging', reason: 'release 7' });
  });

  it('copies what is named and nothing else', async () => {
    await rig.yardarm('promote', 'new-checkout', '--from', 'staging', '--to', 'production', '--segments', 'beta,staff');
    expect(JSON.parse(rig.requests[0]?.body ?? '')).toEqual({
      from: 'staging',
      flags: ['new-checkout'],
      segments: ['beta', 'staff'],
    });
  });

  it('shows on a dry run what the target would become, and only reads', async () => {
    const { text } = await rig.yardarm('promote', 'new-checkout', '--from', 'staging', '--to', 'production', '--dry-run');
    expect(rig.requests).toMatchObject([{ method: 'GET', path: '/api/v1/projects/shop/compare?from=production&to=staging' }]);
    expect(text).toContain('  + fallthrough.variant: "on"');
    expect(text).not.toContain('beta');
    expect(text).toContain('1 change would be made in production.');
  });
});
