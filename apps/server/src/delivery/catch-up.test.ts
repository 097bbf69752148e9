import { pino } from 'pino';
import { describe, expect, test, vi } from 'vitest';
import type { Head } from '../changes/change-feed.ts';
import { createCatchUp } from './catch-up.ts';

const at = (environmentId: string, revision = 1): Head => ({ environmentId, epoch: '1-a', revision, committedAtMs: 0 });

/** A database of which a test decides when, and how, it answers about each environment. */
function start() {
  let elapsedMs = 0;
  const reached = new Map<string, number>();
  const asked: string[] = [];
  const compared = new Set<string>();
  const lines: { msg: string; environmentId: string }[] = [];
  const answers = new Map<
    string,
    Readonly<Record<'resolve' | 'leave', () => void>> & { readonly reject: (error: Error) => void }
  >();
  const onSilence = vi.fn();
  let losePatience: () => void = () => undefined;
  const catchUp = createCatchUp({
    isThere: ({ environmentId, revision }) => (reached.get(environmentId) ?? 0) >= revision,
    isNews: ({ environmentId }) => !compared.has(environmentId),
    take: ({ environmentId, revision }) => {
      asked.push(environmentId);
      return new Promise<void>((resolve, reject) => {
        const arrive = () => {
          reached.set(environmentId, revision);
          resolve();
        };
        answers.set(environmentId, { resolve: arrive, leave: resolve, reject });
      });
    },
    describe: (environmentId) => ({ environmentId }),
    onSilence,
    delay: () =>
      new Promise<void>((resolve) => {
        losePatience = resolve;
      }),
    monotonicMs: () => elapsedMs,
    log: pino({ base: null }, { write: (line) => lines.push(JSON.parse(line)) }),
  });
  const turns = () => new Promise((resolve) => setImmediate(resolve));
  return {
    ...{ catchUp, asked, compared, lines, onSilence },
    lead: async (...heads: readonly Head[]) => {
      catchUp.lead(heads);
      await turns();
    },
    answer: async (environmentId: string) => {
      answers.get(environmentId)?.resolve();
      await turns();
    },
    /** It was answered, and is no further: a body of it cannot be read. */
    leave: async (environmentId: string) => {
      answers.get(environmentId)?.leave();
      await turns();
    },
    refuse: async (environmentId: string) => {
      answers.get(environmentId)?.reject(new Error('of the test'));
      await turns();
    },
    losePatience: () => losePatience(),
    pass: (ms: number) => {
      elapsedMs += ms;
    },
  };
}

