/** What expires when, as a list of what is due and as a calendar of everything that has a day. */
import { useQuery } from '@tanstack/react-query';
import type { AssessedFlag } from '@yardarm/contract';
import { type ReactNode, useState } from 'react';
import { Card } from '../components/ui/card.tsx';
import { Select } from '../components/ui/select.tsx';
import { flagsQuery } from '../features/flags/api/get-flags.ts';
import { expirySentence } from '../features/flags/lifecycle.ts';
import { AssessedList } from '../features/hygiene/components/assessed-list.tsx';
import { ExpiryCalendar } from '../features/hygiene/components/expiry-calendar.tsx';
import { classNames } from '../lib/class-names.ts';

type Form = 'list' | 'calendar';
const FORMS: readonly { readonly value: Form; readonly label: string }[] = [
  { value: 'list', label: 'As a list' },
  { value: 'calendar', label: 'As a calendar' },
];

export interface ExpiriesCardProps {
  readonly project: string;
  readonly expiries: readonly AssessedFlag[];
  readonly owner: string | undefined;
  readonly coverage: string | undefined;
  readonly flagLink: (key: string) => ReactNode;
  readonly onSnooze: ((key: string) => void) | undefined;
}

export function ExpiriesCard({ project, expiries, owner, coverage, flagLink, onSnooze }: ExpiriesCardProps) {
  const [form, setForm] = useState<Form>('list');
  const flags = useQuery(flagsQuery(project));
  const dated = (flags.data ?? []).filter((flag) => flag.expiresOn !== null && (owner === undefined || flag.owner === owner));
  return (
    <Card title="Expiries" actions={<Select label="Expiries as" value={form} options={FORMS} onChange={setForm} />}>
      {form === 'calendar' ? (
        <ExpiryCalendar flags={dated} today={new Date().toISOString().slice(0, 10)} flagLink={flagLink} />
      ) : (
        <AssessedList
          flags={expiries}
          coverage={coverage}
          flagLink={flagLink}
          onSnooze={onSnooze}
          empty="Nothing has expired, and nothing is about to."
          due={(flag) => (
            <span className={classNames(flag.lifecycle === 'expiring' ? 'text-warn' : 'text-bad')}>
              {expirySentence(flag, Date.now())}
            </span>
          )}
        />
      )}
    </Card>
  );
}
