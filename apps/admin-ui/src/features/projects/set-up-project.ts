/** What a first project begins with. Pure. */
import type { EnvironmentColor } from '@yardarm/contract';

export interface PlannedEnvironment {
  readonly key: string;
  readonly name: string;
  readonly color: EnvironmentColor;
  readonly protected: boolean;
  readonly about: string;
}

/** In the order in which a change travels. */
export const PLANNED_ENVIRONMENTS: readonly PlannedEnvironment[] = [
  { key: 'development', name: 'Development', color: 'teal', protected: false, about: 'Where you try things.' },
  { key: 'staging', name: 'Staging', color: 'purple', protected: false, about: 'What is about to go out.' },
  {
    key: 'production',
    name: 'Production',
    color: 'orange',
    protected: true,
    about: 'Protected: changes ask for a reason. A kill never does.',
  },
];

/** As much as the API takes. */
const MAX_KEY_CHARS = 64;

/** A key that says what a name says: `Ann's Shop 2` is `anns-shop-2`. Empty where nothing of it can be in a key. */
export function keyOf(name: string): string {
  const letters = name.normalize('NFKD').replace(/[\u0300-\u036f'’]/g, '');
  const key = letters.toLowerCase().replace(/[^a-z0-9]+/g, '-');
  return key.slice(0, MAX_KEY_CHARS).replace(/^-+|-+$/g, '');
}
