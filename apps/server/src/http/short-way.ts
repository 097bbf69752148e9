/** What stands before the routes of a server, and answers in the turn of a request what needs none of them. */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';

export interface ShortWay {
  /** From now on everything takes its route: connections are to be closed. */
  end(): void;
}

/**
 * @param server whose requests have listeners already, which get those that are not answered here
 * @param tryAnswer whether it has answered, or will; false: it has not touched the request
 */
export function openShortWay(
  server: Server,
  tryAnswer: (request: IncomingMessage, response: ServerResponse) => boolean,
): ShortWay {
  let ended = false;
  const routes = server.listeners('request') as ((request: IncomingMessage, response: ServerResponse) => void)[];
  server.removeAllListeners('request');
  server.on('request', (request, response) => {
    if (!ended && tryAnswer(request, response)) return;
    for (const route of routes) route.call(server, request, response);
  });
  return {
    end: () => {
      ended = true;
    },
  };
}
