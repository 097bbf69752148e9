/** The kinds of flags, each with what it is for. */
import type { Flag } from '@yardarm/contract';

export const KIND_OPTIONS: readonly { value: Flag['kind']; label: string }[] = [
  { value: 'release', label: 'Release: hides work until it is done' },
  { value: 'experiment', label: 'Experiment: compares variants' },
  { value: 'operational', label: 'Operational: kill switch or setting' },
  { value: 'permission', label: 'Permission: who may use it' },
];
