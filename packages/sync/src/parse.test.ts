import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { withSum } from './frame-sum.ts';
import { deltaPath, MAX_TEXT, RULE_SET_PATH } from './messages.ts';
import { parseClientMessage, parseRuleSet, parseServerMessage } from './parse.ts';
import { deltaOf, flagBody, ruleSetOf } from './testing/model.ts';

const hello = { type: 'hello', protocol: 1, formats: [1], sdk: 'test/1', app: {}, instance: 'i' };
const state = { epoch: '1000-a', revision: 7, digest: '0123456789abcdef' };
const welcome = { type: 'welcome', format: 1, view: 'server', beatMs: 15_000, now: 5, ...state };
const delta = deltaOf(ruleSetOf(1), ruleSetOf(2, { flags: { a: flagBody({ revision: 2, on: false }) } }));
const fromClient = (frame: unknown) => parseClientMessage(JSON.stringify(frame));
const fromServer = (frame: unknown) => parseServerMessage(JSON.stringify(frame));

describe('any frame', () => {
  it('that is not a JSON object with a type is invalid, and never throws', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        for (const parse of [parseClientMessage, parseServerMessage, parseRuleSet]) expect(() => parse(text)).not.toThrow();
      }),
    );
    for (const text of ['', '{', '[]', '1', 'null', '{}']) {
      expect(parseClientMessage(text)).toMatchObject({ type: 'invalid', closeCode: 4000 });
      expect(parseServerMessage(text)).toMatchObject({ type: 'invalid' });
    }
  });

  it('of an SDK keeps no character that a database refuses, also where a text was cut', () => {
    const [bad, good] = ['a\0\ud800', 'a\ufffd\ufffd'];
    const app = { name: bad, version: bad, commit: bad };
    expect(fromClient({ ...hello, sdk: bad, instance: bad, app, have: { ...state, epoch: bad, digest: bad } })).toMatchObject({
      sdk: good,
      instance: good,
      app: { name: good, version: good, commit: good },
      have: { epoch: good, digest: good },
    });
    const error = { kind: 'flag', key: bad, code: bad, path: bad };
    expect(fromClient({ type: 'rejected', revision: 7, errors: [error] })).toMatchObject({
      errors: [{ key: good, code: good, path: good }],
    });
    expect(fromClient({ type: 'applied', ...state, epoch: bad })).toMatchObject({ epoch: good });
    const long = { type: 'rejected', epoch: 'e'.repeat(MAX_TEXT + 1), revision: 7, errors: [] };
    expect(fromClient(long)).toMatchObject({ epoch: 'e'.repeat(MAX_TEXT) });
    expect(fromClient({ ...hello, sdk: `${'a'.repeat(MAX_TEXT - 1)}😀` })).toMatchObject({
      sdk: `${'a'.repeat(MAX_TEXT - 1)}\ufffd`,
    });
  });

  it('of a type that is not known is null, so that the other end may be newer', () => {
    expect(fromClient({ type: 'telemetry' })).toBeNull();
    expect(fromServer({ type: 'hint' })).toBeNull();
  });

  it('loses members that are not known', () => {
    expect(fromClient({ ...hello, mood: 'good' })).toEqual(hello);
    expect(fromServer({ ...welcome, mood: 'good' })).toEqual(welcome);
  });
});

describe('hello', () => {
  it('comes with or without what the reader holds', () => {
    expect(fromClient({ ...hello, have: state })).toEqual({ ...hello, have: state });
    expect(fromClient({ ...hello, have: null })).toEqual(hello);
  });

  it('without a common protocol or format asks for close code 4026', () => {
    for (const change of [{ protocol: 2 }, { protocol: undefined }, { formats: [2] }, { formats: 'all' }]) {
      expect(fromClient({ ...hello, ...change })).toMatchObject({ type: 'invalid', closeCode: 4026 });
    }
  });

  it('without identity, or with a malformed position, is invalid', () => {
    for (const change of [
      { sdk: 1 },
      { instance: '' },
      { instance: undefined },
      { have: {} },
      { have: { ...state, revision: -1 } },
    ]) {
      expect(fromClient({ ...hello, ...change })).toMatchObject({ type: 'invalid', closeCode: 4000 });
    }
  });

  it('keeps at most 200 characters of what the application calls itself, and only text', () => {
    const app = { name: 'x'.repeat(300), version: 4, commit: 'c' };
    expect(fromClient({ ...hello, app })).toMatchObject({ app: { name: 'x'.repeat(200), commit: 'c' } });
    expect(fromClient({ ...hello, app: 'shop' })).toMatchObject({ app: {} });
  });
});

describe('receipts', () => {
  it('name a state', () => {
    expect(fromClient({ type: 'applied', ...state })).toEqual({ type: 'applied', ...state });
    expect(fromClient({ type: 'applied', revision: 7 })).toMatchObject({ type: 'invalid' });
  });

  it('of refusal list at most 100 bodies and drop what is not one', () => {
    const error = { kind: 'flag', key: 'a', code: 'format', path: '/flags/a', keptRevision: null };
    const errors = [7, { kind: 'flag' }, ...Array.from({ length: 200 }, () => error)];
    const parsed = fromClient({ type: 'rejected', revision: 7, errors });
    expect(parsed).toEqual({ type: 'rejected', revision: 7, errors: Array.from({ length: 98 }, () => error) });
  });
});

