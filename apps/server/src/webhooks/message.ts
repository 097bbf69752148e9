/** What a webhook is told of one change set, in its format. */
import type { Digest } from '../hygiene/tell-owners.ts';
import { toDigestText } from './digest-text.ts';
import { escapeSlack, linkTo } from './slack-text.ts';

export interface Told {
  readonly project: string;
  /** Of the change set; null: a test. */
  readonly changeSet: string | null;
  readonly command: string;
  readonly actor: { readonly kind: string; readonly name: string };
  readonly reason: string | null;
  readonly requestId: string | null;
  /** RFC 3339. */
  readonly at: string;
  /** At most as many as a message takes. */
  readonly changes: readonly ToldChange[];
  /** Of all of them. */
  readonly changeCount: number;
}

export interface ToldChange {
  readonly kind: string;
  readonly key: string;
  readonly environment: string | null;
  readonly revision: number | null;
  readonly before: unknown;
  readonly after: unknown;
}

/** Larger change sets are cut; `changeCount` tells. */
export const MAX_TOLD_CHANGES = 100;
const MAX_SLACK_LINES = 10;

/** @param publicUrl where people reach the admin UI; null: no links */
export function toMessage(format: 'generic' | 'slack', told: Told, publicUrl: string | null): string {
  return JSON.stringify(format === 'slack' ? { text: toSlackText(told, publicUrl) } : { version: 1, ...told });
}

function toSlackText({ project, command, actor, reason, changes, changeCount }: Told, publicUrl: string | null): string {
  if (command === 'hygiene.digest') return toDigestText(project, changes[0]?.after as Digest, publicUrl);
  const things = new Map(changes.map((change) => [`${change.kind} ${change.key} ${change.environment}`, change]));
  const lines = [...things.values()].slice(0, MAX_SLACK_LINES).map(({ kind, key, environment }) => {
    const name = kind === 'flag' ? linkTo(publicUrl, ['projects', project, 'flags', key], key) : escapeSlack(key);
    return `• ${escapeSlack(kind)} ${name}${environment === null ? '' : ` in ${escapeSlack(environment)}`}`;
  });
  if (changeCount > lines.length && things.size > lines.length) lines.push(`• and more: ${changeCount} changes in all`);
  const where = linkTo(publicUrl, ['projects', project, 'changes'], project);
  const why = reason === null ? '' : `: ${escapeSlack(reason)}`;
  return [`*${escapeSlack(command)}* in ${where} by ${escapeSlack(actor.name)}${why}`, ...lines].join('\n');
}
