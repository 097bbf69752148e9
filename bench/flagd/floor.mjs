// @ts-check
/** A bare grpc-js server that sends a text to every stream that is opened, and to all of them when it is told to. */
import grpc from '@grpc/grpc-js';

/** One string, as member 1 of a message. */
const serialize = (/** @type {string} */ text) => {
  const bytes = Buffer.from(text);
  /** @type {number[]} */
  const length = [];
  for (let left = bytes.length; ; left >>>= 7) {
    if (left < 0x80) {
      length.push(left);
      break;
    }
    length.push((left & 0x7f) | 0x80);
  }
  return Buffer.concat([Buffer.from([10, ...length]), bytes]);
};

/** @param {string} first */
export async function startFloor(first) {
  let text = first;
  /** @type {Set<import('@grpc/grpc-js').ServerWritableStream<Buffer, string>>} */
  const streams = new Set();
  const server = new grpc.Server();
  server.addService(
    {
      SyncFlags: {
        path: '/flagd.sync.v1.FlagSyncService/SyncFlags',
        requestStream: false,
        responseStream: true,
        requestSerialize: (/** @type {Buffer} */ bytes) => bytes,
        requestDeserialize: (/** @type {Buffer} */ bytes) => bytes,
        responseSerialize: serialize,
        responseDeserialize: String,
      },
    },
    {
      SyncFlags: (/** @type {import('@grpc/grpc-js').ServerWritableStream<Buffer, string>} */ call) => {
        streams.add(call);
        call.on('cancelled', () => streams.delete(call));
        call.write(text);
      },
    },
  );
  const port = await new Promise((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  return {
    port: /** @type {number} */ (port),
    /** @param {string} next */
    send(next) {
      text = next;
      for (const call of streams) call.write(text);
    },
    async stop() {
      server.forceShutdown();
    },
  };
}
