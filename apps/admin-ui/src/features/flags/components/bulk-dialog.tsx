/** Asks what an edit of several flags needs to know, and names each of those that were left as they were. */
import type { EditedFlags, Environment, Flag } from '@yardarm/contract';
import { useState } from 'react';
import { isProduction } from '../../../components/environment-name.tsx';
import { ReasonField, useReason } from '../../../components/reason-field.tsx';
import { Button } from '../../../components/ui/button.tsx';
import { Dialog, DialogBody, DialogFooter } from '../../../components/ui/dialog.tsx';
import { DialogForm } from '../../../components/ui/dialog-form.tsx';
import { Select } from '../../../components/ui/select.tsx';
import { SuggestInput } from '../../../components/ui/suggest-input.tsx';
import { toSentences } from '../../../lib/api-client.ts';
import { counted, grouped } from '../../../lib/counted.ts';
import { type BulkEdit, useEditFlags } from '../api/edit-flags.ts';
import { BULK_VERBS, type BulkVerb, outcomeSentence } from '../bulk-words.ts';
import { ownersOf, tagsOf } from '../flag-filter.ts';

export interface BulkDialogProps {
  readonly project: string;
  readonly verb: BulkVerb;
  readonly flags: readonly Flag[];
  readonly selected: readonly Flag[];
  /** How many of them the list does not show: nobody looks at those now. */
  readonly hidden: number;
  readonly environments: readonly Environment[];
  readonly onClose: () => void;
  readonly onDone: (edited: EditedFlags) => void;
}

export function BulkDialog({ project, verb, flags, selected, hidden, environments, onClose, onDone }: BulkDialogProps) {
  const [text, setText] = useState('');
  const [environment, setEnvironment] = useState(() => (environments.find(isProduction) ?? environments[0])?.key ?? '');
  // What was selected when the dialog opened: others may change the list meanwhile.
  const [keys] = useState(() => selected.map(({ key }) => key));
  const [unseen] = useState(hidden);
  const editing = useEditFlags(project);
  const edited = editing.data;
  // Tags are in no rule set, and a kill waits for no reason.
  const isReasonRequired = (verb === 'owner' || verb === 'archive') && environments.some((one) => one.protected);
  const reason = useReason(isReasonRequired);
  const edit = toEdit(verb, text.trim(), environment);
  const suggestions = (verb === 'owner' ? ownersOf(flags) : tagsOf(verb === 'remove_tag' ? selected : flags)).map((value) => ({
    value,
  }));
  const submit = () => {
    if (edit === null) return;
    reason.give((text) =>
      editing.mutate(
        { flags: keys, edit, reason: text },
        { onSuccess: (answer) => answer.refused.length === 0 && onDone(answer) },
      ),
    );
  };
  if (edited && edited.refused.length > 0)
    return (
      <Dialog open wide onClose={() => onDone(edited)} title={outcomeSentence(verb, edited)}>
        <DialogBody>
          <ul className="divide-y divide-line rounded-md border border-line text-sm" data-testid="refused">
            {edited.refused.map(({ flag, message }) => (
              <li key={flag} className="px-3 py-2">
                <div className="font-medium">{flag}</div>
                <div className="text-ink-soft">{message}</div>
              </li>
            ))}
          </ul>
        </DialogBody>
        <DialogFooter>
          <Button look="primary" onClick={() => onDone(edited)}>
            Close
          </Button>
        </DialogFooter>
      </Dialog>
    );
  const { title, description } = DESCRIPTIONS[verb](counted(keys.length, 'flag'));
  return (
    <Dialog open onClose={onClose} title={title} description={description}>
      <DialogForm
        action={`${BULK_VERBS[verb].button} ${verb === 'kill' || verb === 'archive' ? counted(keys.length, 'flag') : ''}`.trim()}
        look={verb === 'kill' || verb === 'archive' ? 'danger' : 'primary'}
        disabled={edit === null}
        pending={editing.isPending}
        errors={toSentences(editing.error)}
        onClose={onClose}
        onSubmit={submit}
      >
        {verb === 'kill' && (
          <Select
            label="Environment to kill in"
            value={environment}
            options={environments.map(({ key, name }) => ({ value: key, label: name }))}
            onChange={setEnvironment}
          />
        )}
        {(verb === 'add_tag' || verb === 'remove_tag' || verb === 'owner') && (
          <SuggestInput
            autoFocus
            aria-label={verb === 'owner' ? 'New owner' : 'Tag'}
            placeholder={verb === 'owner' ? 'Team or person' : 'Tag'}
            maxLength={verb === 'owner' ? 200 : 64}
            suggestions={suggestions}
            value={text}
            onText={setText}
          />
        )}
        {unseen > 0 && (
          <p className="text-sm text-warn">
            {grouped(unseen)} of them {unseen === 1 ? 'is' : 'are'} not in the list that you see now.
          </p>
        )}
        <p className="break-words rounded-md border border-line bg-sunken px-3 py-2 font-mono text-ink-soft text-xs leading-5">
          {keys.slice(0, SHOWN_KEYS).join(', ')}
          {keys.length > SHOWN_KEYS && ` and ${grouped(keys.length - SHOWN_KEYS)} more`}
        </p>
        <ReasonField reason={reason} autoFocus={verb === 'kill' || verb === 'archive'} />
      </DialogForm>
    </Dialog>
  );
}

/** As many as a person still reads. */
const SHOWN_KEYS = 20;

const DESCRIPTIONS: Record<BulkVerb, (flags: string) => { readonly title: string; readonly description: string }> = {
  add_tag: (flags) => ({ title: `Add a tag to ${flags}`, description: 'Changes nothing that anybody is served.' }),
  remove_tag: (flags) => ({ title: `Remove a tag from ${flags}`, description: 'Changes nothing that anybody is served.' }),
  owner: (flags) => ({
    title: `Give ${flags} another owner`,
    description: 'Who answers from now on. Nobody is served anything else.',
  }),
  archive: (flags) => ({
    title: `Archive ${flags}?`,
    description: 'No rule set has what is archived: applications that still ask for it get their code default.',
  }),
  kill: (flags) => ({
    title: `Kill ${flags}`,
    description: 'Everybody gets what is served when off, at once, in the environment you choose.',
  }),
};

/** Null: something is missing. */
function toEdit(verb: BulkVerb, text: string, environment: string): BulkEdit | null {
  if (verb === 'archive') return { do: verb };
  if (verb === 'kill') return environment === '' ? null : { do: verb, environment };
  if (text === '') return null;
  return verb === 'owner' ? { do: verb, owner: text } : { do: verb, tag: text };
}
