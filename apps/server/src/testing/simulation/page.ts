/** Somebody in front of one SDK: hides its page and looks at it again, and takes it from one network to another. */
import { seededRandom } from './random.ts';
import type { SimulatedSdk } from './sdk.ts';
import type { World } from './world.ts';

/** Longer than what the number of requests is counted over: each look may ask anew. */
const LEAST_MS = 10_000;
const MOST_MS = 40_000;

/** Begins; the answer ends it, with the page looked at. By dice of its own: worlds without a page stay what they are. */
export function startPage({ world, sdk, seed }: { readonly world: World; readonly sdk: SimulatedSdk; readonly seed: number }) {
  const random = seededRandom(-seed);
  let isAway = false;
  let isOver = false;

  function look(away: boolean): void {
    isAway = away;
    if (away) world.happened('page hidden');
    world.note(`${sdk.name} is ${away ? 'hidden' : 'looked at'}`);
    sdk.tell(away ? 'suspended' : 'resumed');
  }

  function next(): void {
    world.after(random.between(LEAST_MS, MOST_MS), () => {
      if (isOver) return;
      look(!isAway && random.chance(0.7));
      next();
    });
  }
  next();

  return () => {
    isOver = true;
    if (isAway) look(false);
  };
}
