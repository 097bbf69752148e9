/** `GET` of the rule set, the kills and deltas: bytes and headers that were prepared before, or a 304 for who has them. */
import { DELTAS_PATH, KILLS_PATH, RULE_SET_PATH } from '@yardarm/sync';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { AppError } from '../errors.ts';
import type { PreparedAnswer } from '../ruleset/prepared-answer.ts';
import { findView, readHave, type ViewSource } from './find-view.ts';
import { sendBytes, sendPrepared } from './send-prepared.ts';

const SDK_KEY = { config: { policy: 'sdk-key' } } as const;
const REVISIONS = /^(\d{1,15})\.\.(\d{1,15})$/;

export function registerSyncAnswers(app: FastifyInstance, source: ViewSource): void {
  app.get(RULE_SET_PATH, SDK_KEY, async (request, reply) => {
    await answer(request, reply, (await findView(request, haveOf(request), source)).ruleSet);
  });
  app.get(KILLS_PATH, SDK_KEY, async (request, reply) => {
    await answer(request, reply, (await findView(request, haveOf(request), source)).killsAnswer);
  });
  app.get<{ Params: { epoch: string; revisions: string } }>(
    `${DELTAS_PATH}/:epoch/:revisions`,
    SDK_KEY,
    async (request, reply) => {
      const { epoch, revisions } = request.params;
      const [, from, to] = REVISIONS.exec(revisions) ?? [];
      const have = to === undefined ? undefined : readHave(`${epoch}.${to}`);
      const view = await findView(request, have, source);
      const delta = have && view.deltaAt({ epoch, from: Number(from), to: have.revision });
      if (delta === undefined)
        throw new AppError('not_found', 'This delta is not known here, or no longer; fetch /sync/v1/ruleset instead.');
      await answer(request, reply, delta);
    },
  );
}

function haveOf(request: FastifyRequest) {
  return readHave((request.query as { have?: unknown }).have);
}

/** Past Fastify's way of sending, which would go through the headers one by one: they are the same for every reader. */
async function answer({ headers }: FastifyRequest, reply: FastifyReply, prepared: PreparedAnswer): Promise<void> {
  const sent = sendPrepared(headers, reply.raw, prepared);
  if (sent !== true) sendBytes(reply.raw, await sent);
  reply.hijack();
}
