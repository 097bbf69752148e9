import type { UseMutationResult } from '@tanstack/react-query';
import { useState } from 'react';
import { toSentence } from './api-client.ts';

/** What is asked about before it is done: the dialog stays open, with the reason, where that is refused. */
export function useConfirmation<Subject>(mutation: UseMutationResult<unknown, Error, Subject>) {
  const [subject, ask] = useState<Subject | null>(null);
  return {
    /** Null: nothing is asked. */
    subject,
    ask,
    /** For a ConfirmDialog. */
    dialog: {
      pending: mutation.isPending,
      error: mutation.error && toSentence(mutation.error),
      onClose: () => {
        mutation.reset();
        ask(null);
      },
      onConfirm: () => subject !== null && mutation.mutate(subject, { onSuccess: () => ask(null) }),
    },
  };
}
