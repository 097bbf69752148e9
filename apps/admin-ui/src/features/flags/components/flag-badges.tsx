import type { Flag, Lifecycle } from '@yardarm/contract';
import { Badge, type Tone } from '../../../components/ui/badge.tsx';
import { classNames } from '../../../lib/class-names.ts';
import { toDay } from '../../../lib/time.ts';
import { lifecycleSentence } from '../lifecycle.ts';

export const KIND_TITLES: Record<Flag['kind'], string> = {
  release: 'Release: hides work until it is done, then goes',
  experiment: 'Experiment: compares variants, then goes',
  operational: 'Operational: a kill switch or a setting, stays',
  permission: 'Permission: who may use something, stays',
};

export function KindBadge({ kind }: { readonly kind: Flag['kind'] }) {
  return <Badge title={KIND_TITLES[kind]}>{kind}</Badge>;
}

const LIFECYCLE_TONES: Record<Lifecycle, Tone> = {
  active: 'neutral',
  expiring: 'warn',
  expired: 'bad',
  stale: 'warn',
  ready_to_remove: 'good',
  archived: 'neutral',
};
const COMPACT_TONES: Record<Tone, string> = {
  neutral: 'text-ink-faint',
  accent: 'text-accent',
  warn: 'text-warn',
  bad: 'text-bad',
  good: 'text-good',
};

/** Quiet while there is time, a badge once there is not. `compact`: a second line, told apart by its colour and its words. */
export function Expiry({ flag, compact = false }: { readonly flag: Flag; readonly compact?: boolean }) {
  const { lifecycle } = flag;
  const nowMs = Date.now();
  const words = `${lifecycleSentence(flag, nowMs)}${flag.snooze ? ', snoozed' : ''}`;
  const title = flag.expiresOn ? `Expires on ${toDay(Date.parse(flag.expiresOn))}; passing it changes no value` : undefined;
  if (compact)
    return (
      <div title={title} className={classNames('truncate text-xs', COMPACT_TONES[LIFECYCLE_TONES[lifecycle]])}>
        {words}
      </div>
    );
  if (lifecycle !== 'active' && lifecycle !== 'archived')
    return (
      <Badge tone={LIFECYCLE_TONES[lifecycle]} {...(title && { title })}>
        {words}
      </Badge>
    );
  return (
    <span title={title} className={classNames('whitespace-nowrap text-sm', flag.expiresOn ? 'text-ink-soft' : 'text-ink-faint')}>
      {words}
    </span>
  );
}
