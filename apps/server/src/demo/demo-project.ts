/**
 * The demo project `shop` as data: the commands that make it, in order. Everything is on in production, so that
 * the demo shop has something to show; two dates make it a project with something to clean up.
 */
import type { Command, EnvironmentColor } from '@yardarm/contract';

export const DEMO_PROJECT = 'shop';
/** Where the demo shop gets its keys. */
export const DEMO_ENVIRONMENT = 'production';

const DAY_MS = 24 * 3_600_000;
const inProject = { project: DEMO_PROJECT };
const reason = 'Part of the demo project';

/** `nowMs` is what the expiry days are counted from. */
export function demoCommands(nowMs: number): Command[] {
  return [
    { type: 'project.create', target: {}, input: { key: DEMO_PROJECT, name: 'Demo shop', reason } },
    environment('development', 'Development', 'teal'),
    environment('staging', 'Staging', 'purple'),
    environment('production', 'Production', 'orange'),
    {
      type: 'segment.create',
      target: inProject,
      input: {
        key: 'beta-testers',
        name: 'Beta testers',
        when: { attribute: 'email', op: 'ends_with', values: ['@beta.example.com'] },
        reason,
      },
    },
    ...flags(nowMs),
    {
      type: 'flag.configure',
      target: { ...inProject, environment: 'production', flag: 'new-checkout' },
      input: { fallthrough: { split: { by: 'targetingKey', hash: 2, weights: [['on', 25_000], ['off', 75_000]] } }, reason }, // biome-ignore format: one line a split
      baseVersions: { configuration: 1 },
    },
    ...['development', 'staging', 'production'].map(betaBadge),
    ...switchOn('production', ['new-checkout', 'recommendations', 'banner-text', 'search-config', 'beta-badge']),
    ...switchOn('staging', ['new-checkout', 'recommendations', 'search-config']),
    ...switchOn('development', ['new-checkout', 'recommendations', 'banner-text', 'beta-badge']),
  ];
}

function flags(nowMs: number): Command[] {
  const onOff = { on: true, off: false };
  return [
    flag({
      key: 'new-checkout',
      kind: 'release',
      type: 'boolean',
      description: 'Payment on one page instead of three. Ramped up by share of visitors.',
      variants: onOff,
      clientSide: true,
      owner: 'payments',
      expiresOn: dayFrom(nowMs, 6),
      tags: ['checkout'],
      links: [
        { title: 'What a release flag is, and when it should go', url: 'https://martinfowler.com/articles/feature-toggles.html' },
      ],
    }),
    flag({
      key: 'recommendations',
      kind: 'operational',
      type: 'boolean',
      description: 'Kill switch of the recommendations: off when their service is slow.',
      variants: onOff,
      clientSide: true,
      owner: 'discovery',
      expiresOn: null,
      tags: ['kill-switch'],
    }),
    flag({
      key: 'banner-text',
      kind: 'experiment',
      type: 'string',
      description: 'What the banner on top of every page says; the empty text hides it.',
      variants: {
        none: '',
        'free-shipping': 'Free shipping on every flag this week',
        'new-season': 'New season: storm-proof stitching on all signal flags',
      },
      offVariant: 'none',
      fallthrough: { variant: 'free-shipping' },
      clientSide: true,
      owner: 'marketing',
      expiresOn: dayFrom(nowMs, 45),
      tags: ['content'],
    }),
    flag({
      key: 'search-config',
      kind: 'operational',
      type: 'object',
      description: 'How the search works; read by the server only.',
      variants: { strict: { maxResults: 4, fuzzy: false }, forgiving: { maxResults: 8, fuzzy: true } },
      offVariant: 'strict',
      fallthrough: { variant: 'forgiving' },
      clientSide: false,
      owner: 'discovery',
      expiresOn: null,
      tags: ['search'],
    }),
    flag({
      key: 'beta-badge',
      kind: 'release',
      type: 'boolean',
      description: 'Shows beta testers that they are. Past its date: nobody has removed it yet.',
      variants: onOff,
      clientSide: true,
      owner: 'growth',
      expiresOn: dayFrom(nowMs, -20),
      tags: [],
    }),
  ];
}

type FlagInput = Omit<Extract<Command, { type: 'flag.create' }>['input'], 'reason'>;

function flag(input: FlagInput): Command {
  return { type: 'flag.create', target: inProject, input: { ...input, reason } };
}

function environment(key: string, name: string, color: EnvironmentColor): Command {
  return { type: 'environment.create', target: inProject, input: { key, name, color, protected: false, reason } };
}

function betaBadge(environmentKey: string): Command {
  const rules = [{ id: 'beta-testers', when: { segment: 'beta-testers' }, serve: { variant: 'on' } }];
  return {
    type: 'flag.configure',
    target: { ...inProject, environment: environmentKey, flag: 'beta-badge' },
    input: { rules, fallthrough: { variant: 'off' }, reason },
    baseVersions: { configuration: 1 },
  };
}

function switchOn(environmentKey: string, keys: readonly string[]): Command[] {
  return keys.map((key) => ({
    type: 'flag.unkill',
    target: { ...inProject, environment: environmentKey, flag: key },
    input: { reason },
  }));
}

/** A calendar day, UTC. */
function dayFrom(nowMs: number, days: number): string {
  return new Date(nowMs + days * DAY_MS).toISOString().slice(0, 10);
}
