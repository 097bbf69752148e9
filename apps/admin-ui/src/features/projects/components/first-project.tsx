/** The first thing that whoever sets Yardarm up is asked: what their product is called, and where it runs. */
import { type FormEvent, useState } from 'react';
import { EnvironmentName } from '../../../components/environment-name.tsx';
import { Button } from '../../../components/ui/button.tsx';
import { TextField } from '../../../components/ui/field.tsx';
import { InlineError } from '../../../components/ui/notice.tsx';
import { toSentences } from '../../../lib/api-client.ts';
import { type ReadyProject, useSetUpProject } from '../api/set-up-project.ts';
import { keyOf, PLANNED_ENVIRONMENTS } from '../set-up-project.ts';

export function FirstProject({ onReady }: { readonly onReady: (ready: ReadyProject) => void }) {
  const [name, setName] = useState('');
  /** Null: it follows the name. */
  const [typedKey, setTypedKey] = useState<string | null>(null);
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set(PLANNED_ENVIRONMENTS.map(({ key }) => key)));
  const [tried, setTried] = useState(false);
  const settingUp = useSetUpProject();
  const key = (typedKey ?? keyOf(name)).trim();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    const environments = PLANNED_ENVIRONMENTS.filter((one) => chosen.has(one.key));
    if (key !== '' && !settingUp.isPending)
      settingUp.mutate({ key, name: name.trim() || key, environments }, { onSuccess: onReady });
  };
  return (
    <form noValidate onSubmit={submit} className="rounded-xl border border-line bg-surface shadow-card">
      <div className="space-y-4 p-5">
        <TextField
          autoFocus
          label="What do you build?"
          placeholder="Web shop"
          hint="A project: one product with its flags, environments and keys."
          value={name}
          onChange={(event) => setName(event.target.value)}
        />
        <TextField
          label="Its key"
          placeholder="web-shop"
          className="font-mono"
          hint="For addresses and scripts. It cannot be changed later."
          error={tried && key === '' ? 'Give the project a key.' : undefined}
          value={typedKey ?? keyOf(name)}
          onChange={(event) => setTypedKey(event.target.value)}
        />
        <fieldset>
          <legend className="mb-1 font-medium text-sm">Where does it run?</legend>
          <div className="divide-y divide-line rounded-md border border-line">
            {PLANNED_ENVIRONMENTS.map((environment) => (
              <label key={environment.key} className="flex cursor-pointer items-start gap-3 px-3 py-2 hover:bg-hover">
                <input
                  type="checkbox"
                  className="checkbox mt-1 shrink-0"
                  checked={chosen.has(environment.key)}
                  onChange={({ target }) =>
                    setChosen(
                      new Set([...chosen].filter((one) => one !== environment.key).concat(target.checked ? environment.key : [])),
                    )
                  }
                />
                <span className="min-w-0">
                  <EnvironmentName environment={environment} className="text-sm" />
                  <span className="block text-ink-faint text-xs">{environment.about}</span>
                </span>
              </label>
            ))}
          </div>
          <p className="mt-1 text-ink-faint text-xs">Names, colours and protection can be changed later, and others added.</p>
        </fieldset>
        {settingUp.error && toSentences(settingUp.error).map((sentence) => <InlineError key={sentence} message={sentence} />)}
      </div>
      <footer className="flex justify-end rounded-b-xl border-line border-t bg-sunken px-5 py-3">
        <Button look="primary" type="submit" pending={settingUp.isPending}>
          Create project and connect
        </Button>
      </footer>
    </form>
  );
}
