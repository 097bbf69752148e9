/** An environment as flagd reads it, made once for each content of its rule set and shared by everybody who asks. */
import type { Obstacle } from '@yardarm/evaluator/to-flagd';
import { digestText } from '@yardarm/sync';
import type { ServedEnvironment } from '../ruleset/cache.ts';
import { type PreparedAnswer, prepareAnswer } from '../ruleset/prepared-answer.ts';
import type { RuleSetView } from '../ruleset/rule-set-view.ts';
import { type TranslatedFlags, translateFlags } from './translate-flags.ts';
import { toYamlLine } from './yaml-line.ts';

export interface FlagdDefinition {
  /** JSON text of the flags that flagd decides as Yardarm does. */
  readonly text: string;
  /** Why the others are missing, by flag. */
  readonly obstacles: { readonly [key: string]: readonly Obstacle[] };
  readonly json: PreparedAnswer;
  readonly yaml: PreparedAnswer;
}

export type FlagdDefinitions = (served: ServedEnvironment) => Promise<FlagdDefinition>;

const SCHEMA = 'https://flagd.dev/schema/v0/flags.json';
const REVALIDATED = ['Cache-Control', 'private, no-cache', 'Vary', 'accept'];

export function createFlagdDefinitions(): FlagdDefinitions {
  const environments = new Map<string, (view: RuleSetView) => Promise<FlagdDefinition>>();
  return ({ rules: { environmentId, views } }) => {
    let definitionOf = environments.get(environmentId);
    if (definitionOf === undefined) {
      definitionOf = newestOnly();
      environments.set(environmentId, definitionOf);
    }
    return definitionOf(views.server);
  };
}

/** While one content is translated all who ask for others wait, and then get the newest that was asked for: a hundred changes are one. */
function newestOnly(): (view: RuleSetView) => Promise<FlagdDefinition> {
  let begun: { readonly view: RuleSetView; readonly definition: Promise<FlagdDefinition> } | null = null;
  let translated: TranslatedFlags | null = null;
  let waiting: Promise<FlagdDefinition> | null = null;
  let newest: RuleSetView;

  async function make(view: RuleSetView): Promise<FlagdDefinition> {
    translated = await translateFlags(view, translated);
    return makeDefinition(view, translated);
  }

  async function next(): Promise<FlagdDefinition> {
    await begun?.definition.catch(() => undefined);
    waiting = null;
    begun = { view: newest, definition: make(newest) };
    // Whoever asks again tries again.
    begun.definition.catch(() => {
      begun = null;
    });
    return begun.definition;
  }

  return (view) => {
    if (begun?.view === view) return begun.definition;
    newest = view;
    waiting ??= next();
    return waiting;
  };
}

function makeDefinition(view: RuleSetView, { flags }: TranslatedFlags): FlagdDefinition {
  const all = [...flags];
  const lines = all.flatMap(([, { json }]) => (json === null ? [] : [json]));
  const text = `{"$schema":"${SCHEMA}","flags":{${lines.join(',')}}}`;
  const etag = (form: string) => `"${digestText(view.digest)}.flagd.${form}"`;
  return {
    text,
    obstacles: Object.fromEntries(all.flatMap(([key, { json, obstacles }]) => (json === null ? [[key, obstacles]] : []))),
    json: prepareAnswer({ etag: etag('json'), headers: REVALIDATED, render: () => Buffer.from(text) }),
    yaml: prepareAnswer({
      ...{ etag: etag('yaml'), headers: REVALIDATED, type: 'application/yaml; charset=utf-8' },
      render: () => Buffer.from(`$schema: ${SCHEMA}\nflags:${lines.length === 0 ? ' {}' : lines.map(toYamlLine).join('')}\n`),
    }),
  };
}
