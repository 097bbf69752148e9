/** What the client view of an environment gives away, for whoever wonders before somebody else does. */
import { clientViewReport, environmentKey, projectKey } from '@yardarm/contract';
import type { FlagBody, RuleSet, SegmentBody } from '@yardarm/evaluator';
import { z } from 'zod';
import { MAX_CLIENT_VIEW_BYTES } from '../changes/client-size.ts';
import { AppError } from '../errors.ts';
import type { App } from '../http/app-type.ts';
import { ERROR_RESPONSES } from '../http/error-handler.ts';
import { renderRuleSet } from '../ruleset/build.ts';
import type { RuleSetCache, ServedEnvironment } from '../ruleset/cache.ts';
import { findExposures } from '../ruleset/client-exposure.ts';
import { mayBeClientSide } from '../ruleset/client-view.ts';

const params = z.object({ project: projectKey, environment: environmentKey });

export function registerClientViewRoutes(app: App, { cache }: { readonly cache: RuleSetCache }): void {
  app.get(
    '/api/v1/projects/:project/environments/:environment/client-view',
    { config: { policy: 'flag.read' }, schema: { params, response: { 200: clientViewReport, ...ERROR_RESPONSES } } },
    async (request) => {
      const { project, environment } = request.params;
      const served = cache.find(project, environment);
      if (served === undefined) throw new AppError('not_found', `Project '${project}' has no environment '${environment}'.`);
      const { client } = served.rules.views;
      return {
        environment,
        revision: served.rules.revision,
        bytes: Buffer.byteLength(renderRuleSet(client.header, client.bodies.values())),
        maxBytes: MAX_CLIENT_VIEW_BYTES,
        flags: [...client.bodies.values()].filter(({ kind }) => kind === 'flag').map(({ key }) => key),
        exposes: findExposures(readableRuleSet(served)),
      };
    },
  );
}

/** The client-side flags and all segments, as the server has them: only so can a finding name its place. */
function readableRuleSet({ rules }: ServedEnvironment): RuleSet {
  const { header, bodies } = rules.views.server;
  const flags: Record<string, FlagBody> = Object.create(null);
  const segments: Record<string, SegmentBody> = Object.create(null);
  for (const { kind, key, text } of bodies.values()) {
    if (kind === 'segment') segments[key] = JSON.parse(text) as SegmentBody;
    else if (mayBeClientSide(text)) flags[key] = JSON.parse(text) as FlagBody;
  }
  return { ...header, format: 1, flags, segments };
}
