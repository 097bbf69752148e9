import type { Lifecycle, LifecycleReason, LifecycleState } from '@yardarm/contract';

/** Every reason for a lifecycle: what the calendar says, and behind it what the evidence does. */
export function toReasons(
  { archivedAt, expiresOn }: LifecycleState,
  lifecycle: Lifecycle,
  evidence: readonly LifecycleReason[],
): LifecycleReason[] {
  if (archivedAt !== null) return [{ code: 'archived', since: archivedAt }];
  const isDated = (lifecycle === 'expired' || lifecycle === 'expiring') && expiresOn !== null;
  return [
    ...(isDated ? [{ code: lifecycle, since: lifecycle === 'expired' ? `${expiresOn}T23:59:59.999Z` : null }] : []),
    ...evidence,
  ];
}
