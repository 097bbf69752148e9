/**
 * Both views of one environment, advanced together: every view moves with every revision, an edit that a
 * view cannot see is an empty step. Pure; `cache.ts` feeds it what `load.ts` reads.
 */
import type { EntityKind, FlagConfiguration } from '@yardarm/evaluator';
import { advanceSource, type ClientSource, clientChanges, emptyClientSource } from './client-step.ts';
import { hashingSaltOf } from './client-view.ts';
import { advanceView, type RuleSetView, startView, type ViewChange } from './rule-set-view.ts';

/** A row of `rule_objects`: what one revision made of one body; `body` null: removed. */
export interface StoredObject {
  readonly revision: number;
  readonly kind: EntityKind;
  readonly key: string;
  readonly body: string | null;
  readonly tag: string;
}

export interface EnvironmentIdentity {
  readonly environmentId: string;
  readonly project: string;
  readonly environment: string;
}

export interface EnvironmentRules extends EnvironmentIdentity {
  readonly epoch: string;
  readonly revision: number;
  readonly views: { readonly server: RuleSetView; readonly client: RuleSetView };
  readonly clientSource: ClientSource;
}

/** Rules of an environment as they stood at `state`, from the newest object of each body until then. */
export function startRules(
  identity: EnvironmentIdentity,
  state: { readonly epoch: string; readonly revision: number },
  objects: readonly StoredObject[],
): EnvironmentRules {
  const { project, environment } = identity;
  const salt = hashingSaltOf(identity.environmentId);
  const header = { project, environment, epoch: state.epoch, revision: state.revision };
  const changes = objects.map(toViewChange);
  const server = startView('server', header, changes);
  const clientSource = advanceSource(emptyClientSource, changes, salt);
  const clientHeader = { ...header, hashing: { salt } };
  const nothing = startView('client', clientHeader, []);
  const client = startView('client', clientHeader, clientChanges(clientSource, nothing, state.revision));
  return { ...identity, epoch: state.epoch, revision: state.revision, views: { server, client }, clientSource };
}

/**
 * Rules after every revision up to `revision`; `objects` are all rows in between, in any order. A revision
 * without rows is one that touched no body.
 */
export function advanceRules(rules: EnvironmentRules, revision: number, objects: readonly StoredObject[]): EnvironmentRules {
  const byRevision = groupByRevision(objects);
  const steps = [];
  let { client } = rules.views;
  let { clientSource } = rules;
  for (let next = rules.revision + 1; next <= revision; next++) {
    const changes = (byRevision.get(next) ?? []).map(toViewChange);
    steps.push({ revision: next, changes });
    clientSource = advanceSource(clientSource, changes, client.header.hashing?.salt ?? '');
    client = advanceView(client, [{ revision: next, changes: clientChanges(clientSource, client, next) }]);
  }
  return { ...rules, revision, clientSource, views: { server: advanceView(rules.views.server, steps), client } };
}

function groupByRevision(objects: readonly StoredObject[]): ReadonlyMap<number, readonly StoredObject[]> {
  const groups = new Map<number, StoredObject[]>();
  for (const object of objects) {
    const group = groups.get(object.revision);
    if (group === undefined) groups.set(object.revision, [object]);
    else group.push(object);
  }
  return groups;
}

function toViewChange({ kind, key, revision, tag, body }: StoredObject): ViewChange {
  return { kind, key, revision, tag, storedText: body, off: kind === 'flag' && body !== null ? readOff(body) : null };
}

function readOff(storedText: string): ViewChange['off'] {
  const { on, offVariant } = JSON.parse(storedText) as FlagConfiguration;
  return on ? null : { variant: offVariant };
}
