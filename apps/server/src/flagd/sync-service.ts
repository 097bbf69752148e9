/**
 * The interface of flagd's gRPC sync, `flagd.sync.v1.FlagSyncService`, as far as this server speaks it. Members that it neither reads nor
 * sends are left out: they are optional on the wire.
 */
import type { ServiceDefinition } from '@grpc/grpc-js';
import { fromJSON } from '@grpc/proto-loader';

export interface SyncRequest {
  /** Which flags a client wants: here, of which environment. Empty: those of the port. */
  readonly selector: string;
}

export interface SyncResponse {
  /** JSON text of a flag definition. */
  readonly flagConfiguration: string;
}

const REQUEST = { fields: { providerId: { type: 'string', id: 1 }, selector: { type: 'string', id: 2 } } };
const RESPONSE = { fields: { flagConfiguration: { type: 'string', id: 1 } } };
const EMPTY = { fields: {} };

export function flagSyncService(): ServiceDefinition {
  const root = fromJSON(
    {
      nested: {
        flagd: {
          nested: {
            sync: {
              nested: {
                v1: {
                  nested: {
                    SyncFlagsRequest: REQUEST,
                    SyncFlagsResponse: RESPONSE,
                    FetchAllFlagsRequest: REQUEST,
                    FetchAllFlagsResponse: RESPONSE,
                    GetMetadataRequest: EMPTY,
                    GetMetadataResponse: EMPTY,
                    FlagSyncService: {
                      methods: {
                        SyncFlags: {
                          requestType: 'SyncFlagsRequest',
                          responseType: 'SyncFlagsResponse',
                          responseStream: true,
                          comment: '',
                        },
                        FetchAllFlags: {
                          requestType: 'FetchAllFlagsRequest',
                          responseType: 'FetchAllFlagsResponse',
                          comment: '',
                        },
                        GetMetadata: { requestType: 'GetMetadataRequest', responseType: 'GetMetadataResponse', comment: '' },
                      },
                    },
                  },
                },
              },
            },
          },
        },
      },
    },
    { defaults: true },
  );
  return root['flagd.sync.v1.FlagSyncService'] as ServiceDefinition;
}
