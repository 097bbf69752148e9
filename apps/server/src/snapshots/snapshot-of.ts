import { storedTextOf } from '../ruleset/build.ts';
import type { ServedEnvironment } from '../ruleset/cache.ts';
import type { StoredObject } from '../ruleset/environment-rules.ts';
import type { EnvironmentSnapshot } from './snapshot-text.ts';

/** Of an immutable state: objects may be drawn slowly, whatever is served meanwhile. */
export function snapshotOf({ rules, committedAtMs }: ServedEnvironment): EnvironmentSnapshot {
  const { environmentId, project, environment, epoch, revision, views } = rules;
  return { environmentId, project, environment, epoch, revision, committedAtMs, objects: { [Symbol.iterator]: objects } };

  function* objects(): Generator<StoredObject> {
    for (const body of views.server.bodies.values()) {
      const { kind, key, tag } = body;
      yield { revision: body.revision, kind, key, body: storedTextOf(body), tag };
    }
  }
}
