/** How many of the connected instances report, of all servers together, and what else their reports came to. */
import type { Coverage, CoverageSummary } from '@yardarm/contract';
import { sql } from 'drizzle-orm';
import type { Database, Tx } from '../db/client.ts';
import { KEY_KINDS, type KeyKind } from '../delivery/receipt-books.ts';
import { type KindCoverage, mergeCoverage } from './coverage.ts';
import { readCoverage, readSettling, type Settling } from './coverage-store.ts';

export interface NamedEnvironment {
  readonly id: string;
  readonly key: string;
}

/** Of all servers; `complete`: false while one of another version has readers, and while it is not settled. */
export type MergedCoverage = Readonly<Record<KeyKind, KindCoverage>> & Settling & { readonly complete: boolean };

/** In the order of `environments`. */
export async function summariseCoverage(db: Database, environments: readonly NamedEnvironment[]): Promise<CoverageSummary[]> {
  const merged = await loadMerged(db, environments);
  return environments.map((environment, index) => toSummary(environment, merged[index] as MergedCoverage));
}

export async function loadCoverage(db: Database, environment: NamedEnvironment): Promise<Coverage> {
  const [[merged], sources, unknown] = await Promise.all([
    loadMerged(db, [environment]),
    db.execute<{ key_kind: KeyKind; lost: number; dropped: number }>(sql`
      select key_kind, lost::float8, dropped::float8 from telemetry_sources where environment_id = ${environment.id} order by key_kind desc`),
    db.execute<{ key_kind: KeyKind; key: string; app: string; n: number; seen_at: number }>(sql`
      select key_kind, key, app, n::float8, (extract(epoch from seen_at) * 1000)::float8 as seen_at
      from telemetry_unknown_flags where environment_id = ${environment.id} order by key_kind desc, key`),
  ]);
  const { complete } = merged as MergedCoverage;
  const of = <T>(list: (kind: KindCoverage, keyKind: KeyKind) => readonly T[]) =>
    KEY_KINDS.flatMap((keyKind) => list((merged as MergedCoverage)[keyKind], keyKind));
  return {
    ...toSummary(environment, merged as MergedCoverage),
    apps: of(({ apps }, keyKind) =>
      apps.map(({ name, version, reporting, silent }) => ({ keyKind, app: { name, version }, reporting, silent })),
    ),
    silent: of(({ silentInstances }, keyKind) =>
      silentInstances.map(({ connectedAtMs, ...instance }) => ({
        ...{ keyKind, ...instance },
        connectedAt: new Date(connectedAtMs).toISOString(),
      })),
    ),
    missing: sources.map(({ key_kind, lost, dropped }) => ({ keyKind: key_kind, lost, dropped })),
    unknownFlags: unknown.map(({ key_kind, key, app, n, seen_at }) => ({
      ...{ keyKind: key_kind, key, app: app || null, n },
      seenAt: new Date(seen_at).toISOString(),
    })),
    complete,
  };
}

/** In the order of `environments`. */
export async function loadMerged(db: Database | Tx, environments: readonly NamedEnvironment[]): Promise<MergedCoverage[]> {
  const ids = environments.map(({ id }) => id);
  const [rows, settling] = await Promise.all([readCoverage(db, ids), readSettling(db)]);
  return environments.map(({ id }) => {
    const own = rows.filter(({ environmentId }) => environmentId === id).map((row) => row.coverage);
    const known = own.flatMap((coverage) => coverage ?? []);
    const of = (kind: KeyKind) => mergeCoverage(known.map((coverage) => coverage[kind]));
    return {
      ...{ server: of('server'), client: of('client'), ...settling },
      complete: settling.settled && known.length === own.length,
    };
  });
}

function toSummary({ key }: NamedEnvironment, merged: MergedCoverage): CoverageSummary {
  const of = ({ reporting, silent, awaited }: KindCoverage) => ({ reporting, silent, awaited });
  return { environment: key, server: of(merged.server), client: of(merged.client) };
}
