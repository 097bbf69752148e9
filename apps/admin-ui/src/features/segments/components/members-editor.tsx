/** Who belongs to a segment: those named, but never those excepted, and whoever the condition holds for. */
import { ConditionEditor } from '../../../components/condition/condition-editor.tsx';
import type { Vocabulary } from '../../../components/condition/vocabulary.ts';
import { Button } from '../../../components/ui/button.tsx';
import { Card } from '../../../components/ui/card.tsx';
import { PlusIcon } from '../../../components/ui/icons.tsx';
import { KeepFocus } from '../../../components/ui/keep-focus.tsx';
import { TokenInput } from '../../../components/ui/token-input.tsx';
import { NEW_PART } from '../../../lib/condition-edits.ts';
import { unitsOf } from '../../../lib/units-of.ts';
import type { Members } from '../members.ts';

export interface MembersEditorProps {
  readonly now: Members;
  readonly onChange: (now: Members) => void;
  readonly attributes: Vocabulary['attributes'];
  readonly issueAt: (path: string) => string | undefined;
}

export function MembersEditor({ now, onChange, attributes, issueAt }: MembersEditorProps) {
  const list = (member: 'include' | 'exclude', label: string) => (
    <div>
      <p className="mb-1 font-medium text-sm">{label}</p>
      <TokenInput
        label={label}
        placeholder="targeting keys, one after the other, or a pasted list"
        tokens={now[member].map(String)}
        invalid={issueAt(`/${member}`) !== undefined}
        toToken={(typed) => typed.trim()}
        onChange={(tokens) => onChange({ ...now, [member]: unitsOf(tokens, now[member]) })}
      />
      {issueAt(`/${member}`) && <p className="mt-1 text-bad text-xs">{issueAt(`/${member}`)}</p>}
    </div>
  );
  return (
    <Card title="Members">
      <KeepFocus>
        <div className="space-y-4 p-4">
          {list('include', 'Always in it')}
          {list('exclude', 'Never in it')}
          <div>
            <div className="mb-1 flex items-center justify-between">
              <p className="font-medium text-sm">And whoever this holds for</p>
              {now.when !== null && (
                <Button look="ghost" size="sm" onClick={() => onChange({ ...now, when: null })}>
                  Remove the condition
                </Button>
              )}
            </div>
            {now.when === null ? (
              <Button size="sm" onClick={() => onChange({ ...now, when: NEW_PART })}>
                <PlusIcon className="size-3.5" /> Add condition
              </Button>
            ) : (
              <ConditionEditor
                condition={now.when}
                // Segments do not nest.
                vocabulary={{ attributes, segments: null }}
                path="/when"
                issueAt={issueAt}
                of="the segment"
                onChange={(when) => onChange({ ...now, when })}
              />
            )}
          </div>
        </div>
      </KeepFocus>
    </Card>
  );
}
