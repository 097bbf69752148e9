/** Small rule sets for tests: a sound body, with what the test is about written over it. */
import type { Condition, FlagBody, RuleSet, SegmentBody } from '../rule-set.ts';

const STAMP = { revision: 1, tag: '0000000000000000' };

/** A boolean flag that is on and falls through to `on`. */
export function makeFlag(changes: Partial<FlagBody> = {}): FlagBody {
  return {
    type: 'boolean',
    variants: { on: true, off: false },
    on: true,
    offVariant: 'off',
    fallthrough: { variant: 'on' },
    ...STAMP,
    ...changes,
  };
}

/** A flag whose only rule serves `on` under the condition; everyone else gets `off`. */
export function flagWhen(when: Condition): FlagBody {
  return makeFlag({ rules: [{ id: 'r1', when, serve: { variant: 'on' } }], fallthrough: { variant: 'off' } });
}

export function makeSegment(changes: Partial<SegmentBody> = {}): SegmentBody {
  return { include: [], exclude: [], when: null, ...STAMP, ...changes };
}

export function makeRuleSet(
  flags: { readonly [key: string]: FlagBody },
  segments: { readonly [key: string]: SegmentBody } = {},
  changes: Partial<RuleSet> = {},
): RuleSet {
  return { format: 1, project: 'shop', environment: 'test', epoch: '1-a', revision: 1, flags, segments, ...changes };
}

/** JSON that the types do not allow, as a hostile or newer server might send it. */
export function asBody<Body>(json: unknown): Body {
  return json as Body;
}
