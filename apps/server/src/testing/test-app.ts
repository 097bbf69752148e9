/** The whole management API on a database of its own, for tests through `inject`. Only the clock is a fake. */
import type { AppErrorCode, ErrorBody } from '@yardarm/contract';
import type { LightMyRequestResponse } from 'fastify';
import { pino } from 'pino';
import { type AppDependencies, buildApp } from '../app.ts';
import { ensureApiToken } from '../auth/api-tokens.ts';
import { type TestDatabase, testDatabase } from './database.ts';
import { testWebhooks } from './webhooks.ts';

export const TEST_TOKEN = 'token-of-the-test-suite';
/** Where the clock of a test starts: noon on a day in the future, so that no row seems older than its session. */
export const TEST_NOW_MS = Date.UTC(2030, 0, 15, 12);

/** As of a secret file. */
export const TEST_SECRET = 'secret-of-the-test-suite-0123456789';

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

export interface CallOptions {
  readonly body?: unknown;
  readonly headers?: { readonly [name: string]: string };
  /** Null: without credentials. */
  readonly token?: string | null;
}

export interface TestApp extends TestDatabase {
  readonly app: Awaited<ReturnType<typeof buildApp>>;
  readonly clock: { nowMs: number };
  /** An API call with an API token of full rights; paths are below `/api/v1`. */
  call(method: Method, path: string, options?: CallOptions): Promise<LightMyRequestResponse>;
  /** As `call`, and throws unless it succeeds; answers the parsed body. */
  must<Answer = unknown>(method: Method, path: string, options?: CallOptions): Promise<Answer>;
}

/** `overrides` may be made from the database. */
export async function testApp(
  overrides: Partial<AppDependencies> | ((database: TestDatabase) => Promise<Partial<AppDependencies>>) = {},
): Promise<TestApp> {
  const database = await testDatabase();
  const clock = { nowMs: TEST_NOW_MS };
  const app = await buildApp({
    db: database.db,
    log: pino({ level: 'silent' }),
    now: () => clock.nowMs,
    publicUrl: null,
    adminUiDir: null,
    secret: TEST_SECRET,
    version: '0.0.0',
    delivery: null,
    ...testWebhooks(),
    ...(typeof overrides === 'function' ? await overrides(database) : overrides),
  });
  await database.db.transaction((tx) => ensureApiToken(tx, 'tests', TEST_TOKEN));

  const call: TestApp['call'] = (method, path, { body, headers = {}, token = TEST_TOKEN } = {}) =>
    app.inject({
      method,
      url: `/api/v1${path}`,
      headers: {
        ...(token !== null && { authorization: `Bearer ${token}` }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { payload: JSON.stringify(body) }),
    });
  return {
    ...database,
    app,
    clock,
    call,
    must: async <Answer>(method: Method, path: string, options?: CallOptions) => {
      const response = await call(method, path, options);
      if (response.statusCode >= 300) throw new Error(`${method} ${path}: ${response.statusCode} ${response.body}`);
      return (response.body === '' ? null : response.json()) as Answer;
    },
    close: async () => {
      await app.close();
      await database.close();
    },
  };
}

/** Status and code of a refusal, for one-line expectations. */
export function refusal(response: LightMyRequestResponse): { status: number; code: AppErrorCode } {
  return { status: response.statusCode, code: response.json<ErrorBody>().error.code };
}

/** The record of a project's newest change set and where its environments stand: what a refused write must leave alone. */
export async function readRecord({ sql }: TestDatabase) {
  const heads = await sql<{ project: string; environment: string; revision: number }[]>`
    select p.key as project, e.key as environment, h.revision::int as revision
    from environment_heads h join environments e on e.id = h.environment_id join projects p on p.id = e.project_id
    order by p.key, e.position`;
  const changes = await sql<
    {
      command: string;
      kind: string;
      key: string;
      environment: string | null;
      revision: number | null;
      before: unknown;
      after: unknown;
      actor: string;
      reason: string | null;
    }[]
  >`
    select s.command, c.kind, c.key, e.key as environment, c.revision::int as revision, c.before, c.after, s.actor, s.reason
    from changes c join change_sets s on s.id = c.change_set_id left join environments e on e.id = c.environment_id
    order by c.change_set_id, c.seq`;
  const objects = await sql<
    { environment: string; revision: number; kind: string; key: string; body: string | null; tag: string }[]
  >`
    select e.key as environment, o.revision::int as revision, o.kind, o.key, o.body, o.tag
    from rule_objects o join environments e on e.id = o.environment_id order by e.key, o.revision, o.kind, o.key`;
  return { heads: [...heads], changes: [...changes], objects: [...objects] };
}