describe('delta', () => {
  it('is read whole', () => {
    expect(fromServer(delta)).toEqual(delta);
  });

  it('whose text was damaged on its way yields nothing, not even its kills', () => {
    const sent = withSum(JSON.stringify(delta));
    expect(parseServerMessage(sent)).toEqual(delta);
    const other = parseServerMessage(sent.replace('"key":"a"', '"key":"b"'));
    expect(other).toEqual({ type: 'invalid', problem: 'damaged', closeCode: 4000 });
  });

  it('with a malformed member still yields its kills (I6)', () => {
    const kills = { epoch: '1000-a', kill: [{ key: 'a', offVariant: 'off', revision: 2 }] };
    const put = [{ kind: 'flag', key: 'a', body: { on: true } }];
    for (const change of [{ put }, { put: 'all' }, { remove: [{}] }, { from: 'x' }, { to: 1.5 }, { digest: null }]) {
      expect(fromServer({ ...delta, ...change })).toMatchObject({ type: 'invalid', kills });
    }
  });

  it('loses kills that name nothing, and reads an unreadable off variant as none', () => {
    const kill = [{ key: 'a', revision: 2, offVariant: 7 }, { revision: 2 }, 'b'];
    expect(fromServer({ ...delta, kill })).toMatchObject({ kill: [{ key: 'a', offVariant: null, revision: 2 }] });
  });
});

describe('resync', () => {
  const resync = { type: 'resync', reason: 'too_old', url: RULE_SET_PATH, spreadMs: 10 };

  it('may point at the rule set and at a delta', () => {
    for (const url of [RULE_SET_PATH, deltaPath('1795867200000-0123abcd', 7, 12)]) {
      expect(fromServer({ ...resync, url })).toEqual({ ...resync, url });
    }
  });

  it('is spread over half a minute at most, whatever it says', () => {
    expect(fromServer({ ...resync, spreadMs: 86_400_000 })).toMatchObject({ spreadMs: 30_000 });
  });

  it('that points anywhere else means the rule set, so that nobody who writes a frame chooses where the key goes (I14)', () => {
    for (const url of [
      'https://elsewhere.example/sync/v1/ruleset',
      '//elsewhere.example/sync/v1/deltas/1000-a/1..2',
      '/\\elsewhere.example',
      '@elsewhere.example/sync/v1/deltas/1000-a/1..2',
      '/sync/v1/ruleset/../../../admin',
      '/sync/v1/deltas/1000-a/../../ruleset',
      '/sync/v1/deltas/../1..2',
      '/sync/v1/deltas/1000-a%2f..%2f/1..2',
      '/sync/v1/deltas/1000-a/1..2?to=elsewhere',
      '/sync/v1/deltas/1000-a/1..2#',
      '/sync/v1/deltas/1000-a/1..2\n',
      'x/sync/v1/deltas/1000-a/1..2',
      '',
      7,
      null,
    ]) {
      expect(fromServer({ ...resync, url })).toEqual(resync);
    }
  });

  it('for a reason of the future counts as a gap', () => {
    expect(fromServer({ type: 'resync', reason: 'moon' })).toEqual({
      type: 'resync',
      reason: 'gap',
      url: RULE_SET_PATH,
      spreadMs: 0,
    });
  });
});

describe('welcome, beat and goodbye', () => {
  it('need what the replica relies on', () => {
    for (const change of [{ epoch: undefined }, { beatMs: 0 }, { now: 'noon' }, { revision: 1.5 }]) {
      expect(fromServer({ ...welcome, ...change })).toMatchObject({ type: 'invalid', closeCode: 4000 });
    }
    expect(fromServer({ ...welcome, format: 2 })).toMatchObject({ type: 'invalid', closeCode: 4026 });
    const beat = { type: 'beat', epoch: '1000-a', revision: 7, digest: 'd' };
    expect(fromServer(beat)).toEqual(beat);
    expect(fromServer({ ...beat, epoch: undefined })).toMatchObject({ type: 'invalid' });
  });

  it('never ask for a wait longer than a day', () => {
    const goodbye = { type: 'goodbye', reason: 'restart', retryAfterMs: 1e12, spreadMs: -1, pollMs: 'soon' };
    expect(fromServer(goodbye)).toEqual({ type: 'goodbye', reason: 'restart', retryAfterMs: 0, spreadMs: 0 });
  });
});

describe('rule set', () => {
  const ruleSet = ruleSetOf(7, { flags: { a: flagBody({}) } });

  it('is read with and without hashing', () => {
    expect(parseRuleSet(JSON.stringify(ruleSet))).toEqual(ruleSet);
    const hashed = { ...ruleSet, hashing: { salt: 's' } };
    expect(parseRuleSet(JSON.stringify(hashed))).toEqual(hashed);
  });

  it('is refused without a position, bodies or stamps', () => {
    const changes = [
      { epoch: '' },
      { revision: -1 },
      { flags: [] },
      { segments: null },
      { flags: { a: 7 } },
      { flags: { a: { tag: 'x' } } },
    ];
    for (const change of changes)
      expect(parseRuleSet(JSON.stringify({ ...ruleSet, ...change }))).toMatchObject({ type: 'invalid' });
    expect(parseRuleSet(JSON.stringify({ ...ruleSet, format: 2 }))).toMatchObject({ type: 'invalid', closeCode: 4026 });
  });

  it('with a flag called __proto__ changes no prototype', () => {
    const text =
      '{"format":1,"project":"p","environment":"e","epoch":"1-a","revision":1,"segments":{},"flags":{"__proto__":{"tag":"t","revision":1,"on":true}}}';
    const parsed = parseRuleSet(text);
    expect(Object.keys('flags' in parsed ? parsed.flags : {})).toEqual(['__proto__']);
    expect(({} as { on?: boolean }).on).toBeUndefined();
  });
});
