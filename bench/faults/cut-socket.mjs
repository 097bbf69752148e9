// @ts-check
/**
 * Resets a connection. Node 20 marks a socket that is reset while its end is still being sent as closed and never
 * closes it: it keeps its descriptor, and at its own end the process waits for it for ever, at full load. Such a one is destroyed.
 * @param {import('node:net').Socket} socket
 */
export function cutSocket(socket) {
  if (socket.writableEnded) socket.destroy();
  else socket.resetAndDestroy();
}
