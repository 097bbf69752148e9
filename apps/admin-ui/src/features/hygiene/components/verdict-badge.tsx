import type { Verdict } from '@yardarm/contract';
import { Badge } from '../../../components/ui/badge.tsx';
import { VERDICT_WORDS } from '../hygiene-words.ts';

/** Null: not assessed yet. */
export function VerdictBadge({ verdict }: { readonly verdict: Verdict | null }) {
  if (verdict === null) return <Badge title="The server assesses every flag once a minute">not assessed yet</Badge>;
  return (
    <Badge tone={VERDICT_WORDS[verdict].tone} title={VERDICT_WORDS[verdict].sentence}>
      {verdict}
    </Badge>
  );
}
