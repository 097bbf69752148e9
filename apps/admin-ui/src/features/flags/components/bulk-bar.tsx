/** What can be done to the flags that are selected in the list, and what became of it. */
import type { EditedFlags, Environment, Flag } from '@yardarm/contract';
import { useState } from 'react';
import { Button } from '../../../components/ui/button.tsx';
import { CloseIcon } from '../../../components/ui/icons.tsx';
import { classNames } from '../../../lib/class-names.ts';
import { counted, grouped } from '../../../lib/counted.ts';
import { useMay } from '../../../lib/rights.ts';
import { BULK_VERBS, type BulkVerb, outcomeSentence } from '../bulk-words.ts';
import { BulkDialog } from './bulk-dialog.tsx';

const VERBS: readonly BulkVerb[] = ['add_tag', 'remove_tag', 'owner', 'kill', 'archive'];

export interface BulkBarProps {
  readonly project: string;
  /** All of the project, for what can be suggested. */
  readonly flags: readonly Flag[];
  readonly selected: readonly Flag[];
  /** How many of the selected the list does not show at the moment. */
  readonly hidden: number;
  readonly environments: readonly Environment[];
  /** Something else stands at the lower edge of the window. */
  readonly raised: boolean;
  readonly onClear: () => void;
  /** Leaves only those selected that the list shows. */
  readonly onOnlyShown: () => void;
}

export default function BulkBar({ project, flags, selected, hidden, environments, raised, onClear, onOnlyShown }: BulkBarProps) {
  const [asking, setAsking] = useState<BulkVerb | null>(null);
  const [outcome, setOutcome] = useState<string | null>(null);
  const may = useMay(project);
  const killable = environments.filter(({ key }) => may('flag.kill', key));
  const allowed = VERBS.filter((verb) =>
    verb === 'kill' ? killable.length > 0 : may(verb === 'archive' ? 'flag.archive' : 'flag.update'),
  );
  const finish = (verb: BulkVerb, edited: EditedFlags) => {
    setOutcome(outcomeSentence(verb, edited));
    setAsking(null);
    if (verb === 'archive') onClear();
  };
  return (
    <section
      aria-label="Selected flags"
      data-bottom-bar
      className={classNames(
        'fixed left-1/2 z-30 flex w-max max-w-[calc(100vw-1.5rem)] -translate-x-1/2 flex-wrap items-center gap-x-1.5 gap-y-1 rounded-xl border border-line bg-raised p-2 pl-3.5 shadow-popup',
        raised ? 'bottom-36' : 'bottom-4',
      )}
    >
      <div className="mr-2 text-sm" role="status">
        <span className="font-semibold tabular-nums">{counted(selected.length, 'flag')}</span> selected
        {hidden > 0 && <span className="text-warn"> · {grouped(hidden)} not in this list</span>}
        {outcome && <div className="text-ink-faint text-xs">{outcome}</div>}
      </div>
      {hidden > 0 && hidden < selected.length && (
        <Button size="sm" look="ghost" onClick={onOnlyShown}>
          Only these {grouped(selected.length - hidden)}
        </Button>
      )}
      {allowed.length === 0 && (
        <span className="text-ink-soft text-sm">You may not edit flags here. An administrator can let you.</span>
      )}
      {allowed.map((verb) => (
        <Button
          key={verb}
          size="sm"
          look={verb === 'kill' ? 'danger' : 'ghost'}
          onClick={() => {
            setOutcome(null);
            setAsking(verb);
          }}
        >
          {BULK_VERBS[verb].button}
          {verb === 'kill' && '…'}
        </Button>
      ))}
      <Button look="ghost" size="sm" aria-label="Select none" title="Select none" onClick={onClear}>
        <CloseIcon />
      </Button>
      {asking && (
        <BulkDialog
          project={project}
          verb={asking}
          flags={flags}
          selected={selected}
          hidden={hidden}
          environments={asking === 'kill' ? killable : environments}
          onClose={() => setAsking(null)}
          onDone={(edited) => finish(asking, edited)}
        />
      )}
    </section>
  );
}
