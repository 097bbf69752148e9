/** What a strategy of Unleash says: whom it is for, and which share of them. */
import type { Condition } from '@yardarm/evaluator';
import { ALWAYS, allOf, anyOf, isOneOf, NEVER, not, test } from '../conditions.ts';
import { Untranslatable } from '../untranslatable.ts';
import { type AddRemark, attributeOf, constraintsCondition } from './constraints.ts';
import type { UnleashStrategy } from './read-features.ts';

export interface Activation {
  readonly when: Condition;
  /** In percent; 100: all of them. */
  readonly percent: number;
  /** By what the share is dealt: the first of these attributes that the context has. Empty with 100 percent. */
  readonly units: readonly string[];
  /** Rollouts of one group and one stickiness turn the same people on first. */
  readonly group: string;
  readonly strategy: UnleashStrategy;
}

/** `segmentKey` answers our key of a segment, and throws Untranslatable for one that the file does not have. */
export function activationOf(
  strategy: UnleashStrategy,
  feature: string,
  segmentKey: (id: unknown, place: string) => string,
  remark: AddRemark,
): Activation {
  const { place } = strategy;
  const share = shareOf(strategy, feature, remark);
  const segments = strategy.segments.map((id, index): Condition => ({ segment: segmentKey(id, `${place}/segments/${index}`) }));
  const constraints = constraintsCondition(strategy.constraints, `${place}/constraints`, remark);
  return { ...share, when: allOf([share.when, ...segments, constraints]), strategy };
}

/** Whether the context has something at the attribute that Unleash hashes. */
export function hasUnit(attribute: string): Condition {
  return allOf([test(attribute, 'exists'), not(isOneOf(attribute, ['', 0, false]))]);
}

/** The attributes by which a stickiness deals, first come first. */
export function unitsOf(stickiness: unknown, place: string, fallbacks: readonly string[]): readonly string[] {
  if (stickiness === undefined || stickiness === null || stickiness === '' || stickiness === 'default') return fallbacks;
  if (stickiness === 'random')
    throw new Untranslatable(
      place,
      "It is drawn anew at every evaluation ('random'); a split here is sticky. Give it a stickiness.",
    );
  return [attributeOf(stickiness, place)];
}

function shareOf({ name, parameters, place }: UnleashStrategy, feature: string, remark: AddRemark): Omit<Activation, 'strategy'> {
  const at = `${place}/parameters`;
  const all = { when: ALWAYS, percent: 100, units: [], group: '' };
  const group = String(parameters.groupId ?? feature);
  const gradual = (share: unknown, units: readonly string[], isStrict: boolean) => {
    const percent = Math.min(100, Math.max(0, Math.floor(Number(share ?? Number.NaN))));
    if (!Number.isFinite(percent)) throw new Untranslatable(at, `${JSON.stringify(share)} is no percentage.`);
    // Under a stickiness that is named, whoever has none of it is left out even at 100 percent.
    const when = isStrict ? anyOf(units.map(hasUnit)) : ALWAYS;
    return { when, percent, units: percent === 100 ? [] : units, group: `${units} ${group}` };
  };
  switch (name) {
    case 'default':
      return all;
    case 'userWithId':
      return { ...all, when: isOneOf('targetingKey', splitTexts(parameters.userIds)) };
    case 'remoteAddress': {
      const ranges = splitTexts(parameters.IPs).flatMap((text) => (text.trim() === '' ? [] : [text.trim()]));
      const unreadable = ranges.find((range) => !ADDRESS.test(range));
      if (unreadable !== undefined)
        throw new Untranslatable(`${at}/IPs`, `'${unreadable}' is no address and no range of addresses.`);
      return { ...all, when: ranges.length > 0 ? test('remoteAddress', 'ip_in_range', ranges) : NEVER };
    }
    case 'gradualRolloutUserId':
      return gradual(parameters.percentage, ['targetingKey'], true);
    case 'gradualRolloutSessionId':
      return gradual(parameters.percentage, ['sessionId'], true);
    case 'gradualRolloutRandom': {
      const percent = Number(parameters.percentage);
      if (percent >= 100) return all;
      return percent <= 0 ? { ...all, percent: 0 } : { ...all, units: unitsOf('random', at, []) };
    }
    case 'flexibleRollout': {
      const { stickiness, rollout } = parameters;
      if (stickiness === 'random' && (Number(rollout) >= 100 || Number(rollout) <= 0))
        return { ...all, percent: Number(rollout) };
      const units = unitsOf(stickiness, `${at}/stickiness`, ['targetingKey', 'sessionId']);
      const share = gradual(rollout, units, units.length === 1);
      if (share.percent > 0 && share.percent < 100 && units.length > 1)
        remark(
          'changes-meaning',
          at,
          'Who has neither a targeting key nor a session is off here; Unleash draws lots at every evaluation.',
        );
      return share;
    }
    case 'applicationHostname':
      throw new Untranslatable(
        place,
        'It goes by the name of the host that asks; pass that in the context and write a rule on it.',
      );
    default:
      throw new Untranslatable(
        `${place}/name`,
        `'${name}' is no strategy that every SDK of Unleash knows; write the rule by hand.`,
      );
  }
}

const ADDRESS = /^(?:\d{1,3}(?:\.\d{1,3}){3}|[\da-fA-F:]*:[\da-fA-F:.]*)(?:\/\d{1,3})?$/;

/** As Unleash splits: blanks around commas do not count, those at either end do; nothing is a list of nobody. */
function splitTexts(json: unknown): string[] {
  return typeof json === 'string' && json !== '' ? json.split(/\s*,\s*/) : [];
}
