import { expect, it } from 'vitest';
import { createSecretBox } from './secret-box.ts';

const box = createSecretBox('s'.repeat(43), 'webhooks');

it('opens what it sealed, and seals the same text differently each time', () => {
  const sealed = box.seal('whs_secret', 'webhook-1');
  expect(sealed).not.toContain('secret');
  expect(box.open(sealed, 'webhook-1')).toBe('whs_secret');
  expect(box.seal('whs_secret', 'webhook-1')).not.toBe(sealed);
});

it('opens nothing of another server, another purpose or another owner, and nothing that was changed', () => {
  const sealed = box.seal('whs_secret', 'webhook-1');
  expect(createSecretBox('t'.repeat(43), 'webhooks').open(sealed, 'webhook-1')).toBeNull();
  expect(createSecretBox('s'.repeat(43), 'other').open(sealed, 'webhook-1')).toBeNull();
  expect(box.open(sealed, 'webhook-2')).toBeNull();
  for (const text of ['', 'v1.', 'v1.AAAA', sealed.slice(0, -3), `v2${sealed.slice(2)}`, sealed.replace(/.{5}$/, 'AAAAA')])
    expect(box.open(text, 'webhook-1')).toBeNull();
});
