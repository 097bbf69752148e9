import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { eachLine, readLogLine } from './log-lines.mjs';

describe('readLogLine', () => {
  it('keeps the message and the plain facts, and leaves identifiers of requests out', () => {
    const line = JSON.stringify({
      level: 'info',
      msg: 'change recorded',
      revision: 8,
      flag: 'recommendations',
      requestId: 'r1',
      req: {},
    });
    expect(readLogLine(line)).toEqual({ level: 'info', text: 'change recorded revision=8 flag=recommendations' });
  });

  it('names the level of a warning and the message of an error', () => {
    const line = JSON.stringify({ level: 'error', msg: 'change feed lost its connection', err: { message: 'ECONNRESET' } });
    expect(readLogLine(line).text).toBe('error: change feed lost its connection (ECONNRESET)');
  });

  it('passes other text and broken JSON through', () => {
    expect(readLogLine('Segmentation fault')).toEqual({ level: 'output', text: 'Segmentation fault' });
    expect(readLogLine('{"msg":')).toEqual({ level: 'output', text: '{"msg":' });
  });
});

describe('eachLine', () => {
  it('joins chunks, splits lines, keeps characters whole and gives the last line without a line feed', async () => {
    const stream = new PassThrough();
    const lines: string[] = [];
    eachLine(stream, (line) => lines.push(line));
    const bytes = Buffer.from('one\ntwo é\n\nthree');
    for (const byte of bytes) stream.write(Buffer.from([byte]));
    stream.end();
    await new Promise((resolve) => stream.once('close', resolve));
    expect(lines).toEqual(['one', 'two é', 'three']);
  });
});
