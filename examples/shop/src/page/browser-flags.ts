/** The page asks OpenFeature in the browser: every flag, for the visitor set as its context. */
import type { Client } from '@openfeature/web-sdk';
import { type FlagAnswer, SHOP_FLAGS } from '../flags.ts';

export function answerAllFlags(client: Client): readonly FlagAnswer[] {
  return SHOP_FLAGS.map((flag) => {
    const details =
      flag.type === 'boolean'
        ? client.getBooleanDetails(flag.key, flag.codeDefault)
        : flag.type === 'string'
          ? client.getStringDetails(flag.key, flag.codeDefault)
          : client.getObjectDetails(flag.key, flag.codeDefault);
    return {
      key: flag.key,
      value: details.value,
      variant: details.variant ?? null,
      reason: details.reason ?? 'UNKNOWN',
      errorCode: details.errorCode ?? null,
    };
  });
}

/** False for a flag that the browser's view of the rule set does not hold, because it is for servers only. */
export function isKnownInBrowser(answer: FlagAnswer): boolean {
  return answer.errorCode !== 'FLAG_NOT_FOUND';
}
