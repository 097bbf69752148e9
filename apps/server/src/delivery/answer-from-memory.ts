/**
 * The short way to the rule set and the kills: what is in memory, for a key that is in memory, is answered in the turn in which
 * it is asked for, before any route. Whatever else a request is (its key unknown, its page refused, its reader ahead) goes on to
 * its route, which checks all of it again and can wait.
 */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { compareStates, KILLS_PATH, RULE_SET_PATH } from '@yardarm/sync';
import { openShortWay, type ShortWay } from '../http/short-way.ts';
import type { PreparedAnswer } from '../ruleset/prepared-answer.ts';
import type { ServedView } from '../ruleset/served-view.ts';
import { readHave, type ViewSource } from './find-view.ts';
import { sendBytes, sendPrepared } from './send-prepared.ts';
import { readBearer, refuseOrigin } from './sync-credentials.ts';

const ANSWERS = new Map<string, (view: ServedView) => PreparedAnswer>([
  [RULE_SET_PATH, (view) => view.ruleSet],
  [KILLS_PATH, (view) => view.killsAnswer],
]);
const HAVE_QUERY = 'have=';

/** @param server whose requests have a listener already, which gets those that are not answered here */
export function answerFromMemory(server: Server, source: ViewSource, onAnswered: () => void): ShortWay {
  return openShortWay(server, (request, response) => {
    const isAnswered = tryAnswer(request, response, source);
    if (isAnswered) onAnswered();
    return isAnswered;
  });
}

function tryAnswer(request: IncomingMessage, response: ServerResponse, source: ViewSource): boolean {
  const { method, url = '', headers } = request;
  if (method !== 'GET') return false;
  const mark = url.indexOf('?');
  const choose = ANSWERS.get(mark < 0 ? url : url.slice(0, mark));
  if (choose === undefined) return false;
  const secret = readBearer(headers.authorization);
  const key = secret === undefined ? undefined : source.keys.find(secret);
  const view = key && source.cache.get(key.environmentId)?.views[key.kind];
  if (key === undefined || view === undefined || refuseOrigin(key, headers.origin) !== null) return false;
  if (mark >= 0 && !isReached(url.slice(mark + 1), view)) return false;
  const sent = sendPrepared(headers, response, choose(view));
  if (sent !== true) sent.then((bytes) => sendBytes(response, bytes)).catch(() => response.destroy());
  source.use.note(key.id);
  return true;
}

/** Nothing but a `have`, as SDKs write it, that the view has reached. */
function isReached(query: string, view: ServedView): boolean {
  if (!query.startsWith(HAVE_QUERY) || query.includes('&') || query.includes('%')) return false;
  const have = readHave(query.slice(HAVE_QUERY.length));
  return have !== undefined && compareStates(have, view.state) <= 0;
}
