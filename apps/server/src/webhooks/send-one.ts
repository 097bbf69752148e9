/** Sends one message to one webhook, signed; the same for tests and deliveries. */
import type { Egress } from './egress.ts';
import { type Told, toMessage } from './message.ts';
import type { SecretBox } from './secret-box.ts';
import { signBody } from './sign.ts';
import type { WebhookRow } from './webhook-store.ts';

export interface SendingOptions {
  readonly egress: Egress;
  readonly secretBox: SecretBox;
  /** Epoch milliseconds. */
  readonly now: () => number;
  readonly publicUrl: string | null;
}

/** @param id of the delivery, the same on each attempt. Status of the answer; throws an EgressError. */
export async function sendOne(
  { egress, secretBox, now, publicUrl }: SendingOptions,
  webhook: Pick<WebhookRow, 'id' | 'url' | 'format' | 'secret'>,
  id: string,
  told: Told,
): Promise<number> {
  const secret = secretBox.open(webhook.secret, webhook.id);
  if (secret === null)
    throw new Error('The secret of the webhook was stored by a server with another secret file; make the webhook anew.');
  const body = toMessage(webhook.format, told, publicUrl);
  return egress.post(
    webhook.url,
    {
      'content-type': 'application/json',
      'user-agent': 'Yardarm',
      'yardarm-delivery': id,
      'yardarm-signature': signBody(secret, Math.floor(now() / 1_000), body),
    },
    body,
  );
}
