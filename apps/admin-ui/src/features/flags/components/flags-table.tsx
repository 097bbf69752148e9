// biome-ignore-all lint/a11y/useSemanticElements: a table by its roles, see FlagsTable
import { useWindowVirtualizer } from '@tanstack/react-virtual';
import type { Environment, Flag } from '@yardarm/contract';
import { type ReactNode, useCallback, useEffect, useLayoutEffect, useMemo, useReducer, useRef, useState } from 'react';
import { Checkbox } from '../../../components/ui/checkbox.tsx';
import { ChevronRightIcon } from '../../../components/ui/icons.tsx';
import { ScrollRegion } from '../../../components/ui/scroll-region.tsx';
import { classNames } from '../../../lib/class-names.ts';
import { counted } from '../../../lib/counted.ts';
import type { SwitchFlag } from '../api/switch-flag.ts';
import type { ChosenColumns, Sort, SortBy } from '../list-layout.ts';
import { allToggled, extendedTo, type Selection, toggled } from '../selection.ts';
import { nextRange, type RowRange } from '../staged-range.ts';
import { tableColumns, withFirst } from '../table-columns.ts';
import { linkOf, useRowKeys } from '../use-row-keys.ts';
import { FlagRow } from './flag-row.tsx';
import { FlagsHeader } from './flags-header.tsx';

/** Every row is as high, so that none has to be measured. */
const ROW_PX = 53;
/** What the names of the columns cover of the window. */
const HEADER_PX = 36;
/** Rows beyond the edges of the window, so that a key that moves the focus finds the next one there. */
const OVERSCAN = 6;
/** Environments. */
const WIDE_FROM = 5;
/** At a time. */
const MAX_NEW_ROWS = 6;
/** The root's font size. */
const REM_PX = 16;

export interface FlagsTableProps {
  readonly flags: readonly Flag[];
  readonly environments: readonly Environment[];
  readonly flagLink: (key: string) => ReactNode;
  /** When the flag was last evaluated. */
  readonly evaluated: (key: string) => ReactNode;
  /** Whose evaluations those are. */
  readonly evaluatedIn: Environment | undefined;
  readonly chosen: ChosenColumns;
  readonly sort: Sort;
  readonly onSort: (by: SortBy) => void;
  readonly selection: Selection;
  readonly onSelection: (change: (selection: Selection) => Selection) => void;
  readonly isPending: (key: string, environment: string) => boolean;
  /** Why the reader may not switch a flag that is `on` there; undefined: they may. */
  readonly lockOf: (environment: Environment, on: boolean) => string | undefined;
  readonly onSwitch: (request: SwitchFlag) => void;
}

/**
 * A table by its roles, and not by its elements: a step of scrolling would lay out and paint every row of a table again. Here each row stands
 * at its place, and nothing outside of it depends on what is in it.
 */
