/** One remote evaluation, by whichever way its request came in. */
import type { SdkKey } from '../delivery/sdk-keys.ts';
import type { ServedEnvironment } from '../ruleset/cache.ts';
import type { EvaluableViews } from './evaluable-views.ts';
import { answerBulk, answerSingle, type OfrepAnswer } from './ofrep-answers.ts';

export interface EvaluationRequest {
  readonly key: SdkKey;
  /** The key's environment. */
  readonly served: ServedEnvironment;
  /** Null: all flags. */
  readonly flag: string | null;
  /** The body. */
  readonly text: string;
  readonly ifNoneMatch: string | undefined;
}

export type Evaluator = (request: EvaluationRequest) => OfrepAnswer;

export interface EvaluatorOptions {
  readonly views: EvaluableViews;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** Path and query of a key's event stream, for who knows this version of its view. */
  readonly streamUri: (key: SdkKey, version: string) => string;
  /** Flags were evaluated with this key. */
  readonly onUse: (key: SdkKey) => void;
}

export function createEvaluator({ views, now, streamUri, onUse }: EvaluatorOptions): Evaluator {
  return ({ key, served, flag, text, ifNoneMatch }) => {
    onUse(key);
    const view = views(served, key.kind);
    const nowMs = now();
    if (flag !== null) return answerSingle(view, flag, text, nowMs);
    return answerBulk(view, { text, ifNoneMatch, keyId: key.id, streamUri: streamUri(key, view.version(nowMs)) }, nowMs);
  };
}
