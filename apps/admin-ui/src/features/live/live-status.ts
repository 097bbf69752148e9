import { createContext, useContext } from 'react';
import type { StreamStatus } from '../../lib/project-stream.ts';

export const LiveStatusContext = createContext<StreamStatus>('connecting');

export function useLiveStatus(): StreamStatus {
  return useContext(LiveStatusContext);
}
