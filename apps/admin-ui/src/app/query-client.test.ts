import { expect, it, vi } from 'vitest';
import { ApiError } from '../lib/api-client.ts';
import { createQueryClient } from './query-client.ts';

it('says once that the session has ended, and again only after something was answered', async () => {
  const onSignedOut = vi.fn();
  const client = createQueryClient(onSignedOut);
  const ask = (name: string, answer: () => Promise<unknown>) =>
    client.fetchQuery({ queryKey: [name], queryFn: answer, staleTime: 0 }).catch(() => undefined);
  const refused = () => Promise.reject(new ApiError('unauthenticated', 'Sign in.'));
  await ask('a', refused);
  await ask('a', refused);
  await ask('b', refused);
  expect(onSignedOut).toHaveBeenCalledTimes(1);
  await ask('b', () => Promise.resolve('there'));
  await ask('a', refused);
  expect(onSignedOut).toHaveBeenCalledTimes(2);
  client.clear();
});
