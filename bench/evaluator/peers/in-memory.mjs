/** The in-memory provider of the OpenFeature SDK: it finds the flag; its rules are closures that its user writes. Asynchronous. */
import { InMemoryProvider } from '@openfeature/server-sdk';
import { closuresOf } from '../closures.mjs';
import { OBJECT_VALUE, WEIGHTED } from '../flags.mjs';

const METHODS = { boolean: 'resolveBooleanEvaluation', string: 'resolveStringEvaluation', object: 'resolveObjectEvaluation' };
const RULELESS = ['plain', 'killed', 'object'];

/** @type {import('../candidates.mjs').Candidate} */
export const inMemory = {
  name: 'OpenFeature in-memory',
  exact: true,
  peer: true,
  prepare: (flags, users, members) => {
    const byKey = closuresOf(flags, members);
    const provider = new InMemoryProvider(
      Object.fromEntries(flags.map((flag) => [flag.key, definitionOf(flag, byKey.get(flag.key))])),
    );
    const evaluate = (key, type, at) =>
      provider[METHODS[type]](key, type === 'object' ? {} : type === 'string' ? '' : false, users[at], console);
    return {
      runner: (keys, type) => async (from, count) => {
        let answered = 0;
        for (let index = from; index < from + count; index++) {
          const at = index % users.length;
          if ((await evaluate(keys[at], type, at)).value) answered++;
        }
        return answered;
      },
      answer: evaluate,
    };
  },
};

function definitionOf({ kind }, closure) {
  const variants =
    kind === 'object'
      ? { rich: OBJECT_VALUE }
      : kind === 'weighted'
        ? Object.fromEntries(WEIGHTED.map(([variant]) => [variant, variant]))
        : { on: true, off: false };
  const defaultVariant = kind === 'killed' ? 'off' : kind === 'weighted' ? 'small' : kind === 'object' ? 'rich' : 'on';
  const definition = { variants, defaultVariant, disabled: false };
  return RULELESS.includes(kind) ? definition : { ...definition, contextEvaluator: (user) => closure(user).variant };
}
