/** Types that route modules share: the server they register on, and what they are given. */
import type { FastifyBaseLogger, FastifyInstance, RawServerDefault } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import type { MintSecret } from '../auth/secrets.ts';
import type { CommandDependencies } from '../changes/run-command.ts';
import type { Database } from '../db/client.ts';

type Raw = RawServerDefault;
export type App = FastifyInstance<
  Raw,
  import('node:http').IncomingMessage,
  import('node:http').ServerResponse,
  FastifyBaseLogger,
  ZodTypeProvider
>;

/** What the management routes work with. */
export interface Management {
  readonly db: Database;
  /** Epoch milliseconds. */
  readonly now: () => number;
  readonly mintSecret: MintSecret;
  readonly onCommitted?: NonNullable<CommandDependencies['onCommitted']>;
}
