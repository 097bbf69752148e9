/**
 * What everybody gets whom no target and no rule catches: one variant, or a percentage of two. The edit is a
 * draft until it is published; the version it was made from goes with it, so that nobody is overwritten unseen.
 */
import type { Flag, FlagEnvironment } from '@yardarm/contract';
import { useId, useState } from 'react';
import { Phrases } from '../../../components/phrases.tsx';
import { Button } from '../../../components/ui/button.tsx';
import { BareInput } from '../../../components/ui/field.tsx';
import { InlineError } from '../../../components/ui/notice.tsx';
import { Select } from '../../../components/ui/select.tsx';
import { changesAnything, parsePercent, sameServe, startRollout, toRollout, withRolloutWeight } from '../../../lib/rollout.ts';
import { editSentence, serveSentence } from '../../../lib/rule-sentence.ts';
import { RolloutControl } from './rollout-control.tsx';

export interface FallthroughDraft {
  readonly serve: FlagEnvironment['fallthrough'];
  /** Version of the configuration that the draft was made from. */
  readonly version: number;
}

export interface FallthroughEditorProps {
  readonly flag: Flag;
  readonly state: FlagEnvironment;
  readonly environmentName: string;
  readonly draft: FallthroughDraft | null;
  readonly onDraft: (draft: FallthroughDraft | null) => void;
  readonly onPublish: (draft: FallthroughDraft, reason: string) => void;
  readonly pending: boolean;
  readonly error: string | null;
}

export function FallthroughEditor(props: FallthroughEditorProps) {
  const { flag, state, environmentName, draft, onDraft, onPublish, pending, error } = props;
  const [reason, setReason] = useState('');
  const [typed, setTyped] = useState<string | null>(null);
  const form = useId();
  const serve = draft ? draft.serve : state.fallthrough;
  const rollout = toRollout(serve);
  const invalid = rollout !== null && typed !== null && parsePercent(typed) === null;
  const changes = draft !== null && changesAnything(state.fallthrough, draft.serve);
  const edit = (next: FlagEnvironment['fallthrough']) => {
    const version = draft?.version ?? state.version;
    onDraft(sameServe(next, state.fallthrough) ? null : { serve: next, version });
  };
  return (
    <div>
      <div className="flex items-center justify-between gap-3">
        <span className="text-ink-soft text-sm">{whoGets(state)}</span>
        <Select
          label={`What everybody else gets in ${environmentName}`}
          value={choiceOf(serve)}
          options={choicesFor(flag, serve)}
          onChange={(choice) => {
            setTyped(null);
            edit(serveOf(choice, flag, state, serve));
          }}
          className="max-w-44"
        />
      </div>
      {rollout && (
        <RolloutControl
          rollout={rollout}
          published={toRollout(state.fallthrough)}
          environment={state.environment}
          environmentName={environmentName}
          form={form}
          on={state.on}
          disabled={pending}
          typed={typed}
          onTyped={setTyped}
          onWeight={(weight) => edit(withRolloutWeight(rollout, weight))}
        />
      )}
      {serve && 'split' in serve && !rollout && (
        <p className="mt-2 text-sm">
          <Phrases phrases={serveSentence(serve)} />
        </p>
      )}
      {(draft || invalid) && (
        <form
          id={form}
          className="mt-3 space-y-2 rounded-md border border-accent/40 bg-accent-soft p-2.5"
          onSubmit={(event) => {
            event.preventDefault();
            if (!draft || !changes || invalid || pending) return;
            onPublish(draft, reason.trim());
            setReason('');
            setTyped(null);
          }}
        >
          {draft && !invalid && (
            <p className="text-sm">
              {changes ? (
                <Phrases phrases={editSentence(state.fallthrough, draft.serve)} />
              ) : (
                <span className="text-ink-soft">Changes nothing for anybody until you move the percentage.</span>
              )}
            </p>
          )}
          {draft && draft.version !== state.version && (
            <p role="status" className="text-sm text-warn">
              {environmentName} was changed while you edited.
            </p>
          )}
          <BareInput
            aria-label={`Reason for the change in ${environmentName}`}
            placeholder="Reason (optional, kept in the history)"
            value={reason}
            maxLength={1_000}
            onChange={(event) => setReason(event.target.value)}
          />
          <div className="flex justify-end gap-2">
            <Button
              look="ghost"
              size="sm"
              disabled={pending}
              onClick={() => {
                setTyped(null);
                onDraft(null);
              }}
            >
              Discard
            </Button>
            <Button
              look="primary"
              size="sm"
              type="submit"
              pending={pending}
              disabled={invalid || !changes}
              data-testid={`publish-${state.environment}`}
            >
              Publish
            </Button>
          </div>
        </form>
      )}
      {error && (
        <div className="mt-2">
          <InlineError message={error} />
        </div>
      )}
    </div>
  );
}

/** While the flag is off, the card says elsewhere what everybody gets now. */
function whoGets({ on, rules, targets }: FlagEnvironment): string {
  const who = rules.length + targets.length > 0 ? 'everybody else gets' : 'everybody gets';
  return on ? `E${who.slice(1)}` : `When on, ${who}`;
}

const ROLLOUT = '%rollout';
const SPLIT = '%split';
const DEFAULT = '%default';

/** `%` cannot start the name of a variant, so these never meet one. */
function choiceOf(serve: FlagEnvironment['fallthrough']): string {
  if (!serve) return DEFAULT;
  if ('variant' in serve) return serve.variant;
  return toRollout(serve) ? ROLLOUT : SPLIT;
}

function choicesFor(flag: Flag, serve: FlagEnvironment['fallthrough']) {
  const names = Object.keys(flag.variants);
  return [
    ...names.map((name) => ({ value: name, label: name })),
    ...(names.length >= 2 ? [{ value: ROLLOUT, label: 'a percentage' }] : []),
    ...(choiceOf(serve) === SPLIT ? [{ value: SPLIT, label: 'a split' }] : []),
    { value: DEFAULT, label: 'the code default' },
  ];
}

function serveOf(
  choice: string,
  flag: Flag,
  state: FlagEnvironment,
  current: FlagEnvironment['fallthrough'],
): FlagEnvironment['fallthrough'] {
  if (choice === DEFAULT) return null;
  if (choice === SPLIT) return current;
  if (choice !== ROLLOUT) return { variant: choice };
  // Back to what the server has, if that is a percentage: its order and salt decide who is in.
  if (toRollout(state.fallthrough)) return state.fallthrough;
  const names = Object.keys(flag.variants);
  const served = current && 'variant' in current ? current.variant : (names[0] as string);
  const rest = state.offVariant ?? names.find((name) => name !== served) ?? served;
  const grows = served === rest ? (names.find((name) => name !== rest) as string) : served;
  return startRollout(served, grows, rest);
}
