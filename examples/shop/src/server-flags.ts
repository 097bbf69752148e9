/** The shop's server asks OpenFeature: every flag for one visitor, and one flag for the whole demo crowd. */
import type { Client, EvaluationContext } from '@openfeature/server-sdk';
import { CROWD_SIZE, type FlagAnswer, SHOP_FLAGS, visitorId } from './flags.ts';

export async function answerAllFlags(client: Client, context: EvaluationContext): Promise<readonly FlagAnswer[]> {
  return Promise.all(
    SHOP_FLAGS.map(async (flag) => {
      const details =
        flag.type === 'boolean'
          ? await client.getBooleanDetails(flag.key, flag.codeDefault, context)
          : flag.type === 'string'
            ? await client.getStringDetails(flag.key, flag.codeDefault, context)
            : await client.getObjectDetails(flag.key, flag.codeDefault, context);
      return {
        key: flag.key,
        value: details.value,
        variant: details.variant ?? null,
        reason: details.reason ?? 'UNKNOWN',
        errorCode: details.errorCode ?? null,
      };
    }),
  );
}

/** Who of the demo crowd gets the new checkout; the same answers that each of their browsers gives. */
export async function answerCrowd(client: Client): Promise<readonly boolean[]> {
  const visitors = Array.from({ length: CROWD_SIZE }, (_, index) => ({ targetingKey: visitorId(index) }));
  return Promise.all(visitors.map((visitor) => client.getBooleanValue('new-checkout', false, visitor)));
}
