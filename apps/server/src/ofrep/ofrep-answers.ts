/** Bodies of OFREP requests to answers: status, headers and text. Pure but for the hash. */
import { createHash } from 'node:crypto';
import type { EvaluationContext } from '@yardarm/evaluator';
import { isKnown } from '../delivery/send-prepared.ts';
import type { EvaluableView } from './evaluable-views.ts';
import { evaluateFlag, type OfrepErrorCode } from './evaluate-flag.ts';

export interface OfrepAnswer {
  readonly status: number;
  /** Null: none. */
  readonly body: string | null;
  readonly etag?: string;
}

/** Seconds for which a page out of sight keeps its stream. */
const INACTIVITY_DELAY_SECONDS = 120;

/** @param text the request's body */
export function answerSingle(view: EvaluableView, key: string, text: string, nowMs: number): OfrepAnswer {
  const context = readContext(text);
  if ('errorCode' in context) return { status: 400, body: JSON.stringify({ key, ...context }) };
  const answer = evaluateFlag(view, key, context.context, nowMs);
  const status = !('errorCode' in answer) ? 200 : answer.errorCode === 'FLAG_NOT_FOUND' ? 404 : 400;
  return { status, body: JSON.stringify(answer) };
}

export interface BulkRequest {
  readonly text: string;
  readonly ifNoneMatch: string | undefined;
  readonly keyId: string;
  /** Path and query of the key's event stream, which is part of the answer; null: none is offered. */
  readonly streamUri: string | null;
}

export function answerBulk(view: EvaluableView, request: BulkRequest, nowMs: number): OfrepAnswer {
  const { text, ifNoneMatch, keyId, streamUri } = request;
  const context = readContext(text);
  if ('errorCode' in context) return { status: 400, body: JSON.stringify(context) };
  // The stream's address too: a client that is told "unchanged" goes on with the one it has, which must not have ended.
  const parts = [keyId, view.version(nowMs), streamUri ?? '', text];
  const etag = `"${createHash('sha256').update(parts.join('\n')).digest('base64url')}"`;
  if (isKnown(ifNoneMatch, etag)) return { status: 304, body: null, etag };
  const flags = [...view.types.keys()].map((key) => evaluateFlag(view, key, context.context, nowMs));
  const eventStreams =
    streamUri === null
      ? undefined
      : [{ type: 'sse', endpoint: { requestUri: streamUri }, inactivityDelaySec: INACTIVITY_DELAY_SECONDS }];
  return { status: 200, body: JSON.stringify({ flags, ...(eventStreams && { eventStreams }) }), etag };
}

interface Malformed {
  readonly errorCode: OfrepErrorCode;
  readonly errorDetails: string;
}

/** A context may be absent, and so may its targetingKey: only flags that need one fail. */
function readContext(text: string): { readonly context: EvaluationContext } | Malformed {
  let body: unknown;
  try {
    body = text === '' ? {} : JSON.parse(text);
  } catch {
    return { errorCode: 'PARSE_ERROR', errorDetails: 'The body is not valid JSON.' };
  }
  const context = isObject(body) ? (body.context ?? {}) : undefined;
  if (!isObject(context))
    return { errorCode: 'INVALID_CONTEXT', errorDetails: 'The body must be an object whose member context is an object.' };
  return { context };
}

function isObject(json: unknown): json is Readonly<Record<string, unknown>> {
  return typeof json === 'object' && json !== null && !Array.isArray(json);
}
