import type { Project } from '@yardarm/contract';
import { useState } from 'react';
import { Button } from '../../../components/ui/button.tsx';
import { Card } from '../../../components/ui/card.tsx';
import { TextField } from '../../../components/ui/field.tsx';
import { InlineError } from '../../../components/ui/notice.tsx';
import { hasCode, toSentences } from '../../../lib/api-client.ts';
import { useUpdateProject } from '../api/change-project.ts';

const MAX_EXPIRY_DAYS = 3_650;

/** What the project is called, and how long its temporary flags live. */
export function ProjectCard({ project }: { readonly project: Project }) {
  const [draft, setDraft] = useState<{ readonly name: string; readonly days: string; readonly version: number } | null>(null);
  const updating = useUpdateProject(project.key);
  const { name, days, version } = draft ?? {
    name: project.name,
    days: String(project.defaultExpiryDays),
    version: project.version,
  };
  const edit = (part: { readonly name?: string; readonly days?: string }) => setDraft({ name, days, version, ...part });
  const isDays = /^\d{1,4}$/.test(days) && Number(days) >= 1 && Number(days) <= MAX_EXPIRY_DAYS;
  const changed = name.trim() !== project.name || Number(days) !== project.defaultExpiryDays;
  const stale = hasCode(updating.error, 'stale_version');
  return (
    <Card title="Project">
      <form
        noValidate
        className="grid gap-4 p-4 sm:grid-cols-[2fr_1fr]"
        onSubmit={(event) => {
          event.preventDefault();
          if (!isDays || name.trim() === '' || !changed) return;
          updating.mutate({ version, name: name.trim(), defaultExpiryDays: Number(days) }, { onSuccess: () => setDraft(null) });
        }}
      >
        <TextField
          label="Name"
          value={name}
          error={name.trim() === '' ? 'Give the project a name.' : undefined}
          hint={`Its key is ${project.key}, for ever.`}
          onChange={(event) => edit({ name: event.target.value })}
        />
        <TextField
          label="Default expiry in days"
          inputMode="numeric"
          value={days}
          error={isDays ? undefined : `A number of days from 1 to ${MAX_EXPIRY_DAYS}.`}
          hint="Of release and experiment flags."
          onChange={(event) => edit({ days: event.target.value.trim() })}
        />
        <div className="flex flex-wrap items-center gap-3 sm:col-span-2">
          <Button look="primary" type="submit" pending={updating.isPending} disabled={!changed || !isDays}>
            Save
          </Button>
          {draft && (
            <Button
              look="ghost"
              onClick={() => {
                setDraft(null);
                updating.reset();
              }}
            >
              {stale ? 'Take the newer ones' : 'Discard'}
            </Button>
          )}
          {updating.error && toSentences(updating.error).map((sentence) => <InlineError key={sentence} message={sentence} />)}
        </div>
      </form>
    </Card>
  );
}
