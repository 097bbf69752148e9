// @ts-check
/** Takes apart the websocket frames of a server, which are not masked, and puts others in their place. */

const TEXT = 0x81;

/**
 * @param {(text: Buffer) => Buffer[]} edit texts to send instead; none: the frame is lost
 * @returns {(chunk: Buffer) => Buffer} what to pass on; the rest of an unfinished frame is kept for the next chunk
 */
export function createFrameEditor(edit) {
  let rest = Buffer.alloc(0);
  return (chunk) => {
    rest = Buffer.concat([rest, chunk]);
    /** @type {Buffer[]} */
    const out = [];
    for (;;) {
      const frame = firstFrame(rest);
      if (frame === null) return Buffer.concat(out);
      const whole = rest.subarray(0, frame.end);
      rest = rest.subarray(frame.end);
      if (whole[0] === TEXT) out.push(...edit(Buffer.from(whole.subarray(frame.start))).map(toFrame));
      else out.push(whole);
    }
  };
}

/** @param {Buffer} bytes @returns {{ start: number, end: number } | null} of the payload; null: not all of it is here */
function firstFrame(bytes) {
  if (bytes.length < 2) return null;
  const short = /** @type {number} */ (bytes[1]) & 0x7f;
  const start = short < 126 ? 2 : short === 126 ? 4 : 10;
  if (bytes.length < start) return null;
  const length = short < 126 ? short : short === 126 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2));
  return bytes.length < start + length ? null : { start, end: start + length };
}

/** @param {Buffer} text */
function toFrame(text) {
  if (text.length < 126) return Buffer.concat([Buffer.from([TEXT, text.length]), text]);
  const head = Buffer.alloc(text.length < 65_536 ? 4 : 10);
  head[0] = TEXT;
  if (text.length < 65_536) {
    head[1] = 126;
    head.writeUInt16BE(text.length, 2);
  } else {
    head[1] = 127;
    head.writeBigUInt64BE(BigInt(text.length), 2);
  }
  return Buffer.concat([head, text]);
}
