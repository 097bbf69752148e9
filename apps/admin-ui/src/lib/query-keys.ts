/**
 * Every query key of the UI, in one tree, so that a notification can name what it makes stale. A key is
 * always nested under its project: `['project', 'shop', 'flags']`.
 */
export const queryKeys = {
  session: ['session'] as const,
  signInMethods: ['sign-in methods'] as const,
  users: ['users'] as const,
  tokens: ['tokens'] as const,
  projects: ['projects'] as const,
  teams: ['teams'] as const,
  sessions: ['sessions'] as const,
  instanceChanges: (filter: object) => ['instance changes', filter] as const,
  /** Everything of a project. */
  project: (project: string) => ['project', project] as const,
  environments: (project: string) => ['project', project, 'environments'] as const,
  flags: (project: string) => ['project', project, 'flags'] as const,
  flagsSoFar: (project: string) => ['project', project, 'flags so far'] as const,
  flag: (project: string, flag: string) => ['project', project, 'flag', flag] as const,
  segments: (project: string) => ['project', project, 'segments'] as const,
  segment: (project: string, segment: string) => ['project', project, 'segment', segment] as const,
  attributes: (project: string) => ['project', project, 'attributes'] as const,
  keys: (project: string, environment: string) => ['project', project, 'keys', environment] as const,
  allKeys: (project: string) => ['project', project, 'keys'] as const,
  reviews: (project: string) => ['project', project, 'reviews'] as const,
  allChanges: (project: string) => ['project', project, 'changes'] as const,
  changes: (project: string, filter: ChangesFilter) => ['project', project, 'changes', filter] as const,
  lastEvaluated: (project: string) => ['project', project, 'last evaluated'] as const,
  fleet: (project: string, environment: string) => ['project', project, 'fleet', environment] as const,
  convergence: (project: string, environment: string, range: string) =>
    ['project', project, 'convergence', environment, range] as const,
  portability: (project: string, environment: string) => ['project', project, 'portability', environment] as const,
  trace: (project: string, environment: string, asked: object) => ['project', project, 'trace', environment, asked] as const,
  comparisons: (project: string) => ['project', project, 'comparison'] as const,
  comparison: (project: string, source: string, target: string) => ['project', project, 'comparison', source, target] as const,
  webhooks: (project: string) => ['project', project, 'webhooks'] as const,
  deliveries: (project: string, webhook: string) => ['project', project, 'deliveries', webhook] as const,
  grants: (project: string) => ['project', project, 'grants'] as const,
  coverage: (project: string, environment: string) => ['project', project, 'coverage', environment] as const,
  evaluations: (project: string, environment: string, flag: string) =>
    ['project', project, 'evaluations', environment, flag] as const,
  evaluationCounts: (project: string, flag: string, environment: string, grain: string) =>
    ['project', project, 'evaluation counts', flag, environment, grain] as const,
  trends: (project: string, environment: string) => ['project', project, 'trends', environment] as const,
  verdict: (project: string, flag: string) => ['project', project, 'verdict', flag] as const,
  codeReferences: (project: string, flag: string) => ['project', project, 'code references', flag] as const,
  hygiene: (project: string) => ['project', project, 'hygiene'] as const,
  views: (project: string) => ['project', project, 'views'] as const,
  receipts: (project: string, environment: string) => ['project', project, 'receipts', environment] as const,
};

export interface ChangesFilter {
  readonly flag?: string | undefined;
  readonly environment?: string | undefined;
}
