/** Makes a webhook and shows its secret, this once; or edits one. */
import { type Environment, WEBHOOK_FORMATS, type Webhook } from '@yardarm/contract';
import { useState } from 'react';
import { EnvironmentName } from '../../../components/environment-name.tsx';
import { Dialog } from '../../../components/ui/dialog.tsx';
import { DialogForm } from '../../../components/ui/dialog-form.tsx';
import { TextField } from '../../../components/ui/field.tsx';
import { Labelled } from '../../../components/ui/labelled.tsx';
import { LOST_SECRET, SecretOnce } from '../../../components/ui/secret-once.tsx';
import { Select } from '../../../components/ui/select.tsx';
import { TokenInput } from '../../../components/ui/token-input.tsx';
import { toSentences } from '../../../lib/api-client.ts';
import { useSaveWebhook, type WebhookFields } from '../api/webhooks.ts';
import { COMMANDS, toCommand } from '../describe-webhook.ts';

const FORMAT_LABELS = { generic: 'JSON, signed', slack: 'A message for Slack' } as const;

export interface WebhookDialogProps {
  readonly project: string;
  readonly environments: readonly Environment[];
  /** Null: a new one. */
  readonly webhook: Webhook | null;
  readonly onClose: () => void;
}

export function WebhookDialog({ project, environments, webhook, onClose }: WebhookDialogProps) {
  const [fields, setFields] = useState<WebhookFields>(
    webhook ?? { name: '', url: '', format: 'generic', commands: [], environments: [], enabled: true },
  );
  const [tried, setTried] = useState(false);
  const saving = useSaveWebhook(project);
  const change = (part: Partial<WebhookFields>) => setFields({ ...fields, ...part });
  const made = webhook === null ? saving.data : undefined;
  const problems = {
    name: fields.name.trim() === '' ? 'Give the webhook a name.' : undefined,
    url: /^https?:\/\/./i.test(fields.url.trim()) ? undefined : 'An address begins with https:// or http://.',
  };
  const submit = () => {
    setTried(true);
    if (problems.name || problems.url) return;
    const { name, url, format, commands, environments: places, enabled } = fields;
    const input = { name: name.trim(), url: url.trim(), format, commands: [...commands], environments: [...places], enabled };
    saving.mutate({ webhook, fields: input }, { onSuccess: () => webhook !== null && onClose() });
  };
  return (
    <Dialog
      open
      onClose={onClose}
      mustAnswer={made !== undefined}
      title={
        made
          ? made.secret
            ? 'Copy the signing secret now'
            : LOST_SECRET
          : webhook === null
            ? 'New webhook'
            : `Edit '${webhook.name}'`
      }
      description={
        made
          ? 'It is shown this once. Each message is signed with it, so that your side can tell that it is ours.'
          : 'An address that is told of changes of this project, within seconds.'
      }
    >
      {made ? (
        <SecretOnce
          secret={made.secret}
          label="Copy signing secret"
          instead="Nobody can read it any more. Delete the webhook, and make another."
          onCopied={onClose}
        />
      ) : (
        <DialogForm
          action={webhook === null ? 'Create webhook' : 'Save'}
          pending={saving.isPending}
          errors={toSentences(saving.error)}
          onClose={onClose}
          onSubmit={submit}
        >
          <TextField
            autoFocus
            label="Name"
            placeholder="on-call channel"
            value={fields.name}
            error={tried ? problems.name : undefined}
            onChange={(event) => change({ name: event.target.value })}
          />
          <TextField
            label="Address"
            type="url"
            placeholder="https://hooks.example.com/yardarm"
            value={fields.url}
            error={tried ? problems.url : undefined}
            onChange={(event) => change({ url: event.target.value })}
          />
          <Labelled label="Format">
            <Select
              label="Format"
              value={fields.format}
              options={WEBHOOK_FORMATS.map((value) => ({ value, label: FORMAT_LABELS[value] }))}
              onChange={(format) => change({ format })}
              className="w-full"
            />
          </Labelled>
          <div>
            <div className="mb-1 font-medium text-sm">Only these commands</div>
            <TokenInput
              label="Commands"
              placeholder="every one; for example flag.kill"
              tokens={fields.commands}
              toToken={toCommand}
              suggestions={COMMANDS}
              onChange={(commands) => change({ commands: [...commands] })}
            />
          </div>
          <fieldset>
            <legend className="mb-1 font-medium text-sm">Only these environments</legend>
            <div className="flex flex-wrap gap-x-4 gap-y-1">
              {environments.map((environment) => (
                <label key={environment.key} className="flex items-center gap-2 text-sm">
                  <input
                    type="checkbox"
                    className="checkbox shrink-0"
                    checked={fields.environments.includes(environment.key)}
                    onChange={({ target }) =>
                      change({
                        environments: fields.environments
                          .filter((key) => key !== environment.key)
                          .concat(target.checked ? environment.key : []),
                      })
                    }
                  />
                  <EnvironmentName environment={environment} />
                </label>
              ))}
            </div>
            <p className="mt-1 text-ink-faint text-xs">None chosen: every one, and what touches none.</p>
          </fieldset>
          {webhook !== null && (
            <label className="flex items-center gap-2 text-sm">
              <input
                type="checkbox"
                className="checkbox shrink-0"
                checked={fields.enabled}
                onChange={({ target }) => change({ enabled: target.checked })}
              />
              Switched on
            </label>
          )}
        </DialogForm>
      )}
    </Dialog>
  );
}
