import type { Right } from '@yardarm/contract';

/** Whether these rights make an administrator of `project` (null: of the instance). The server decides; this only leaves out what it would refuse. */
export function administers(grants: readonly Right[], project: string | null): boolean {
  return grants.some(
    (right) => right.role === 'admin' && right.environment === null && (right.project === null || right.project === project),
  );
}
