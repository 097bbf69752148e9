// @ts-check
/** What every figure is to be read beside. */
import { readFileSync } from 'node:fs';
import { availableParallelism, loadavg } from 'node:os';

export function machineLine() {
  return `Node ${process.versions.node}, ${availableParallelism()} cores, load ${loadavg()[0]?.toFixed(1)}`;
}

/** Of a process in its whole life; 0 where the machine does not tell. @param {number} pid */
export function peakMemoryMb(pid) {
  try {
    return Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1e3;
  } catch {
    return 0;
  }
}
