/** The issues of compiling, in words: each names the place, what is wrong and what would be right. */
import type { Issue, IssueCode } from './compiled.ts';

/** `place` opens the sentence, `member` is the last step of the path, `seen` what the rule set holds there. */
type Sentence = (place: string, member: string, seen: string) => string;

const SENTENCES: { readonly [code in IssueCode]: Sentence } = {
  format: () => 'The rule set is not of format 1, the only one that this version reads.',
  malformed: (place, member, seen) => `${place} cannot be read: '${member}' is ${seen}, which is not the form it has to have.`,
  unsupported: (place, member, seen) => `${place} has a '${member}' that this version does not know: ${seen}.`,
  variant_type: (place) => `${place} has a value that is not of the flag's type, or nests more than 64 deep.`,
  unknown_variant: (place, _, seen) => `${place} names variant ${seen}, which the flag does not have.`,
  weights: (place) => `${place} has weights that are not integers from 0 on with the sum 100000 (100 %).`,
  values: (place, _, seen) =>
    `${place} lists ${seen}, which does not fit: see the operator's types and how many values it takes.`,
  pattern: (place, _, seen) => `${place} has a pattern that is no regular expression (flag u): ${seen}.`,
  too_deep: (place) => `${place} nests conditions more than 64 deep.`,
  nested_segment: (place) => `${place} refers to a segment in its condition; segments do not nest.`,
  unsalted: (place) => `${place} has a hashed list, but the rule set has no hashing salt.`,
  unknown_segment: (place, _, seen) => `${place} refers to segment ${seen}, which does not exist.`,
  unreadable_segment: (place, _, seen) => `${place} refers to segment ${seen}, which cannot be read.`,
  unknown_flag: (place, _, seen) => `${place} is flag ${seen}, which does not exist.`,
  prerequisites: (place) => `${place} has prerequisites that lead back to themselves or to more than 2000 evaluations.`,
};

/** One sentence for an issue of the rule set (as JSON) that it was found in. */
export function sentenceOf(issue: Issue, ruleSet: unknown): string {
  const steps = issue.path.split('/').slice(1).map(unescapeStep);
  let seen = ruleSet;
  for (const step of steps) {
    const own = typeof seen === 'object' && seen !== null && Object.hasOwn(seen, step);
    seen = own ? (seen as { readonly [member: string]: unknown })[step] : undefined;
  }
  return SENTENCES[issue.code](placeOf(steps), steps.at(-1) ?? '', inWords(seen));
}

function placeOf([table, key, part, name]: readonly string[]): string {
  if (key === undefined) return 'The rule set';
  const whole = `${table === 'flags' ? 'flag' : 'segment'} '${key}'`;
  const ordinal = Number(name) + 1;
  switch (name === undefined ? '' : part) {
    case 'rules':
      return `Rule ${ordinal} of ${whole}`;
    case 'targets':
      return `Target ${ordinal} of ${whole}`;
    case 'prerequisites':
      return `Prerequisite ${ordinal} of ${whole}`;
    case 'variants':
      return `Variant '${name}' of ${whole}`;
    case 'fallthrough':
      return `The fallthrough of ${whole}`;
    default:
      return whole.charAt(0).toUpperCase() + whole.slice(1);
  }
}

/** Short form of a value; long ones are cut, since a sentence is read by people. */
function inWords(seen: unknown): string {
  if (seen === undefined) return 'missing';
  if (typeof seen === 'string') return `'${cut(seen)}'`;
  try {
    return cut(JSON.stringify(seen));
  } catch {
    // Too deep for the stack.
    return Array.isArray(seen) ? 'a list' : 'an object';
  }
}

function cut(text: string): string {
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}

function unescapeStep(step: string): string {
  return step.replaceAll('~1', '/').replaceAll('~0', '~');
}
