import type { Environment, Flag } from '@yardarm/contract';
import { useEffect, useMemo, useRef, useState } from 'react';
import { Button } from '../../../components/ui/button.tsx';
import { BareInput } from '../../../components/ui/field.tsx';
import { ColumnsIcon, SearchIcon } from '../../../components/ui/icons.tsx';
import { Select } from '../../../components/ui/select.tsx';
import { isTyping } from '../../../lib/is-typing.ts';
import { type FlagFilter, isFiltered, ownersOf, parseFlagFilter, tagsOf } from '../flag-filter.ts';
import { LISTED_LIFECYCLES } from '../lifecycle.ts';
import { parseListLayout } from '../list-layout.ts';
import { LayoutFields } from './layout-fields.tsx';

const ANY = '';
const KIND_OPTIONS = [
  { value: ANY, label: 'Any kind' },
  { value: 'release', label: 'Release' },
  { value: 'experiment', label: 'Experiment' },
  { value: 'operational', label: 'Operational' },
  { value: 'permission', label: 'Permission' },
];
const PORTABLE_OPTIONS = [
  { value: ANY, label: 'Any SDK' },
  { value: 'yes', label: 'Portable' },
  { value: 'no', label: 'Own SDK and OFREP only' },
];
const LIFECYCLE_OPTIONS = [{ value: ANY, label: 'Any lifecycle' }, ...LISTED_LIFECYCLES];

export interface FlagsToolbarProps {
  readonly flags: readonly Flag[];
  readonly environments: readonly Environment[];
  readonly filter: FlagFilter;
  readonly onFilter: (filter: FlagFilter) => void;
}

export function FlagsToolbar({ flags, environments, filter, onFilter }: FlagsToolbarProps) {
  const search = useRef<HTMLInputElement>(null);
  const [arranging, setArranging] = useState(false);
  useEffect(() => {
    const focusSearch = (event: KeyboardEvent) => {
      if (event.key !== '/' || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
      event.preventDefault();
      search.current?.focus();
      search.current?.select();
    };
    document.addEventListener('keydown', focusSearch);
    return () => document.removeEventListener('keydown', focusSearch);
  }, []);
  const change = (part: Record<string, string>) => onFilter(parseFlagFilter({ ...filter, ...part }));
  const owners = useMemo(() => ownersOf(flags).map((owner) => ({ value: owner, label: owner })), [flags]);
  const tags = useMemo(() => tagsOf(flags).map((tag) => ({ value: tag, label: `#${tag}` })), [flags]);
  const state = filter.on ? `on ${filter.on}` : filter.off ? `off ${filter.off}` : ANY;
  const states = environments.flatMap(({ key, name }) => [
    { value: `on ${key}`, label: `On in ${name}` },
    { value: `off ${key}`, label: `Off in ${name}` },
  ]);
  return (
    <search className="flex flex-wrap items-center gap-2 border-line border-b p-3">
      <div className="relative min-w-56 flex-1 sm:max-w-96">
        <SearchIcon className="pointer-events-none absolute top-2 left-2.5 size-4 text-ink-faint" />
        <BareInput
          ref={search}
          type="search"
          aria-label="Search flags"
          aria-keyshortcuts="/"
          placeholder="Search by key, description, owner or tag"
          value={filter.q ?? ''}
          onChange={(event) => change({ q: event.target.value })}
          onKeyDown={(event) => event.key === 'Escape' && event.currentTarget.blur()}
          className="peer pl-8 placeholder-shown:pr-8"
        />
        <span
          aria-hidden="true"
          className="pointer-events-none absolute top-1.5 right-1.5 flex h-5 min-w-5 items-center justify-center rounded border border-line bg-sunken font-sans text-ink-faint text-xs peer-focus:hidden peer-[:not(:placeholder-shown)]:hidden"
        >
          /
        </span>
      </div>
      <Select
        label="Kind"
        value={filter.kind ?? ANY}
        options={KIND_OPTIONS}
        highlighted={!!filter.kind}
        onChange={(kind) => change({ kind })}
      />
      <Select
        label="Owner"
        value={filter.owner ?? ANY}
        options={[{ value: ANY, label: 'Any owner' }, ...owners]}
        highlighted={!!filter.owner}
        onChange={(owner) => change({ owner })}
        className="max-w-48"
      />
      <Select
        label="Lifecycle"
        value={filter.lifecycle ?? ANY}
        options={LIFECYCLE_OPTIONS}
        highlighted={!!filter.lifecycle}
        onChange={(lifecycle) => change({ lifecycle })}
      />
      {tags.length > 0 && (
        <Select
          label="Tag"
          value={filter.tag ?? ANY}
          options={[{ value: ANY, label: 'Any tag' }, ...tags]}
          highlighted={!!filter.tag}
          onChange={(tag) => change({ tag })}
          className="max-w-40"
        />
      )}
      {states.length > 0 && (
        <Select
          label="State"
          value={state}
          options={[{ value: ANY, label: 'Any state' }, ...states]}
          highlighted={state !== ANY}
          onChange={(choice) => {
            const [which, environment = ''] = choice.split(' ');
            change({ on: which === 'on' ? environment : '', off: which === 'off' ? environment : '' });
          }}
          className="max-w-48"
        />
      )}
      <Select
        label="Portable"
        value={filter.portable ?? ANY}
        options={PORTABLE_OPTIONS}
        highlighted={!!filter.portable}
        onChange={(portable) => change({ portable })}
        className="max-w-56"
      />
      {isFiltered(filter) && (
        <Button look="ghost" onClick={() => onFilter(parseListLayout(filter))}>
          Clear
        </Button>
      )}
      <Button className="ml-auto" aria-expanded={arranging} aria-controls="list-layout" onClick={() => setArranging(!arranging)}>
        <ColumnsIcon /> Columns
      </Button>
      <div id="list-layout" hidden={!arranging} className="basis-full">
        {arranging && <LayoutFields layout={filter} environments={environments} onChange={change} />}
      </div>
    </search>
  );
}
