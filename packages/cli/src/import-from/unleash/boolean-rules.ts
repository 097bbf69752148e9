/** A feature without variants is a boolean flag: on for whoever is under any of its strategies. */
import type { ServeInput } from '@yardarm/contract';
import { type Condition, WEIGHT_SCALE } from '@yardarm/evaluator';
import { allOf, isAlways, isNever } from '../conditions.ts';
import { rebucketed } from '../re-bucketed.ts';
import { Untranslatable } from '../untranslatable.ts';
import type { AddRemark } from './constraints.ts';
import { type Activation, hasUnit } from './strategies.ts';

export interface RulePart {
  readonly when: Condition;
  readonly serve: ServeInput;
}

/**
 * Whole strategies first, whose order means nothing, then rollouts, the largest first: those of one group turn the same people on, so that
 * whoever is under several has the largest. Independent rollouts of one feature add up to shares that no split has.
 */
export function booleanRules(activations: readonly Activation[], place: string, remark: AddRemark): readonly RulePart[] {
  const open = activations.filter(({ percent, when }) => percent > 0 && !isNever(when));
  const whole = open.filter(({ percent }) => percent === 100);
  const always = whole.find(({ when }) => isAlways(when));
  if (always !== undefined) return [{ when: always.when, serve: { variant: 'on' } }];
  const partial = open.filter(({ percent }) => percent < 100).sort((a, b) => b.percent - a.percent);
  if (new Set(partial.map(({ group }) => group)).size > 1)
    throw new Untranslatable(
      `${place}/strategies`,
      'Several gradual rollouts of different groups or stickiness add up; keep one, or give them one group and one stickiness.',
    );
  return [
    ...whole.map(({ when }) => ({ when, serve: { variant: 'on' } })),
    ...partial.flatMap(({ when, percent, units, strategy }) => {
      remark('re-bucketed', strategy.place, rebucketed(strategy.place, [percent, 100 - percent]).sentence);
      return units.map((by) => ({ when: allOf([when, hasUnit(by)]), serve: splitOf(by, percent) }));
    }),
  ];
}

function splitOf(by: string, percent: number): ServeInput {
  const weight = (percent * WEIGHT_SCALE) / 100;
  return {
    split: {
      by,
      hash: 2,
      weights: [
        ['on', weight],
        ['off', WEIGHT_SCALE - weight],
      ],
    },
  };
}
