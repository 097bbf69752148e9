/** An environment as flagd reads it, made once for each content of its rule set and shared by everybody who asks. */
import { type Obstacle, toFlagd } from '@yardarm/evaluator/to-flagd';
import { digestText } from '@yardarm/sync';
import { stringify } from 'yaml';
import { renderRuleSet } from '../ruleset/build.ts';
import type { ServedEnvironment } from '../ruleset/cache.ts';
import { once } from '../ruleset/once.ts';
import { type PreparedAnswer, prepareAnswer } from '../ruleset/prepared-answer.ts';
import type { RuleSetView } from '../ruleset/rule-set-view.ts';

export interface FlagdDefinition {
  /** JSON text of the flags that flagd decides as Yardarm does. */
  readonly text: string;
  /** Why the others are missing, by flag. */
  readonly obstacles: { readonly [key: string]: readonly Obstacle[] };
  readonly json: PreparedAnswer;
  readonly yaml: PreparedAnswer;
}

export type FlagdDefinitions = (served: ServedEnvironment) => FlagdDefinition;

const SCHEMA = 'https://flagd.dev/schema/v0/flags.json';
const REVALIDATED = ['Cache-Control', 'private, no-cache', 'Vary', 'accept'];

export function createFlagdDefinitions(): FlagdDefinitions {
  const made = new Map<string, { readonly view: RuleSetView; readonly definition: FlagdDefinition }>();
  return ({ rules: { environmentId, views } }) => {
    const known = made.get(environmentId);
    if (known?.view === views.server) return known.definition;
    const definition = makeDefinition(views.server);
    made.set(environmentId, { view: views.server, definition });
    return definition;
  };
}

function makeDefinition(view: RuleSetView): FlagdDefinition {
  const { flags, obstacles } = toFlagd(JSON.parse(renderRuleSet(view.header, view.bodies.values())));
  // Each flag has a version and the set has none: readers would take a new one for a change of every flag.
  const versioned = Object.fromEntries(
    Object.entries(flags).map(([key, flag]) => {
      const version = view.bodies.get(`flag:${key}`)?.revision;
      return [key, { ...flag, metadata: { ...flag.metadata, ...(version !== undefined && { version }) } }];
    }),
  );
  const document = { $schema: SCHEMA, flags: versioned };
  const text = JSON.stringify(document);
  const etag = (form: string) => `"${digestText(view.digest)}.flagd.${form}"`;
  const yaml = once(() => Buffer.from(stringify(document, { aliasDuplicateObjects: false })));
  return {
    text,
    obstacles,
    json: prepareAnswer({ etag: etag('json'), headers: REVALIDATED, render: () => Buffer.from(text) }),
    yaml: prepareAnswer({ etag: etag('yaml'), headers: REVALIDATED, render: yaml, type: 'application/yaml; charset=utf-8' }),
  };
}
