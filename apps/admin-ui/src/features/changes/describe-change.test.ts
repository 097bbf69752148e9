import type { Change } from '@yardarm/contract';
import { describe, expect, test } from 'vitest';
import { changeText } from './describe-change.ts';

function changeOf(part: Partial<Change>): Change {
  return {
    id: '1', command: 'flag.kill', kind: 'flag', key: 'banner', environment: 'production', revision: 4, before: null,
    after: null, actor: { kind: 'person', name: 'mina' }, reason: null, requestId: 'r1', at: '2027-01-01T00:00:00.000Z', ...part,
  }; // biome-ignore format: a fixture is read as one block
}

function splitOf(weight: number, variant = 'on') {
  return {
    fallthrough: {
      split: {
        by: 'targetingKey',
        hash: 2,
        weights: [
          [variant, weight],
          ['off', 100_000 - weight],
        ],
      },
    },
  };
}

const configured = (before: unknown, after: unknown) => changeText(changeOf({ command: 'flag.configure', before, after }));

describe('changeText', () => {
  test('names kills, and calls an unkill what it is also the first time', () => {
    expect(changeText(changeOf({}))).toBe('killed banner');
    expect(changeText(changeOf({ command: 'flag.unkill' }))).toBe('switched on banner');
  });

  test('names the kill of several, and what leaves and comes back', () => {
    const said = ['flag.kill_many', 'flag.archive', 'flag.unarchive'].map((command) => changeText(changeOf({ command })));
    expect(said).toEqual(['killed banner', 'archived banner', 'unarchived banner']);
  });

  test('says whom a right was given or taken, and which, instead of its id', () => {
    const right = { holder: { kind: 'team', name: 'checkout' }, role: 'editor', actions: [], project: 'shop', environment: null };
    const grant = { kind: 'grant', key: 'a5734183-6aeb-4c62-b04b-5afee9c78e02' } as const;
    expect(changeText(changeOf({ ...grant, command: 'grant.create', after: right }))).toBe(
      'gave a right to checkout (editor in shop)',
    );
    expect(changeText(changeOf({ ...grant, command: 'grant.delete', before: right }))).toBe(
      'took a right from checkout (editor in shop)',
    );
    expect(changeText(changeOf({ ...grant, command: 'grant.create', after: {} }))).toBe(`gave a right to ${grant.key}`);
  });

  test('names a webhook and a token by their names instead of their ids', () => {
    const named = (kind: 'webhook' | 'token') =>
      changeText(changeOf({ kind, key: 'd39f', command: `${kind}.update`, before: {}, after: { name: 'On call' } }));
    expect([named('webhook'), named('token')]).toEqual(['changed webhook On call', 'changed token On call']);
  });

  test('says of a thing without words of its own whether it came, changed or went', () => {
    const said = (command: string, sides: Partial<Change>) =>
      changeText(changeOf({ kind: 'token', key: 'ci', command, ...sides }));
    expect([
      said('token.create', { before: null, after: { name: 'CI' } }),
      said('token.revoke', { before: { name: 'CI' }, after: { name: 'CI' } }),
      changeText(changeOf({ kind: 'webhook', key: 'd39f', command: 'webhook.delete', before: { name: 'Chat' }, after: null })),
      changeText(changeOf({ kind: 'user', key: 'Ada', command: 'user.invite', before: null, after: {} })),
    ]).toEqual(['created token CI', 'revoked token CI', 'deleted webhook Chat', 'invited Ada']);
  });

  test('says what was read in words', () => {
    const read = (command: string) => changeText(changeOf({ kind: 'access', command, key: command }));
    expect(read('instance.export')).toBe('took an export of the instance');
    expect(read('audit.checkpoints')).toBe('downloaded the checkpoints');
    expect(read('another.reading')).toBe('read another.reading');
  });

  test('tells a rollout by its percentages', () => {
    expect(configured(splitOf(25_000), splitOf(50_000))).toBe('rolled banner from 25\u00a0% to 50\u00a0% on');
    expect(configured({ fallthrough: { variant: 'off' } }, splitOf(500))).toBe('rolled banner out to 0.5\u00a0% on');
    expect(configured({ fallthrough: { variant: 'on' } }, splitOf(0))).toBe('rolled banner back to 0\u00a0% on');
    expect(configured(splitOf(50_000), { fallthrough: { variant: 'on' } })).toBe('rolled banner out to on for everybody');
  });

  test('names the parts of a configuration that changed', () => {
    expect(configured({ rules: [], targets: [] }, { rules: [1], targets: [] })).toBe('changed the rules of banner');
    expect(configured({}, { rules: [], targets: [], offVariant: 'off' })).toBe(
      'changed the rules, the targets and the off variant of banner',
    );
  });

  test('names an SDK key by its name', () => {
    expect(changeText(changeOf({ command: 'key.create', kind: 'key', key: 'a-b-c', after: { name: 'web shop' } }))).toBe(
      'created SDK key web shop',
    );
  });

  test('names a closed review by the change set that was looked at', () => {
    expect(changeText(changeOf({ command: 'review.close', kind: 'review', key: 'a-b-c', after: { changeSet: '812' } }))).toBe(
      'closed the review of change set 812',
    );
  });

  test('says less about what it does not know', () => {
    expect(changeText(changeOf({ command: 'flag.paint' }))).toBe('changed flag banner');
    expect(configured(null, 'text')).toBe('changed banner');
  });
});