describe('createCatchUp', () => {
  test('asks about two environments at a time, and about none that is where it was found', async () => {
    const { lead, answer, asked, catchUp } = start();
    await lead(at('a', 0), at('b'), at('c'), at('d'));
    expect(asked).toEqual(['b', 'c']);
    await answer('c');
    expect(asked).toEqual(['b', 'c', 'd']);
    expect(catchUp.behind().map(({ environmentId }) => environmentId)).toEqual(['b', 'd']);
  });

  test('asks about one at a time once for all looks, and goes on to where the last of them found it', async () => {
    const { lead, answer, asked, catchUp } = start();
    await lead(at('a', 1));
    await lead(at('a', 1));
    await lead(at('a', 3));
    expect(asked).toEqual(['a']);
    const tried = catchUp.tried('a');
    await answer('a');
    expect(asked).toEqual(['a', 'a']);
    await answer('a');
    await tried;
    expect(catchUp.behind()).toEqual([]);
  });

  test('tries one that failed again by the next look, and then less often, with one line in the log', async () => {
    const { lead, refuse, answer, asked, lines, pass, catchUp } = start();
    const triedAtS: number[] = [];
    for (let second = 0; second < 40; second++) {
      const before = asked.length;
      await lead(at('a'));
      if (asked.length > before) triedAtS.push(second);
      await refuse('a');
      pass(1_000);
    }
    expect(triedAtS).toEqual([0, 1, 2, 4, 8, 16, 24, 32]);
    expect(catchUp.behind()).toEqual([{ environmentId: 'a', forMs: 40_000, isFailing: true }]);
    await lead(at('a'));
    await answer('a');
    expect(catchUp.behind()).toEqual([]);
    expect(lines).toMatchObject([
      { environmentId: 'a' },
      { environmentId: 'a', msg: 'an environment is where the database has it again' },
    ]);
  });

  test('leaves one place to the others, however many fail or take long', async () => {
    const { lead, refuse, answer, asked, pass } = start();
    await lead(at('failing'), at('failing too'));
    for (const id of ['failing', 'failing too']) await refuse(id);
    pass(1_000);
    asked.length = 0;
    await lead(at('failing'), at('failing too'), at('sound'));
    expect(asked).toEqual(['failing', 'sound']);
    await answer('sound');
    await lead(at('failing'), at('failing too'), at('sound', 2));
    expect(asked).toEqual(['failing', 'sound', 'sound']);
    await answer('failing');
    expect(asked).toEqual(['failing', 'sound', 'sound', 'failing too']);
  });

  test('takes one that takes long for the first time as one of them', async () => {
    const { lead, refuse, asked, pass } = start();
    await lead(at('failing'));
    await refuse('failing');
    await lead(at('long'));
    pass(2_000);
    await lead(at('long'), at('failing'));
    expect(asked).toEqual(['failing', 'long']);
  });

  test('lets others pass by two that turn slow together, and no third slow one', async () => {
    const { lead, refuse, asked, pass } = start();
    await lead(at('failing'));
    await refuse('failing');
    await lead(at('long'), at('long too'), at('failing'), at('sound'));
    pass(1_001);
    const heads = [at('long'), at('long too'), at('failing'), at('sound'), at('sound too')];
    await lead(...heads);
    expect(asked).toEqual(['failing', 'long', 'long too', 'sound']);
    pass(1_001);
    await lead(...heads);
    expect(asked).toEqual(['failing', 'long', 'long too', 'sound']);
  });

  test('reads what has changed before it compares what has not', async () => {
    const { lead, answer, asked, compared } = start();
    for (const id of ['a', 'b', 'c', 'd']) compared.add(id);
    await lead(...['a', 'b', 'c', 'd', 'changed'].map((id) => at(id)));
    await answer('a');
    expect(asked).toEqual(['a', 'b', 'changed']);
  });

  test('gives one up that is not answered, and says so', async () => {
    const { lead, losePatience, asked, lines, onSilence, catchUp } = start();
    await lead(at('a'));
    losePatience();
    await catchUp.tried();
    expect(onSilence).toHaveBeenCalledTimes(1);
    expect(lines).toMatchObject([{ environmentId: 'a', err: { message: 'The database did not answer within 30 s.' } }]);
    expect(asked).toEqual(['a']);
  });

  test('forgets an environment that is found no more, and begins nothing once closed', async () => {
    const { lead, refuse, asked, catchUp } = start();
    await lead(at('a'));
    await refuse('a');
    await lead();
    expect(catchUp.behind()).toEqual([]);
    await lead(at('b'), at('c'), at('d'));
    catchUp.close();
    for (const id of ['b', 'c']) await refuse(id);
    await catchUp.tried();
    expect(asked).toEqual(['a', 'b', 'c']);
  });

  test('that cannot be read to its end is asked about once for each look, however long that takes', async () => {
    const { asked, lead, leave, catchUp, lines } = start();
    await lead(at('one'));
    for (let looks = 0; looks < 3; looks++) await lead(at('one'));
    await leave('one');
    await catchUp.tried('one');
    expect(asked).toEqual(['one']);
    await lead(at('one'));
    expect(asked).toEqual(['one', 'one']);
    expect(lines).toEqual([]);
  });
});
