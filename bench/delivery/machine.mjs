// @ts-check
/** What every figure is to be read beside. */
import { availableParallelism, loadavg } from 'node:os';

export function machineLine() {
  return `Node ${process.versions.node}, ${availableParallelism()} cores, load ${loadavg()[0]?.toFixed(1)}`;
}
