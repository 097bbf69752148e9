/** Says in a toast who changed what, when it was not this tab. A burst becomes one sentence with a number. */
import { Toast } from '@base-ui/react/toast';
import type { Notification } from '@yardarm/contract';
import { useCallback, useEffect, useRef } from 'react';
import { getChanges } from '../features/changes/api/get-changes.ts';
import { changeText } from '../features/changes/describe-change.ts';

/** Notifications of one change set come within a few milliseconds of each other. */
const BURST_MS = 200;
const MAX_SENTENCES = 2;

export function useAnnounceChanges(project: string): (notification: Notification) => void {
  const { add } = Toast.useToastManager();
  const burst = useRef<Notification[]>([]);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);

  return useCallback(
    (notification) => {
      burst.current.push(notification);
      clearTimeout(timer.current);
      timer.current = setTimeout(async () => {
        const entities = distinct(burst.current);
        burst.current = [];
        if (entities.length > MAX_SENTENCES) {
          const actors = [...new Set(entities.map(({ actor }) => actor))].join(', ');
          add({ type: 'person', title: `${actors} changed ${entities.length} things`, description: 'See Changes for each.' });
          return;
        }
        for (const entity of entities) add({ type: 'person', ...(await sentenceOf(project, entity)) });
      }, BURST_MS);
    },
    [add, project],
  );
}

/** One notification for each entity; of several environments the last. */
function distinct(notifications: readonly Notification[]): Notification[] {
  return [...new Map(notifications.map((one) => [`${one.kind} ${one.key}`, one])).values()];
}

/** From the history, which knows what and why; without it, what the notification says. */
async function sentenceOf(project: string, notification: Notification): Promise<{ title: string; description: string }> {
  const { kind, key, environment, actor } = notification;
  const place = environment ?? '';
  try {
    const filter = { limit: 10, ...(kind === 'flag' && { flag: key }), ...(environment && { environment }) };
    const { items } = await getChanges(project, filter);
    const change = items.find((item) => item.kind === kind && item.key === key);
    if (change) {
      const reason = change.reason ? `“${change.reason}”` : '';
      return { title: `${change.actor.name} ${changeText(change)}`, description: [place, reason].filter(Boolean).join(' · ') };
    }
  } catch {
    // The history cannot be read now; the notification itself still says who and what.
  }
  return { title: `${actor} changed ${kind === 'key' ? 'an SDK key' : `${kind} ${key}`}`, description: place };
}
