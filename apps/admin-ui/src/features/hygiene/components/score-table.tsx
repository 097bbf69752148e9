/** How clean each team's flags are, now and week by week. */
import type { HygieneOverview } from '@yardarm/contract';
import { LongList } from '../../../components/ui/long-list.tsx';
import { ScrollRegion } from '../../../components/ui/scroll-region.tsx';
import { Trend } from '../../../components/ui/trend.tsx';
import { classNames } from '../../../lib/class-names.ts';

type Score = HygieneOverview['scores'][number];

/** In per cent. */
const GOOD_SCORE = 90;
const FAIR_SCORE = 70;

export function ScoreTable({ scores }: { readonly scores: readonly Score[] }) {
  if (scores.length === 0)
    return (
      <p className="px-4 py-6 text-balance text-center text-ink-faint text-sm">
        No scores yet: they come with the first assessment of the first flag.
      </p>
    );
  return (
    <LongList items={scores} noun="owner">
      {(shown) => (
        <ScrollRegion label="Scores, team by team">
          <table className="w-full text-left text-sm tabular-nums">
            <thead className="text-ink-faint text-xs">
              <tr className="border-line border-b">
                <th scope="col" className="px-4 py-2 font-medium">
                  Owner
                </th>
                <th scope="col" className="px-2 py-2 text-right font-medium" title="Share of the flags that wait for nobody">
                  Score
                </th>
                <th scope="col" className="px-2 py-2 font-medium max-sm:hidden">
                  By week
                </th>
                <th scope="col" className="px-4 py-2 text-right font-medium" title="Expired, stale or ready to remove, of all">
                  Waiting
                </th>
              </tr>
            </thead>
            <tbody className="divide-y divide-line">
              {shown.map((score) => (
                <ScoreRow key={score.owner ?? ''} score={score} />
              ))}
            </tbody>
          </table>
        </ScrollRegion>
      )}
    </LongList>
  );
}

function ScoreRow({ score: { owner, ownerTeam, weeks } }: { readonly score: Score }) {
  const now = weeks.at(-1);
  if (now === undefined) return null;
  const name = ownerTeam?.name ?? owner ?? 'nobody';
  const waiting = now.expired + now.stale + now.readyToRemove;
  const tone = now.score >= GOOD_SCORE ? 'text-good' : now.score >= FAIR_SCORE ? 'text-warn' : 'text-bad';
  return (
    <tr>
      <th scope="row" className="wrap-anywhere min-w-28 px-4 py-2 font-normal">
        {name}
      </th>
      <td className={classNames('whitespace-nowrap px-2 py-2 text-right font-semibold', tone)}>{now.score} %</td>
      <td className="px-2 py-2 max-sm:hidden">
        <Trend
          counts={weeks.map(({ score }) => score)}
          most={100}
          label={`${name}: ${weeks.map(({ week, score }) => `${score} % in the week of ${week}`).join(', ')}`}
        />
      </td>
      <td
        className="whitespace-nowrap px-4 py-2 text-right text-ink-soft"
        title={`${now.expired} expired, ${now.stale} stale, ${now.readyToRemove} ready to remove, of ${now.flags}`}
      >
        {waiting} of {now.flags}
      </td>
    </tr>
  );
}
