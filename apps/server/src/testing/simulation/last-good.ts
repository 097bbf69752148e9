/**
 * What one SDK has to remember beside the state that it holds: of each flag the last body that it could read, and the kills
 * that no such body has ended. Kept as the protocol says it, without anything of the store that it is held against.
 */
import type { FlagBody } from '@yardarm/evaluator';
import { compareStates, type Kill } from '@yardarm/sync';
import type { Expected } from './expected.ts';

interface Position {
  readonly epoch: string;
  readonly revision: number;
}

interface Good {
  readonly body: FlagBody;
  /** The last state held that had it. */
  readonly at: Position;
}

export type PlacedKill = Kill & Position;

export interface Memory {
  /** The SDK holds this state now. */
  hold(expected: Expected): void;
  /** This kill reached it. Where a body that it can read is as new, it concerns nobody. */
  kill(kill: PlacedKill): void;
  /** The last one that could be read; undefined where none could since the flag exists. */
  bodyOf(key: string): FlagBody | undefined;
  /** The newest that is in force. */
  killOf(key: string): PlacedKill | undefined;
  /** Whether a last good body is in use instead of one of this state. */
  lacksAny(expected: Expected): boolean;
  copy(): Memory;
}

export function createMemory(good = new Map<string, Good>(), kills: readonly PlacedKill[] = []): Memory {
  let inForce = kills;
  const isOver = (kill: PlacedKill) => {
    const at = good.get(kill.key)?.at;
    return at !== undefined && compareStates(kill, at) <= 0;
  };

  return {
    hold: ({ ruleSet: { flags }, state }) => {
      for (const key of good.keys()) if (flags[key] === undefined) good.delete(key);
      inForce = inForce.filter((kill) => flags[kill.key] !== undefined || compareStates(kill, state) > 0);
      for (const [key, body] of Object.entries(flags)) {
        if (body.requires === undefined) good.set(key, { body, at: state });
        // Of the body's revision or before the state's: as long as nothing newer can be read, it makes no difference.
        else if (!body.on)
          inForce = [...inForce, { key, offVariant: body.offVariant, epoch: state.epoch, revision: body.revision }];
      }
      inForce = inForce.filter((kill) => !isOver(kill));
    },
    kill: (kill) => {
      if (!isOver(kill)) inForce = [...inForce, kill];
    },
    bodyOf: (key) => good.get(key)?.body,
    killOf: (key) => inForce.filter((kill) => kill.key === key).sort((a, b) => compareStates(b, a))[0],
    lacksAny: ({ ruleSet: { flags } }) =>
      Object.entries(flags).some(([key, body]) => body.requires !== undefined && good.has(key)),
    copy: () => createMemory(new Map(good), inForce),
  };
}
