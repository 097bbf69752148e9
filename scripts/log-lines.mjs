// @ts-check
/** Turns the server's log, one JSON object a line, into lines for a person at a terminal. */
import { StringDecoder } from 'node:string_decoder';

const NOT_SHOWN = new Set(['level', 'time', 'msg', 'reqId', 'requestId', 'hostname', 'pid']);

/**
 * @param {string} line
 * @returns {{ level: string, text: string }} lines that are not of the log keep their text, with level `output`
 */
export function readLogLine(line) {
  const record = parseRecord(line);
  if (record === null) return { level: 'output', text: line };
  const { level, time, msg, err, ...fields } = record;
  const facts = Object.entries(fields)
    .filter(([name, value]) => !NOT_SHOWN.has(name) && value !== null && typeof value !== 'object')
    .map(([name, value]) => `${name}=${value}`);
  const cause = typeof err === 'object' && err !== null && 'message' in err ? [`(${err.message})`] : [];
  const at = typeof time === 'string' ? new Date(time).toTimeString().slice(0, 8) : '';
  return {
    level: String(level),
    text: [at, level === 'info' ? '' : `${level}:`, msg, ...facts, ...cause].filter(Boolean).join(' '),
  };
}

/**
 * @param {import('node:stream').Readable | null} stream
 * @param {(line: string) => void} onLine
 */
export function eachLine(stream, onLine) {
  const decoder = new StringDecoder();
  let rest = '';
  stream?.on('data', (chunk) => {
    const lines = (rest + decoder.write(chunk)).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (line.trim() !== '') onLine(line);
  });
  stream?.on('end', () => {
    if (rest.trim() !== '') onLine(rest);
  });
}

/**
 * @param {string} line
 * @returns {Record<string, unknown> | null}
 */
function parseRecord(line) {
  if (!line.startsWith('{')) return null;
  try {
    const record = JSON.parse(line);
    return typeof record.msg === 'string' ? record : null;
  } catch {
    // A torn or foreign line is shown as it is.
    return null;
  }
}
