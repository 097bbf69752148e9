import { PASSWORD_CHARS } from '@yardarm/contract';
import { type FormEvent, useState } from 'react';
import { Button } from '../../../components/ui/button.tsx';
import { Card } from '../../../components/ui/card.tsx';
import { TextField } from '../../../components/ui/field.tsx';
import { CheckIcon } from '../../../components/ui/icons.tsx';
import { InlineError } from '../../../components/ui/notice.tsx';
import { ApiError, toSentence } from '../../../lib/api-client.ts';
import { useChangePassword } from '../api/account.ts';

const EMPTY = { current: '', password: '', repeated: '' };

export function PasswordCard() {
  const [typed, setTyped] = useState(EMPTY);
  const [tried, setTried] = useState(false);
  const changing = useChangePassword();
  const change = (part: Partial<typeof EMPTY>) => {
    setTyped({ ...typed, ...part });
    changing.reset();
  };
  const problems = {
    current: refusalOf(changing.error, 'current'),
    password:
      [...typed.password].length < PASSWORD_CHARS.min
        ? `Use at least ${PASSWORD_CHARS.min} characters.`
        : refusalOf(changing.error, 'password'),
    repeated: typed.password === typed.repeated ? undefined : 'This is not the same password.',
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if ([...typed.password].length < PASSWORD_CHARS.min || problems.repeated) return;
    changing.mutate(
      { current: typed.current === '' ? undefined : typed.current, password: typed.password },
      {
        onSuccess: () => {
          setTyped(EMPTY);
          setTried(false);
        },
      },
    );
  };
  const said = (problem: string | undefined) => (tried ? problem : undefined);
  return (
    <Card title="Password">
      <form className="space-y-4 p-4" noValidate onSubmit={submit}>
        <TextField
          label="Current password"
          type="password"
          autoComplete="current-password"
          hint="Leave it empty if you have none yet, since you sign in elsewhere."
          value={typed.current}
          error={said(problems.current)}
          onChange={(event) => change({ current: event.target.value })}
        />
        <TextField
          label="New password"
          type="password"
          autoComplete="new-password"
          hint={`At least ${PASSWORD_CHARS.min} characters; a few words are fine.`}
          value={typed.password}
          error={said(problems.password)}
          onChange={(event) => change({ password: event.target.value })}
        />
        <TextField
          label="The new password again"
          type="password"
          autoComplete="new-password"
          value={typed.repeated}
          error={said(problems.repeated)}
          onChange={(event) => change({ repeated: event.target.value })}
        />
        {changing.error && !problems.current && !refusalOf(changing.error, 'password') && (
          <InlineError message={toSentence(changing.error)} />
        )}
        <div className="flex flex-wrap items-center gap-3">
          <Button look="primary" type="submit" pending={changing.isPending}>
            Change password
          </Button>
          {changing.isSuccess && (
            <span role="status" className="inline-flex items-center gap-1.5 text-good text-sm">
              <CheckIcon className="size-4" /> Changed. Your other sessions have ended.
            </span>
          )}
        </div>
      </form>
    </Card>
  );
}

function refusalOf(error: unknown, field: 'current' | 'password'): string | undefined {
  return error instanceof ApiError ? error.details.find(({ path }) => path === field)?.message : undefined;
}
