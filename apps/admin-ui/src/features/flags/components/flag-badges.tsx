import type { Flag } from '@yardarm/contract';
import { Badge, type Tone } from '../../../components/ui/badge.tsx';
import { classNames } from '../../../lib/class-names.ts';
import { expirySentence, type Lifecycle, lifecycleOf } from '../lifecycle.ts';

const KIND_TITLES: Record<Flag['kind'], string> = {
  release: 'Release: hides work until it is done, then goes',
  experiment: 'Experiment: compares variants, then goes',
  operational: 'Operational: a kill switch or a setting, stays',
  permission: 'Permission: who may use something, stays',
};

export function KindBadge({ kind }: { readonly kind: Flag['kind'] }) {
  return <Badge title={KIND_TITLES[kind]}>{kind}</Badge>;
}

const LIFECYCLE_TONES: Record<Lifecycle, Tone> = { active: 'neutral', expiring: 'warn', expired: 'bad' };

/** Quiet while there is time, a badge once there is not. */
export function Expiry({ flag, className }: { readonly flag: Flag; readonly className?: string }) {
  const nowMs = Date.now();
  const lifecycle = lifecycleOf(flag, nowMs);
  const words = expirySentence(flag, nowMs);
  const title = flag.expiresOn ? `Expires on ${flag.expiresOn}; passing it changes no value` : undefined;
  if (lifecycle !== 'active')
    return (
      <Badge tone={LIFECYCLE_TONES[lifecycle]} {...(title && { title })}>
        {words}
      </Badge>
    );
  return (
    <span
      title={title}
      className={classNames('whitespace-nowrap text-sm', flag.expiresOn ? 'text-ink-soft' : 'text-ink-faint', className)}
    >
      {words}
    </span>
  );
}
