/** A policy pack of another process, asked over gRPC as the pulumi CLI asks it. */
import { credentials } from "@grpc/grpc-js";
import { AnalyzerClient } from "@pulumi/pulumi/proto/analyzer_grpc_pb";
import { answerOf } from "../../src/rehearsal/policy/served-pack";
import type { ServedPack } from "../../src/rehearsal/policy/served-pack";

/** As the CLI sets it. */
const MAX_MESSAGE_BYTES = 400 * 1024 * 1024;

export interface WirePack extends ServedPack {
  close(): void;
}

/** @param address `127.0.0.1:<port>` on which the pack listens. */
export function packAt(address: string): WirePack {
  const client = new AnalyzerClient(address, credentials.createInsecure(), {
    "grpc.max_receive_message_length": MAX_MESSAGE_BYTES,
    "grpc.max_send_message_length": MAX_MESSAGE_BYTES,
  });
  return {
    analyze: (request) => answerOf((answer) => client.analyze(request, answer)),
    analyzeStack: (request) => answerOf((answer) => client.analyzeStack(request, answer)),
    configure: (request) => answerOf((answer) => client.configure(request, answer)),
    configureStack: (request) => answerOf((answer) => client.configureStack(request, answer)),
    getAnalyzerInfo: (request) => answerOf((answer) => client.getAnalyzerInfo(request, answer)),
    close: () => {
      client.close();
    },
  };
}
