/** The engine's way back into a program: functions that the program serves, each with a token, and the addresses that they are called at. */
import * as grpc from "@grpc/grpc-js";
import { CallbacksClient } from "@pulumi/pulumi/proto/callback_grpc_pb";
import { CallbackInvokeRequest } from "@pulumi/pulumi/proto/callback_pb";
import type { Callback } from "@pulumi/pulumi/proto/callback_pb";
import { MAX_MESSAGE_BYTES } from "./service";

export class Callbacks {
  private readonly clients = new Map<string, CallbacksClient>();

  /** Calls a function of the program with a serialized message. @throws Error with the program's own words when it throws. */
  call(callback: Callback, request: Uint8Array): Promise<Uint8Array> {
    const message = new CallbackInvokeRequest().setToken(callback.getToken()).setRequest(request);
    return new Promise((resolve, reject) => {
      this.clientOf(callback.getTarget()).invoke(message, (error, response) => {
        if (error === null) {
          resolve(response.getResponse_asU8());
        } else {
          reject(new Error(error.details));
        }
      });
    });
  }

  close(): void {
    this.clients.forEach((client) => {
      client.close();
    });
    this.clients.clear();
  }

  private clientOf(target: string): CallbacksClient {
    const client =
      this.clients.get(target) ??
      new CallbacksClient(target, grpc.credentials.createInsecure(), {
        "grpc.max_receive_message_length": MAX_MESSAGE_BYTES,
        "grpc.max_send_message_length": MAX_MESSAGE_BYTES,
      });
    this.clients.set(target, client);
    return client;
  }
}
