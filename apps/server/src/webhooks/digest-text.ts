/** A digest of hygiene as a message of Slack. */
import type { LifecycleReasonCode } from '@yardarm/contract';
import type { Digest } from '../hygiene/tell-owners.ts';
import { escapeSlack, linkTo } from './slack-text.ts';

const MAX_LINES = 20;
const REASONS: { readonly [code in LifecycleReasonCode]?: string } = {
  one_value: 'one value for everyone',
  never_evaluated: 'never evaluated',
  not_evaluated: 'not evaluated for long',
  code_gone: 'no code names it',
};

export function toDigestText(project: string, { owner, team, count, flags }: Digest, publicUrl: string | null): string {
  const where = linkTo(publicUrl, ['projects', project, 'hygiene'], project);
  const whose = owner === null ? 'that nobody owns' : `of ${escapeSlack(team ?? owner)}`;
  const lines = flags.slice(0, MAX_LINES).map((flag) => {
    const name = linkTo(publicUrl, ['projects', project, 'flags', flag.flag], flag.flag);
    return `• ${name} ${describe(flag)}`;
  });
  const more = count - lines.length;
  return [
    `*${count === 1 ? 'A flag' : `${count} flags`} ${whose}* in ${where} ${count === 1 ? 'wants' : 'want'} cleaning up`,
    ...lines,
    ...(more > 0 ? [`• and ${more} more`] : []),
  ].join('\n');
}

function describe({ lifecycle, expiresOn, reasons }: Digest['flags'][number]): string {
  const why = reasons.flatMap(({ code }) => REASONS[code] ?? []).join(', ');
  const behind = why === '' ? '' : `: ${why}`;
  switch (lifecycle) {
    case 'expired':
      return `expired on ${expiresOn}${behind}`;
    case 'expiring':
      return `expires on ${expiresOn}${behind}`;
    case 'ready_to_remove':
      return 'is ready to remove: nothing uses it any more';
    default:
      return `is stale${behind}`;
  }
}
