/** Small projects for tests, made through the API like everybody's. */
import { randomUUID } from 'node:crypto';
import type { CreateFlagInput, Environment, Flag, Role, Segment } from '@yardarm/contract';
import type { TestApp } from './test-app.ts';

/** A project with these environments; keys only. */
export async function makeProject(server: TestApp, key: string, environments: readonly string[] = ['production']): Promise<void> {
  await server.must('POST', '/projects', { body: { key, name: key } });
  for (const environment of environments) await makeEnvironment(server, key, environment);
}

export async function makeEnvironment(server: TestApp, project: string, key: string): Promise<Environment> {
  return server.must('POST', `/projects/${project}/environments`, { body: { key, name: key } });
}

/** A boolean flag of a kind that may stay, unless told otherwise. */
export async function makeFlag(
  server: TestApp,
  project: string,
  key: string,
  input: Partial<CreateFlagInput> = {},
): Promise<Flag> {
  const body = { key, kind: 'operational', type: 'boolean', variants: { on: true, off: false }, ...input };
  return server.must('POST', `/projects/${project}/flags`, { body });
}

export async function makeSegment(server: TestApp, project: string, key: string, input: object = {}): Promise<Segment> {
  return server.must('POST', `/projects/${project}/segments`, { body: { key, name: key, ...input } });
}

export interface TokenRight {
  readonly role?: Role;
  readonly actions?: readonly string[];
  /** Without one: everywhere. */
  readonly project?: string;
  readonly environment?: string;
}

/** The secret of a token that has exactly this right. */
export async function mintToken({ sql }: TestApp, right: TokenRight): Promise<string> {
  const { role = null, actions = [], project = null, environment = null } = right;
  const secret = randomUUID();
  await sql`
    with token as (
      insert into api_tokens (name, token_hash) values ('tests', encode(sha256(${secret}::bytea), 'hex')) returning id)
    insert into grants (api_token_id, role, actions, project_id, environment_id)
    select token.id, ${role}, ${JSON.stringify(actions)}::text::jsonb, p.id, e.id
    from token left join projects p on p.key = ${project} left join environments e on e.project_id = p.id and e.key = ${environment}`;
  return secret;
}
