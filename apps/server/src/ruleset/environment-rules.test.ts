import { compile, type FlagConfiguration, type RuleSet, resolve } from '@yardarm/evaluator';
import {
  addBody,
  type DeltaMessage,
  digestText,
  emptyDigest,
  MAX_DELTA_BYTES,
  parseServerMessage,
  type View,
} from '@yardarm/sync';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ruleHistory, SECRETS } from '../testing/rule-history.ts';
import { renderRuleSet, tagOf, toStoredText } from './build.ts';
import { advanceRules, type EnvironmentRules, type StoredObject, startRules } from './environment-rules.ts';
import { canLeadFrom, type RuleSetView, renderDelta, renderKills, viewState } from './rule-set-view.ts';

const IDENTITY = { environmentId: '8f3c5a52-0d5c-4a0e-9a3e-0a1f5f1f8a01', project: 'shop', environment: 'production' };
const VIEWS: readonly View[] = ['server', 'client'];

/** Rules after each revision of a history, the empty beginning first. */
function allRules(history: readonly (readonly StoredObject[])[]): readonly EnvironmentRules[] {
  const states = [startRules(IDENTITY, { epoch: '1-a', revision: 0 }, [])];
  for (const [index, objects] of history.entries()) states.push(advanceRules(states.at(-1)!, index + 1, objects));
  return states;
}

function ruleSetOf(view: RuleSetView): RuleSet {
  return JSON.parse(renderRuleSet(view.header, view.bodies.values())) as RuleSet;
}

/** What a reader does with a delta: bodies by kind and key, tags only. */
function tagsAfter(old: RuleSet, delta: DeltaMessage): ReadonlyMap<string, string> {
  const tags = new Map(tagsOf(old));
  for (const { kind, key } of delta.remove) tags.delete(`${kind}:${key}`);
  for (const { kind, key, body } of delta.put) tags.set(`${kind}:${key}`, body.tag);
  return tags;
}

function tagsOf(ruleSet: RuleSet): readonly (readonly [string, string])[] {
  const flags = Object.entries(ruleSet.flags).map(([key, body]) => [`flag:${key}`, body.tag] as const);
  return [...flags, ...Object.entries(ruleSet.segments).map(([key, body]) => [`segment:${key}`, body.tag] as const)];
}

function digestOf(tags: Iterable<readonly [string, string]>): string {
  let digest = emptyDigest;
  for (const [id, tag] of tags) {
    const colon = id.indexOf(':');
    digest = addBody(digest, id.slice(0, colon) as 'flag' | 'segment', id.slice(colon + 1), tag);
  }
  return digestText(digest);
}

function readDelta(text: string | undefined): DeltaMessage {
  const message = parseServerMessage(text ?? '');
  if (message?.type !== 'delta') throw new Error(`No delta: ${text}`);
  return message;
}

function stored(revision: number, key: string, flag: Partial<FlagConfiguration>): StoredObject {
  const whole: FlagConfiguration = {
    type: 'boolean',
    variants: { on: true, off: false },
    on: true,
    offVariant: 'off',
    fallthrough: { variant: 'on' },
    ...flag,
  };
  const body = toStoredText(whole);
  return { revision, kind: 'flag', key, body, tag: tagOf(body) };
}

