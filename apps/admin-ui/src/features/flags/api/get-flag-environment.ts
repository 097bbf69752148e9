import type { FlagEnvironment } from '@yardarm/contract';
import { apiPath, callApi } from '../../../lib/api-client.ts';

/** The flag in one environment as it is now; asked for when an edit met a newer version. */
export function getFlagEnvironment(project: string, flag: string, environment: string): Promise<FlagEnvironment> {
  return callApi<FlagEnvironment>(apiPath('projects', project, 'flags', flag, 'environments', environment));
}