export function FlagsTable(props: FlagsTableProps) {
  const { flags, environments, flagLink, evaluated, evaluatedIn, chosen, sort, onSort } = props;
  const { selection, onSelection, isPending, lockOf, onSwitch } = props;
  const [roomRem, setRoomRem] = useState(0);
  const columns = useMemo(() => tableColumns(roomRem, chosen, environments.length), [roomRem, chosen, environments.length]);
  // Where not every environment fits, one must not have to be scrolled to.
  const shown = useMemo(
    () => (columns.fit ? environments : withFirst(environments, evaluatedIn?.key)),
    [columns.fit, environments, evaluatedIn?.key],
  );
  const keys = useMemo(() => flags.map(({ key }) => key), [flags]);
  const select = useCallback(
    (key: string, isRange: boolean) => onSelection((now) => (isRange ? extendedTo(now, keys, key) : toggled(now, key))),
    [onSelection, keys],
  );
  const selectedCount = useMemo(() => keys.filter((key) => selection.keys.has(key)).length, [keys, selection]);
  const room = useRef<HTMLElement>(null);
  const body = useRef<HTMLDivElement>(null);
  const [topPx, setTopPx] = useState(0);
  useLayoutEffect(() => {
    const measure = () => {
      setTopPx(Math.round((body.current?.getBoundingClientRect().top ?? 0) + window.scrollY));
      setRoomRem((room.current?.clientWidth ?? 0) / REM_PX);
    };
    measure();
    // What stands above comes later, as saved views do, or wraps.
    const observer = new ResizeObserver(measure);
    observer.observe(document.body);
    return () => observer.disconnect();
  }, []);
  const virtualizer = useWindowVirtualizer({
    count: flags.length,
    estimateSize: () => ROW_PX,
    overscan: OVERSCAN,
    scrollMargin: topPx,
    scrollPaddingStart: HEADER_PX,
    // Rows are drawn in a task of their own: with what the browser does for a step of scrolling they took more than 50 ms together.
    useFlushSync: false,
    getItemKey: (index) => flags[index]?.key ?? index,
  });
  useRowKeys({
    table: body,
    onSelect: select,
    onMove: (key, step) => {
      const next = key === null ? 0 : keys.indexOf(key) + step;
      if (next < 0 || next >= keys.length) return;
      virtualizer.scrollToIndex(next, { align: 'auto' });
      // Not before the row is there.
      requestAnimationFrame(() =>
        requestAnimationFrame(() => linkOf(body.current, keys[next] ?? '')?.focus({ preventScroll: true })),
      );
    },
  });
  const items = virtualizer.getVirtualItems();
  const wanted = { start: items[0]?.index ?? 0, end: (items.at(-1)?.index ?? -1) + 1 };
  const { start, end } = useStaged(wanted);
  return (
    <>
      {!columns.fit && shown.length > 1 && (
        <p className="flex items-center justify-between border-line border-b px-4 py-1.5 text-ink-faint text-xs">
          {counted(shown.length, 'environment')}: scroll sideways <ChevronRightIcon className="size-3.5" />
        </p>
      )}
      <ScrollRegion ref={room} label="Flags" still={columns.fit}>
        <div
          role="table"
          aria-rowcount={flags.length + 1}
          // Where it scrolls sideways in every window, the names stay in sight; elsewhere that would cost and show nothing.
          data-wide={shown.length >= WIDE_FROM || undefined}
          style={{ minWidth: `${columns.leastRem}rem` }}
        >
          <div role="rowgroup" className={classNames(columns.fit && 'sticky top-0 z-2')}>
            <FlagsHeader
              columns={columns}
              environments={shown}
              evaluatedIn={evaluatedIn}
              sort={sort}
              onSort={onSort}
              select={
                <Checkbox
                  label={selectedCount === keys.length ? 'Select none' : `Select all ${keys.length}`}
                  checked={selectedCount === keys.length}
                  partly={selectedCount > 0 && selectedCount < keys.length}
                  onToggle={() => onSelection((now) => allToggled(now, keys))}
                  testId="select-all"
                />
              }
            />
          </div>
          <div
            role="rowgroup"
            ref={body}
            // What gets the focus on the way up stops below the names of the columns, its outline too.
            className="relative -mb-px [&_:is(a,button,input)]:scroll-mt-10"
            style={{ height: `${flags.length * ROW_PX}px` }}
          >
            {flags.slice(start, end).map((flag, offset) => (
              <FlagRow
                key={flag.key}
                flag={flag}
                environments={shown}
                columns={columns}
                index={start + offset}
                heightPx={ROW_PX}
                flagLink={flagLink}
                evaluated={evaluated}
                selected={selection.keys.has(flag.key)}
                onSelect={select}
                pending={shown
                  .filter(({ key }) => isPending(flag.key, key))
                  .map(({ key }) => key)
                  .join(' ')}
                lockOf={lockOf}
                onSwitch={onSwitch}
              />
            ))}
          </div>
        </div>
      </ScrollRegion>
    </>
  );
}

/** What is drawn of the rows that are wanted; the others follow frame by frame. */
function useStaged(wanted: RowRange): RowRange {
  const drawn = useRef<RowRange>({ start: 0, end: 0 });
  const [, drawMore] = useReducer((times: number) => times + 1, 0);
  const range = nextRange(wanted, drawn.current, { most: MAX_NEW_ROWS, ahead: OVERSCAN });
  const isWhole = range.start === wanted.start && range.end === wanted.end;
  useEffect(() => {
    drawn.current = range;
    if (isWhole) return;
    const frame = requestAnimationFrame(drawMore);
    return () => cancelAnimationFrame(frame);
  });
  return range;
}