describe.each(VIEWS)('the %s view', (name) => {
  test('led by a delta from any past revision holds the same objects and has the digest that the delta names', () => {
    fc.assert(
      fc.property(ruleHistory, (history) => {
        const states = allRules(history).map((rules) => rules.views[name]);
        const newest = states.at(-1)!;
        for (const old of states) {
          const delta = readDelta(renderDelta(newest, old.header.revision));
          const tags = tagsAfter(ruleSetOf(old), delta);
          expect(Object.fromEntries(tags)).toEqual(Object.fromEntries(tagsOf(ruleSetOf(newest))));
          expect(digestOf(tags)).toBe(delta.digest);
          expect(delta.digest).toBe(viewState(newest).digest);
        }
      }),
    );
  });

  test('is the same whether it was followed revision by revision or read at once', () => {
    fc.assert(
      fc.property(ruleHistory, fc.nat(), (history, cut) => {
        const followed = allRules(history).at(-1)!.views[name];
        const base = cut % (history.length + 1);
        const newest = new Map(
          history.slice(0, base).flatMap((set) => set.map((object) => [`${object.kind}:${object.key}`, object])),
        );
        const objects = [...newest.values()].filter((object) => object.body !== null);
        const started = startRules(IDENTITY, { epoch: '1-a', revision: base }, objects);
        const read = advanceRules(started, history.length, history.slice(base).flat()).views[name];
        expect(tagsOf(ruleSetOf(read)).toSorted()).toEqual(tagsOf(ruleSetOf(followed)).toSorted());
        expect(viewState(read)).toEqual(viewState(followed));
      }),
    );
  });

  test('kills in a delta are the touched flags that are off now, at the revision of their body', () => {
    fc.assert(
      fc.property(ruleHistory, (history) => {
        const states = allRules(history).map((rules) => rules.views[name]);
        const newest = states.at(-1)!;
        const { flags } = ruleSetOf(newest);
        for (const old of states) {
          const { kill, put } = readDelta(renderDelta(newest, old.header.revision));
          const off = put.flatMap((each) => (each.kind === 'flag' && !each.body.on ? [each.key] : []));
          expect(kill.map((each) => each.key).toSorted()).toEqual(off.toSorted());
          for (const { key, offVariant, revision } of kill) expect({ offVariant, revision }).toEqual(pick(flags[key]!));
        }
      }),
    );
  });
});

function pick({ offVariant, revision }: { offVariant: string | null; revision: number }) {
  return { offVariant, revision };
}

