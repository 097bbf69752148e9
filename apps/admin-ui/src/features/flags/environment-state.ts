/** What a flag does in one environment, in two or three words: for the list, where there is no room for a sentence. */
import type { FlagEnvironment } from '@yardarm/contract';
import { WEIGHT_SCALE } from '@yardarm/evaluator';
import { counted } from '../../lib/counted.ts';
import { formatPercent, toRollout } from '../../lib/rollout.ts';

export interface EnvironmentState {
  /** `25 %`, `split of 3`, `on`; null where the flag is off. */
  readonly served: string | null;
  /** Share of the growing variant in [0, 1]; null where the fallthrough is no rollout. */
  readonly share: number | null;
  /** What comes before it: `2 rules`, `targets`, `1 rule, targets`; null where nothing does. */
  readonly exceptions: string | null;
}

export function environmentState(flag: FlagEnvironment): EnvironmentState {
  const exceptions = exceptionsOf(flag);
  if (!flag.on) return { served: null, share: null, exceptions };
  const rollout = toRollout(flag.fallthrough);
  if (rollout) return { served: formatPercent(rollout.weight), share: rollout.weight / WEIGHT_SCALE, exceptions };
  if (!flag.fallthrough) return { served: 'code default', share: null, exceptions };
  if ('variant' in flag.fallthrough) return { served: flag.fallthrough.variant, share: null, exceptions };
  return { served: `split of ${flag.fallthrough.split.weights.length}`, share: null, exceptions };
}

function exceptionsOf({ rules, targets }: FlagEnvironment): string | null {
  const words = [rules.length > 0 ? counted(rules.length, 'rule') : '', targets.length > 0 ? 'targets' : ''];
  return words.filter(Boolean).join(', ') || null;
}
