/** Saved views of a list, above its filters: one click shows one, and what is filtered now can be saved under a name. */
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Button } from '../../../components/ui/button.tsx';
import { CloseIcon, PeopleIcon, PlusIcon } from '../../../components/ui/icons.tsx';
import { toSentence } from '../../../lib/api-client.ts';
import { classNames } from '../../../lib/class-names.ts';
import { useMay } from '../../../lib/rights.ts';
import { useDeleteView, viewsQuery } from '../api/views.ts';
import { currentView, toSaved } from '../views.ts';
import { SaveViewDialog } from './save-view-dialog.tsx';

export interface ViewsBarProps {
  readonly project: string;
  readonly filter: Readonly<Record<string, string | undefined>>;
  readonly onShow: (filter: Record<string, string>) => void;
}

export default function ViewsBar({ project, filter, onShow }: ViewsBarProps) {
  const { data: views = [] } = useQuery(viewsQuery(project));
  const [saving, setSaving] = useState(false);
  const deleting = useDeleteView(project);
  const may = useMay(project);
  const shown = currentView(views, filter);
  const isFiltered = Object.keys(toSaved(filter)).length > 0;
  const mayDelete = shown !== undefined && may(shown.shared ? 'view.share' : 'view.save');
  if (views.length === 0 && !isFiltered) return null;
  return (
    <nav aria-label="Saved views" className="flex flex-wrap items-center gap-1.5 border-line border-b px-3 py-2">
      {views.map((view) => (
        <button
          key={view.id}
          type="button"
          aria-current={view === shown ? 'true' : undefined}
          title={view.shared ? 'Everybody has this view' : 'Only you have this view'}
          className={classNames(
            'inline-flex h-7 max-w-56 items-center gap-1.5 rounded-md border px-2 text-sm',
            view === shown
              ? 'border-accent bg-accent-soft font-medium text-accent'
              : 'border-line bg-surface text-ink-soft hover:bg-hover hover:text-ink',
          )}
          onClick={() => onShow(view.filter)}
        >
          {view.shared && <PeopleIcon className="size-3.5" />}
          <span className="truncate">{view.name}</span>
        </button>
      ))}
      {mayDelete && (
        <Button
          look="ghost"
          size="sm"
          aria-label={`Delete the view ${shown.name}`}
          title={`Delete the view ${shown.name}`}
          pending={deleting.isPending}
          onClick={() => deleting.mutate(shown.id)}
        >
          {!deleting.isPending && <CloseIcon className="size-3.5" />}
        </Button>
      )}
      {isFiltered && shown === undefined && may('view.save') && (
        <Button look="ghost" size="sm" onClick={() => setSaving(true)}>
          <PlusIcon className="size-3.5" /> Save view
        </Button>
      )}
      {deleting.error && <span className="text-bad text-sm">{toSentence(deleting.error)}</span>}
      {saving && (
        <SaveViewDialog
          project={project}
          filter={toSaved(filter)}
          views={views}
          mayShare={may('view.share')}
          onClose={() => setSaving(false)}
        />
      )}
    </nav>
  );
}
