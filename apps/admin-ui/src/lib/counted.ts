/** Made once: making one takes as long as drawing a row of a list. */
const GROUPED = new Intl.NumberFormat('en-GB');

/** `1,204`. */
export function grouped(count: number): string {
  return GROUPED.format(count);
}

/** `1 flag`, `1,204 flags`. */
export function counted(count: number, noun: string): string {
  return `${grouped(count)} ${noun}${count === 1 ? '' : 's'}`;
}

/** `once`, `1,204 times`. */
export function times(count: number): string {
  return count === 1 ? 'once' : `${grouped(count)} times`;
}
