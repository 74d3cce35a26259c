/** What gRPC servers that replace a part of Pulumi have in common. */
import * as grpc from "@grpc/grpc-js";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import type { WireMap } from "./wire";

/** Large ConfigMaps and policies pass; the same limit as Pulumi's own. */
export const MAX_MESSAGE_BYTES = 400 * 1024 * 1024;

export function makeServer(): grpc.Server {
  return new grpc.Server({ "grpc.max_receive_message_length": MAX_MESSAGE_BYTES });
}

/** Starts listening on a free port of this machine. Resolves to `127.0.0.1:<port>`. */
export function listen(server: grpc.Server): Promise<string> {
  return new Promise((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) => {
      if (error === null) {
        resolve(`127.0.0.1:${port}`);
      } else {
        reject(error);
      }
    });
  });
}

/** A gRPC method from a function; what it throws becomes the caller's error message. @param handle gets the caller's address, too. */
export function answer<Request, Response>(
  handle: (request: Request, peer: string) => Response | Promise<Response>,
): grpc.handleUnaryCall<Request, Response> {
  return (call, callback) => {
    void (async () => handle(call.request, call.getPeer()))().then(
      (response) => {
        callback(null, response);
      },
      (error: unknown) => {
        callback({ code: grpc.status.UNKNOWN, details: error instanceof Error ? error.message : String(error) });
      },
    );
  };
}

/** Has a client's calls answered in this process. It never connects. Its messages are those of the protocol, as they are before they are encoded. */
export function answerHere(client: grpc.Client, methods: grpc.UntypedServiceImplementation): void {
  for (const [name, method] of Object.entries(methods)) {
    const request = (message: unknown, ...rest: readonly unknown[]) => {
      const callback = rest.at(-1) as (error: grpc.ServiceError | null, response?: unknown) => void;
      // Of a call the methods here read the request and the peer.
      const call = { request: message, getPeer: () => "this process" } as grpc.ServerUnaryCall<unknown, unknown>;
      (method as grpc.handleUnaryCall<unknown, unknown>)(call, (error, response) => {
        callback(error === null ? null : serviceError(error), response);
      });
      // Nobody cancels a call.
      return {} as grpc.ClientUnaryCall;
    };
    Object.assign(client, { [name]: request });
  }
}

/** An error of a method as a client of gRPC gets it. */
function serviceError({ code = grpc.status.UNKNOWN, details = "" }: Partial<grpc.StatusObject>): grpc.ServiceError {
  const metadata = new grpc.Metadata();
  return Object.assign(new Error(`${String(code)} ${grpc.status[code]}: ${details}`), { code, details, metadata });
}

/** Every method of a service, each refused with its name. @param who says so. */
export function refuseAll(service: grpc.ServiceDefinition, who: string): grpc.UntypedServiceImplementation {
  const refuse =
    (method: string): grpc.handleUnaryCall<unknown, unknown> =>
    (_call, callback) => {
      callback({ code: grpc.status.UNIMPLEMENTED, details: `${who} does not implement ${method}` });
    };
  return Object.fromEntries(Object.keys(service).map((method) => [method, refuse(method)]));
}

export function toMap(struct: Struct | undefined): WireMap {
  return (struct?.toJavaScript() ?? {}) as WireMap;
}

export function toStruct(map: WireMap): Struct {
  return Struct.fromJavaScript(map as Parameters<typeof Struct.fromJavaScript>[0]);
}
