/** LaunchDarkly's own SDK and our evaluator on one file. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { init, type LDClient, type LDContext } from '@launchdarkly/node-server-sdk';
import { FileDataSourceFactory } from '@launchdarkly/node-server-sdk/integrations';
import { type CompiledRuleSet, type FlagType, resolve } from '@yardarm/evaluator';
import type { Imported } from '../../imported.ts';
import { importedRules } from '../../testing/imported-rules.ts';
import { launchDarklySource } from '../launchdarkly-source.ts';
import { type LdContext, ourContext } from './contexts.ts';

const OPTIONS = { file: 'flags.json', nowMs: 0 };
export const DEFAULT = 'code default';

export interface Both {
  readonly client: LDClient;
  readonly rules: CompiledRuleSet;
  readonly typeOf: (key: string) => FlagType;
}

/** Their SDK and our evaluator on one file. */
export async function both(
  folder: string,
  name: string,
  flags: object,
  segments: object = {},
  rulesOf = importedRules as (imported: Imported) => CompiledRuleSet,
): Promise<Both> {
  const keyed = Object.fromEntries(Object.entries(flags).map(([key, body]) => [key, { key, ...body }]));
  const text = JSON.stringify({ flags: keyed, segments });
  const path = join(folder, `${name}.json`);
  writeFileSync(path, text);
  const source = new FileDataSourceFactory({ paths: [path] });
  const logger = { error: () => {}, warn: () => {}, info: () => {}, debug: () => {} };
  const client = init('sdk-key', { updateProcessor: source.getFactory(), sendEvents: false, diagnosticOptOut: true, logger });
  await client.waitForInitialization({ timeout: 10 });
  const imported = launchDarklySource(text, OPTIONS);
  const types = new Map(imported.flags.map(({ key, type }) => [key, type]));
  return { client, rules: rulesOf(imported), typeOf: (key) => types.get(key) ?? 'boolean' };
}

export async function theirs({ client }: Both, key: string, context: LdContext): Promise<unknown> {
  return client.variation(key, context as LDContext, DEFAULT);
}

export function ours({ rules, typeOf }: Both, key: string, context: LdContext) {
  const { value = DEFAULT, reason, errorCode } = resolve(rules, key, typeOf(key), ourContext(context), 0);
  return { value, reason, errorCode };
}
