/** 32 hex digits. `crypto.randomUUID` exists only on secure pages; a page on plain http is an instance like any other. */
export function randomHex(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
