// @ts-check
/** Websocket frames, right and wrong, as bytes. */

const TEXT = 1;

/**
 * A frame of a server: not masked.
 * @param {string | Uint8Array} payload
 * @param {{ opcode?: number, fin?: boolean, reserved?: number, masked?: boolean, announced?: number }} [options]
 *   `announced`: the length that it claims to have
 */
export function frame(payload, { opcode = TEXT, fin = true, reserved = 0, masked = false, announced } = {}) {
  const body = Buffer.from(payload);
  const length = announced ?? body.length;
  const head = Buffer.alloc(length < 126 ? 2 : length < 65_536 ? 4 : 10);
  head[0] = (fin ? 0x80 : 0) | (reserved << 4) | opcode;
  head[1] = masked ? 0x80 : 0;
  if (length < 126) head[1] |= length;
  else if (length < 65_536) {
    head[1] |= 126;
    head.writeUInt16BE(length, 2);
  } else {
    head[1] |= 127;
    head.writeBigUInt64BE(BigInt(length), 2);
  }
  return Buffer.concat(masked ? [head, Buffer.alloc(4), body] : [head, body]);
}
