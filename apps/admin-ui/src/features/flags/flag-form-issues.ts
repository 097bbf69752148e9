/**
 * What is wrong with a new flag, in sentences for people. The schema's own refinements have sentences; what its
 * library says about lengths and types is for programmers.
 */

/** The part of a schema's complaint that is used here. */
export interface FormIssue {
  readonly code: string;
  readonly path: readonly PropertyKey[];
  readonly message: string;
  /** Complaints about a key of a record come inside the one about the record. */
  readonly issues?: readonly FormIssue[];
}

const SENTENCES: Readonly<Record<string, string>> = {
  description: 'A description has 10\u00a0000 characters at most.',
  owner: 'The name of an owner has 200 characters at most.',
  tags: 'A flag has 50 tags at most, each of 64 characters at most.',
  expiresOn: 'An expiry is a day of the calendar.',
  fallthrough: 'Choose a variant that has a name.',
  offVariant: 'Choose a variant that has a name.',
};

/** Field that shows the complaint: `variants.<name>` for a variant's, else the top-level member; `form` where there is none. */
export function fieldOf(path: readonly PropertyKey[]): string {
  const [first, second] = path;
  if (first === undefined) return 'form';
  return first === 'variants' && second !== undefined ? `variants.${String(second)}` : String(first);
}

export function issueSentence(issue: FormIssue): string {
  // The contract's own words: refinements, patterns of keys.
  if (issue.code === 'custom' || (issue.code === 'invalid_format' && issue.path[0] === 'key')) return issue.message;
  if (issue.code === 'invalid_key' && issue.issues?.[0]) return issue.issues[0].message;
  if (issue.path[0] === 'variants') return 'A value of this variant cannot be stored as JSON.';
  return SENTENCES[String(issue.path[0])] ?? 'This value is not allowed here.';
}
