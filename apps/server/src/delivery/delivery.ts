/**
 * What the rest of the server sees of delivery. `main.ts` makes one with `startDelivery(deps)` before the
 * HTTP server listens, `app.ts` registers its routes, and closing it says goodbye to every SDK.
 */
import type { FastifyBaseLogger, FastifyInstance } from 'fastify';
import type { Database, Sql } from '../db/client.ts';

export interface DeliveryDependencies {
  readonly db: Database;
  /** Pool of the same database; the change feed takes one connection of its own for LISTEN. */
  readonly sql: Sql;
  readonly log: FastifyBaseLogger;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

export interface Delivery {
  /** `/sync/v1/*` and `/health/*`: credentials of SDKs or none; cookies are never read. */
  readonly registerSyncRoutes: (app: FastifyInstance) => Promise<void>;
  /**
   * Receipts and the notification stream below `/api/v1`. Register it inside the scope whose hooks
   * authenticate the caller and apply `config.policy`.
   */
  readonly registerManagementRoutes: (app: FastifyInstance) => Promise<void>;
  /** Says goodbye to every socket and stream, then closes them and stops the change feed. Idempotent. */
  readonly close: () => Promise<void>;
}
