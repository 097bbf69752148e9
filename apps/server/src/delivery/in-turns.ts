/**
 * Does what comes in bursts a few at a time, with turns for other work in between. Node hands over everything that has arrived before
 * anything else gets its turn: 2 800 handshakes at once, after a restart, kept the requests among them waiting for more than a second.
 */

/** @param act called in the order of `push`, in later turns @param skip says of a thing whose turn has come that it is not worth it any more */
export function inTurns<Thing>(
  perTurn: number,
  act: (thing: Thing) => void,
  skip: (thing: Thing) => boolean,
): { push(thing: Thing): void } {
  let waiting: Thing[] = [];
  let next = 0;

  function turn(): void {
    for (let done = 0; done < perTurn && next < waiting.length; next++) {
      const thing = waiting[next] as Thing;
      if (skip(thing)) continue;
      done++;
      act(thing);
    }
    if (next < waiting.length) setImmediate(turn);
    else {
      waiting = [];
      next = 0;
    }
  }

  return {
    push: (thing) => {
      if (waiting.push(thing) === 1) setImmediate(turn);
    },
  };
}
