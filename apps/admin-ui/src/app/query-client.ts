import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query';
import { ApiError, hasCode } from '../lib/api-client.ts';

/** Notifications say when data is stale; this is for a stream that is down without knowing it. */
const STALE_MS = 15_000;
const MAX_RETRIES = 2;

/**
 * `onSignedOut`: a request was refused because the session has ended. Said once, until one is answered again: a page that stays, with an edit
 * that is not published, asks every few seconds.
 */
export function createQueryClient(onSignedOut: () => void): QueryClient {
  let isOver = false;
  const onError = (error: unknown) => {
    if (!hasCode(error, 'unauthenticated') || isOver) return;
    isOver = true;
    onSignedOut();
  };
  const onSuccess = () => {
    isOver = false;
  };
  return new QueryClient({
    queryCache: new QueryCache({ onError, onSuccess }),
    mutationCache: new MutationCache({ onError, onSuccess }),
    defaultOptions: {
      queries: {
        staleTime: STALE_MS,
        // The server may be on this machine or this network, whatever the browser says about the internet.
        networkMode: 'always',
        refetchOnReconnect: true,
        // An answer of the API is an answer: only a server that is away is worth asking again.
        retry: (failures, error) => failures < MAX_RETRIES && (!(error instanceof ApiError) || isTransient(error)),
      },
      // What nobody knows the outcome of is repeated by callApi, which makes it once; what was refused, by a person.
      mutations: { retry: false, networkMode: 'always' },
    },
  });
}

function isTransient({ code }: ApiError): boolean {
  return code === 'unreachable' || code === 'unavailable' || code === 'internal';
}
