/** The way out of tests: to this machine only. */
import { createEgress } from '../webhooks/egress.ts';
import { parseAllowedTargets } from '../webhooks/public-address.ts';
import { createSecretBox } from '../webhooks/secret-box.ts';

export function testWebhooks() {
  return {
    egress: createEgress({ allowed: parseAllowedTargets('127.0.0.0/8') }),
    secretBox: createSecretBox('the secret of the test suite, long enough', 'webhooks'),
  };
}