describe('the client view', () => {
  test('never names a server-only flag, a user, a segment, a rule or an owner, in rule set or delta', () => {
    fc.assert(
      fc.property(ruleHistory, (history) => {
        const states = allRules(history);
        const { server, client } = states.at(-1)!.views;
        const serverOnly = Object.entries(ruleSetOf(server).flags).filter(([, flag]) => flag.clientSide !== true);
        const text = renderRuleSet(client.header, client.bodies.values());
        const deltas = states.map((old) => renderDelta(client, old.revision));
        for (const secret of SECRETS)
          expect([text, ...deltas].filter((each) => each?.toLowerCase().includes(secret))).toEqual([]);
        // A delta may name a flag that was for browsers at its beginning: to remove it.
        expect(serverOnly.filter(([key]) => text.includes(`"${key}"`))).toEqual([]);
      }),
    );
  });

  test('holds exactly the segments that its flags use and that exist', () => {
    fc.assert(
      fc.property(ruleHistory, (history) => {
        const { server, client } = allRules(history).at(-1)!.views;
        const { flags, segments } = ruleSetOf(client);
        const used = new Set(JSON.stringify(flags).match(/"segment":"[^"]*"/g));
        const held = Object.keys(segments).map((key) => `"segment":"${key}"`);
        expect(held.filter((each) => !used.has(each))).toEqual([]);
        expect(held.length).toBeLessThanOrEqual(Object.keys(ruleSetOf(server).segments).length);
        if (Object.keys(ruleSetOf(server).segments).length === 3) expect(held.length).toBe(used.size);
      }),
    );
  });

  test('decides for every flag it holds as the server view does', () => {
    fc.assert(
      fc.property(
        ruleHistory,
        fc.constantFrom('secret-user-1', 'SECRET-user-2', 'Secret-User-2', 'secret-user-3', '42', 'nobody'),
        fc.constantFrom('secret-user-1', 'SECRET-USER-3', 'secret-user-3', 'nobody', 42),
        (history, user, email) => {
          const { server, client } = allRules(history).at(-1)!.views;
          const onServer = compile(ruleSetOf(server));
          const inBrowser = compile(ruleSetOf(client));
          const context = { targetingKey: user, plan: 'gold', email };
          for (const [key, flag] of Object.entries(ruleSetOf(client).flags)) {
            // A prerequisite that a browser may not see hides a flag; what depends on the hidden flag differs then.
            if (flag.prerequisites && flag.prerequisites.length > 0) continue;
            const { value, variant, reason } = resolve(inBrowser, key, 'boolean', context, 0);
            expect({ value, variant, reason }).toEqual(answerOf(resolve(onServer, key, 'boolean', context, 0)));
          }
        },
      ),
    );
  });

  test('moves with a revision that it cannot see, by an empty delta', () => {
    const rules = advanceRules(startRules(IDENTITY, { epoch: '1-a', revision: 0 }, []), 1, [stored(1, 'hidden', {})]);
    expect(viewState(rules.views.client).revision).toBe(1);
    expect(readDelta(renderDelta(rules.views.client, 0))).toMatchObject({ from: 0, to: 1, kill: [], put: [], remove: [] });
  });

  test('withholds a flag whose prerequisite is not for browsers, and shows it when that changes', () => {
    const dependent = stored(1, 'shown', { clientSide: true, prerequisites: [{ flag: 'base', variants: ['on'] }] });
    const started = startRules(IDENTITY, { epoch: '1-a', revision: 1 }, [dependent, stored(1, 'base', {})]);
    expect([...started.views.client.bodies.keys()]).toEqual([]);
    const opened = advanceRules(started, 2, [stored(2, 'base', { clientSide: true })]);
    expect([...opened.views.client.bodies.keys()].toSorted()).toEqual(['flag:base', 'flag:shown']);
    const hidden = advanceRules(opened, 3, [stored(3, 'base', {})]);
    expect([...hidden.views.client.bodies.keys()]).toEqual([]);
  });
});

function answerOf({ value, variant, reason }: ReturnType<typeof resolve>) {
  return { value, variant, reason };
}

describe('canLeadFrom', () => {
  const view = allRules([[stored(1, 'a', {})], [stored(2, 'a', { on: false })]]).at(-1)!.views.server;
  const first = { ...viewState(allRules([[stored(1, 'a', {})]]).at(-1)!.views.server) };

  test('knows every revision of its past by its digest', () => {
    expect(canLeadFrom(view, first)).toBe(true);
    expect(canLeadFrom(view, viewState(view))).toBe(true);
  });

  test.each([
    ['another digest', { ...first, digest: '0000000000000000' }],
    ['another epoch', { ...first, epoch: '2-b' }],
    ['a revision to come', { ...first, revision: 3 }],
    ['a revision before its past', { ...first, revision: -1 }],
  ])('does not know %s', (_name, state) => {
    expect(canLeadFrom(view, state)).toBe(false);
  });
});

describe('renderKills', () => {
  const { server } = allRules([
    [stored(1, 'a', { on: false })],
    [stored(2, 'b', { on: false, offVariant: null }), stored(2, 'c', {})],
  ]).at(-1)!.views;

  test('holds the flags that are off with a body newer than asked, and neither puts nor removes', () => {
    const delta = readDelta(renderKills(server, 1));
    expect(delta).toMatchObject({ from: 2, to: 2, kill: [{ key: 'b', offVariant: null, revision: 2 }], put: [], remove: [] });
  });

  test('fits through a socket, with those of the latest kills', () => {
    const objects = Array.from({ length: 2_000 }, (_, index) => stored(index + 1, `flag-${index}`, { on: false }));
    const frame = renderKills(startRules(IDENTITY, { epoch: '1-a', revision: 2_000 }, objects).views.server, 0) ?? '';
    expect(frame.length).toBeLessThanOrEqual(MAX_DELTA_BYTES);
    expect(frame.length).toBeGreaterThan(MAX_DELTA_BYTES - 100);
    const revisions = readDelta(frame).kill.map(({ revision }) => revision);
    expect(revisions).toEqual(Array.from(revisions, (_, index) => 2_000 - index));
  });

  test('is nothing when no flag is off that late', () => {
    expect(renderKills(server, 2)).toBeUndefined();
  });
});

describe('advanceRules', () => {
  test('refuses nothing that is missing: a revision without objects changes only the number', () => {
    const before = startRules(IDENTITY, { epoch: '1-a', revision: 4 }, [stored(4, 'a', {})]);
    const after = advanceRules(before, 6, []);
    expect(viewState(after.views.server)).toEqual({ ...viewState(before.views.server), revision: 6 });
    expect(readDelta(renderDelta(after.views.server, 4))).toMatchObject({ from: 4, to: 6, put: [] });
  });
});
