/** 128 random bits as text. `crypto.randomUUID` exists only on secure pages; a page on plain http is an instance like any other. */
export function randomName(): string {
  return crypto.getRandomValues(new Uint32Array(4)).join('-');
}
