import type { Right } from '@yardarm/contract';

/** A right in words: `editor in shop, production`. */
export function describeRight({ role, actions, project, environment }: Right): string {
  const what = [role, ...actions.map((action) => (action === 'flag.kill' ? 'kill flags' : action))]
    .filter((part) => part !== null)
    .join(', ');
  if (project === null) return `${what} everywhere`;
  return `${what} in ${project}${environment === null ? '' : `, ${environment}`}`;
}
