/** A text message as it goes to thousands of sockets: framed once. What a server sends is not masked, so that every frame is the same. */

export interface SharedFrame {
  /** The websocket frame: head and payload (RFC 6455, 5.2). */
  readonly framed: Buffer;
  /** The text alone; the same memory. */
  readonly payload: Buffer;
}

/** The last frame of its message, which is a text. */
const FINAL_TEXT = 0x81;
/** What the length byte says of a longer length behind it. */
const TWO_BYTES_FOLLOW = 126;
const EIGHT_BYTES_FOLLOW = 127;
const MAX_TWO_BYTES = 0xff_ff;

export function shareFrame(text: Buffer): SharedFrame {
  const head = headOf(text.length);
  const framed = Buffer.concat([head, text]);
  return { framed, payload: framed.subarray(head.length) };
}

function headOf(bytes: number): Buffer {
  if (bytes < TWO_BYTES_FOLLOW) return Buffer.from([FINAL_TEXT, bytes]);
  if (bytes <= MAX_TWO_BYTES) {
    const head = Buffer.from([FINAL_TEXT, TWO_BYTES_FOLLOW, 0, 0]);
    head.writeUInt16BE(bytes, 2);
    return head;
  }
  const head = Buffer.alloc(10);
  head.set([FINAL_TEXT, EIGHT_BYTES_FOLLOW]);
  head.writeBigUInt64BE(BigInt(bytes), 2);
  return head;
}
