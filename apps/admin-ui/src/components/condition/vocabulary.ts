import type { ContextAttribute, Segment } from '@yardarm/contract';
import type { ScalarType } from '../../lib/operator-forms.ts';

/** What conditions of a project can be about. */
export interface Vocabulary {
  readonly attributes: readonly ContextAttribute[];
  /** Null: conditions here cannot ask for segments. */
  readonly segments: readonly Pick<Segment, 'key' | 'name'>[] | null;
}

/** The type in which values of a declared attribute are compared by equality; undefined where it is not declared. */
export function declaredType({ attributes }: Vocabulary, name: string): ScalarType | undefined {
  const type = attributes.find((attribute) => attribute.name === name)?.type;
  if (type === undefined || type === 'number' || type === 'boolean') return type;
  return 'string';
}
