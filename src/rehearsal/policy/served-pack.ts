/** A policy pack that answers: the methods of Pulumi's analyzer protocol that the rehearsal asks. */
import type { StatusObject } from "@grpc/grpc-js";
import { status } from "@grpc/grpc-js";
import type * as proto from "@pulumi/pulumi/proto/analyzer_pb";
import type { Empty } from "google-protobuf/google/protobuf/empty_pb";

export interface ServedPack {
  readonly analyze: Method<proto.AnalyzeRequest, proto.AnalyzeResponse>;
  readonly analyzeStack: Method<proto.AnalyzeStackRequest, proto.AnalyzeResponse>;
  readonly configure: Method<proto.ConfigureAnalyzerRequest, Empty>;
  readonly configureStack: Method<proto.AnalyzerStackConfigureRequest, proto.AnalyzerStackConfigureResponse>;
  readonly getAnalyzerInfo: Method<Empty, proto.AnalyzerInfo>;
}

/** @throws CallError when the pack answers with an error. */
type Method<Request, Response> = (request: Request) => Promise<Response>;

/** The pack answered with an error. */
export class CallError extends Error {
  override readonly name = "CallError";
  readonly code: status;
  constructor({ code = status.UNKNOWN, details, message }: Failure) {
    super(details ?? message);
    this.code = code;
  }
}

/** An error as gRPC has it on either side. */
interface Failure extends Partial<StatusObject> {
  readonly message?: string;
}

/** What a method of gRPC hands to its callback. */
export function answerOf<Response>(
  ask: (answer: (error: Failure | null | undefined, response?: Response | null) => void) => unknown,
): Promise<Response> {
  return new Promise((resolve, reject) => {
    ask((error, response) => {
      if (error === null || error === undefined) {
        // There is one exactly where there is no error.
        resolve(response as Response);
      } else {
        reject(new CallError(error));
      }
    });
  });
}
