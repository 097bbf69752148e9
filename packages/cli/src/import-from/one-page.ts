import type { Obstacle } from './imported.ts';

/** The file is one page of a list that an API gives in several. `total`: undefined where it does not say. */
export function onePage(place: string, count: number, total: number | undefined, what: string, list: string): Obstacle {
  const found = total === undefined ? `${count}` : `${count} of ${total}`;
  const sentence = `The file is one page of several, with ${found} ${what}: put the ${list} of the other pages behind these.`;
  return { kind: 'file', key: null, place, sentence };
}
